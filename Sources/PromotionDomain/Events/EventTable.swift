// All types of events there are: each is a file of this folder, and has one line in each of these lists.

extension Event {
    /// What happened.
    public enum Payload: Hashable, Sendable {
        case releaseRegistered(ReleaseRegistered)
        case baselineRecorded(BaselineRecorded)
        case promotionRequested(PromotionRequested)
        case pullRequestOpened(PullRequestOpened)
        case promotionApproved(PromotionApproved)
        case approvalRevoked(ApprovalRevoked)
        case promotionRejected(PromotionRejected)
        case rejectionWithdrawn(RejectionWithdrawn)
        case promotionMerged(PromotionMerged)
        case promotionClosed(PromotionClosed)
        case promotionSuperseded(PromotionSuperseded)
        case verificationRecorded(VerificationRecorded)
        case holdPlaced(HoldPlaced)
        case holdLifted(HoldLifted)
        case releaseYanked(ReleaseYanked)
        case violationDetected(ViolationDetected)
        case violationAccepted(ViolationAccepted)
        case freezePlaced(FreezePlaced)
        case freezeLifted(FreezeLifted)
        case changeApproved(ChangeApproved)
        case changeApprovalRevoked(ChangeApprovalRevoked)
        case policyViolationDetected(PolicyViolationDetected)
        case policyViolationAccepted(PolicyViolationAccepted)
        case eventSkipped(EventSkipped)
    }
}

extension Event.Payload {
    /// The event itself, whichever it is.
    public var event: any LedgerEvent {
        switch self {
        case .releaseRegistered(let event): event
        case .baselineRecorded(let event): event
        case .promotionRequested(let event): event
        case .pullRequestOpened(let event): event
        case .promotionApproved(let event): event
        case .approvalRevoked(let event): event
        case .promotionRejected(let event): event
        case .rejectionWithdrawn(let event): event
        case .promotionMerged(let event): event
        case .promotionClosed(let event): event
        case .promotionSuperseded(let event): event
        case .verificationRecorded(let event): event
        case .holdPlaced(let event): event
        case .holdLifted(let event): event
        case .releaseYanked(let event): event
        case .violationDetected(let event): event
        case .violationAccepted(let event): event
        case .freezePlaced(let event): event
        case .freezeLifted(let event): event
        case .changeApproved(let event): event
        case .changeApprovalRevoked(let event): event
        case .policyViolationDetected(let event): event
        case .policyViolationAccepted(let event): event
        case .eventSkipped(let event): event
        }
    }

    /// The event's type as the ledger writes it.
    public var type: EventType { Swift.type(of: event).type }

    /// What it is about, as far as it names that itself.
    public var subject: EventSubject { event.subject }
}

/// The types of events, by the names that ledgers have for them.
public enum EventType: String, Hashable, Sendable, Codable, CaseIterable {
    case releaseRegistered = "ReleaseRegistered"
    case baselineRecorded = "BaselineRecorded"
    case promotionRequested = "PromotionRequested"
    case pullRequestOpened = "PullRequestOpened"
    case promotionApproved = "PromotionApproved"
    case approvalRevoked = "ApprovalRevoked"
    case promotionRejected = "PromotionRejected"
    case rejectionWithdrawn = "RejectionWithdrawn"
    case promotionMerged = "PromotionMerged"
    case promotionClosed = "PromotionClosed"
    case promotionSuperseded = "PromotionSuperseded"
    case verificationRecorded = "VerificationRecorded"
    case holdPlaced = "HoldPlaced"
    case holdLifted = "HoldLifted"
    case releaseYanked = "ReleaseYanked"
    case violationDetected = "ViolationDetected"
    case violationAccepted = "ViolationAccepted"
    case freezePlaced = "FreezePlaced"
    case freezeLifted = "FreezeLifted"
    case changeApproved = "ChangeApproved"
    case changeApprovalRevoked = "ChangeApprovalRevoked"
    case policyViolationDetected = "PolicyViolationDetected"
    case policyViolationAccepted = "PolicyViolationAccepted"
    case eventSkipped = "EventSkipped"

    /// What an event of this type is read as.
    public var payloadType: any LedgerEvent.Type {
        switch self {
        case .releaseRegistered: Event.ReleaseRegistered.self
        case .baselineRecorded: Event.BaselineRecorded.self
        case .promotionRequested: Event.PromotionRequested.self
        case .pullRequestOpened: Event.PullRequestOpened.self
        case .promotionApproved: Event.PromotionApproved.self
        case .approvalRevoked: Event.ApprovalRevoked.self
        case .promotionRejected: Event.PromotionRejected.self
        case .rejectionWithdrawn: Event.RejectionWithdrawn.self
        case .promotionMerged: Event.PromotionMerged.self
        case .promotionClosed: Event.PromotionClosed.self
        case .promotionSuperseded: Event.PromotionSuperseded.self
        case .verificationRecorded: Event.VerificationRecorded.self
        case .holdPlaced: Event.HoldPlaced.self
        case .holdLifted: Event.HoldLifted.self
        case .releaseYanked: Event.ReleaseYanked.self
        case .violationDetected: Event.ViolationDetected.self
        case .violationAccepted: Event.ViolationAccepted.self
        case .freezePlaced: Event.FreezePlaced.self
        case .freezeLifted: Event.FreezeLifted.self
        case .changeApproved: Event.ChangeApproved.self
        case .changeApprovalRevoked: Event.ChangeApprovalRevoked.self
        case .policyViolationDetected: Event.PolicyViolationDetected.self
        case .policyViolationAccepted: Event.PolicyViolationAccepted.self
        case .eventSkipped: Event.EventSkipped.self
        }
    }
}
