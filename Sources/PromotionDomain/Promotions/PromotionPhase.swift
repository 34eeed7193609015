/// What people call the state of a promotion.
public enum PromotionPhase: String, Hashable, Sendable, CaseIterable {
    case requested
    case open
    case merged
    case verified
    case failed
    case closed
    case superseded
}
