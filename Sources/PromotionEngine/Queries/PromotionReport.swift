public import PromotionDomain
public import PromotionPlanning

/// What a command about one promotion answers.
public struct PromotionReport: Sendable {
    public let application: ApplicationName
    /// Nil while it is only planned, or when there was nothing to promote.
    public let promotion: Promotion?
    public let phase: Phase
    public let environment: EnvironmentName
    public let origin: PromotionOrigin
    public let release: Release
    public let checks: [Check]
    /// The plan, where one was made.
    public internal(set) var plan: PromotionPlan?
    /// What older agents would make of the plan, where it was asked for.
    public internal(set) var releaseDifferences: [ReleaseDifference] = []
    /// What the command did, or why there was nothing to do.
    public let action: Action

    public enum Phase: Hashable, Sendable {
        case planned
        case recorded(PromotionPhase)
    }

    public enum Action: Hashable, Sendable {
        case planned
        case opened(superseded: Int?)
        /// The same promotion is open already.
        case alreadyOpen
        /// The environment has the release already.
        case alreadyThere
        case approved
        case alreadyApproved
        case revoked
        case nothingToRevoke
        case rejected
        case alreadyRejected
        /// A rejection was taken back.
        case withdrawn
        case merged
        case alreadyMerged
        case closed
        case alreadyClosed
        case shown
    }

    public var id: PromotionID? {
        promotion.map { PromotionID(application, $0.number) }
    }
}
