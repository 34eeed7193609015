public import GitOpsTypes

/// One entry of the ledger: what happened, who says so, and under which policy.
public struct Event: Hashable, Sendable {
    /// A ULID: 26 characters, sortable by time.
    public let id: String
    public let time: Timestamp
    public let actor: Principal
    /// The tip of the target branch whose policy the event was decided under.
    public let policyCommit: CommitID
    /// The ledger it was written for; nil, and not in the ledger's text, in events of programs that did not write it.
    public let application: ApplicationName?
    public let payload: Payload

    public init(
        id: String, time: Timestamp, actor: Principal, policyCommit: CommitID, application: ApplicationName? = nil,
        payload: Payload
    ) {
        self.application = application
        self.id = id
        self.time = time
        self.actor = actor
        self.policyCommit = policyCommit
        self.payload = payload
    }

    public enum Payload: Hashable, Sendable {
        case releaseRegistered(ReleaseRegistered)
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

    public struct ReleaseRegistered: Hashable, Sendable, Codable {
        public let release: ReleaseID
        public let images: [ReleaseImage]
        public let build: BuildOrigin
        /// What their registries showed of the images; nil, and not in the ledger's text, where none was asked.
        public let records: [ImageRecord]?

        public init(release: ReleaseID, images: [ReleaseImage], build: BuildOrigin, records: [ImageRecord]? = nil) {
            self.records = records
            self.release = release
            self.images = images
            self.build = build
        }
    }

    public struct PromotionRequested: Hashable, Sendable, Codable {
        public let promotion: Int
        public let environment: EnvironmentName
        public let from: PromotionOrigin
        public let release: ReleaseID
        public let content: PromotionContent
        /// Why checks that only delay are passed over; nil, and not in the ledger's text, in ordinary times.
        public let emergency: String?

        public init(
            promotion: Int, environment: EnvironmentName, from: PromotionOrigin, release: ReleaseID, content: PromotionContent,
            emergency: String? = nil
        ) {
            self.emergency = emergency
            self.promotion = promotion
            self.environment = environment
            self.from = from
            self.release = release
            self.content = content
        }
    }

    public struct PullRequestOpened: Hashable, Sendable, Codable {
        public let promotion: Int
        public let pullRequest: PullRequest

        public init(promotion: Int, pullRequest: PullRequest) {
            self.promotion = promotion
            self.pullRequest = pullRequest
        }
    }

    /// Names everything the approval is for, so that it means nothing anywhere else.
    public struct PromotionApproved: Hashable, Sendable, Codable {
        public let application: ApplicationName
        public let promotion: Int
        public let environment: EnvironmentName
        public let release: ReleaseID
        public let head: CommitID
        public let rendered: String
        /// The review on the forge that it was given by; nil, and not in the ledger's text, for the actor's own.
        public let review: ForgeWord?

        public init(
            application: ApplicationName, promotion: Int, environment: EnvironmentName, release: ReleaseID, head: CommitID,
            rendered: String, review: ForgeWord? = nil
        ) {
            self.review = review
            self.application = application
            self.promotion = promotion
            self.environment = environment
            self.release = release
            self.head = head
            self.rendered = rendered
        }
    }

    public struct ApprovalRevoked: Hashable, Sendable, Codable {
        public let promotion: Int
        /// The review on the forge that was taken back; nil, and not in the ledger's text, for the actor's own approval.
        public let review: ForgeWord?

        public init(promotion: Int, review: ForgeWord? = nil) {
            self.promotion = promotion
            self.review = review
        }
    }

    public struct PromotionMerged: Hashable, Sendable, Codable {
        public let promotion: Int
        public let environment: EnvironmentName
        public let release: ReleaseID
        public let head: CommitID
        /// The merge commit on the target branch.
        public let commit: CommitID
        /// Whoever merged it with another program, proven by the commit; nil, and not in the ledger's text, for the actor.
        public let merger: Principal?
        /// Who merged it on the forge, where it was not the actor; nil, and not in the ledger's text, otherwise.
        public let onForge: ForgeWord?

        public init(
            promotion: Int, environment: EnvironmentName, release: ReleaseID, head: CommitID, commit: CommitID,
            merger: Principal? = nil, onForge: ForgeWord? = nil
        ) {
            self.onForge = onForge
            self.merger = merger
            self.promotion = promotion
            self.environment = environment
            self.release = release
            self.head = head
            self.commit = commit
        }
    }

    public struct PromotionClosed: Hashable, Sendable, Codable {
        public let promotion: Int
        public let reason: String
        /// The pull request that was closed on its forge, on an attestor's word; nil, and not in the ledger's text, where the
        /// actor closed it.
        public let onForge: ForgeClosing?

        public init(promotion: Int, reason: String, onForge: ForgeClosing? = nil) {
            self.onForge = onForge
            self.promotion = promotion
            self.reason = reason
        }
    }

    public struct PromotionSuperseded: Hashable, Sendable, Codable {
        public let promotion: Int
        public let by: Int

        public init(promotion: Int, by: Int) {
            self.promotion = promotion
            self.by = by
        }
    }

    public struct VerificationRecorded: Hashable, Sendable, Codable {
        public let environment: EnvironmentName
        public let release: ReleaseID
        public let result: Verification.Result
        public let evidence: String?

        public init(environment: EnvironmentName, release: ReleaseID, result: Verification.Result, evidence: String?) {
            self.environment = environment
            self.release = release
            self.result = result
            self.evidence = evidence
        }
    }
}

extension Event.Payload {
    /// The event's type as the ledger writes it.
    public var type: EventType {
        switch self {
        case .releaseRegistered: .releaseRegistered
        case .promotionRequested: .promotionRequested
        case .pullRequestOpened: .pullRequestOpened
        case .promotionApproved: .promotionApproved
        case .approvalRevoked: .approvalRevoked
        case .promotionRejected: .promotionRejected
        case .rejectionWithdrawn: .rejectionWithdrawn
        case .promotionMerged: .promotionMerged
        case .promotionClosed: .promotionClosed
        case .promotionSuperseded: .promotionSuperseded
        case .verificationRecorded: .verificationRecorded
        case .holdPlaced: .holdPlaced
        case .holdLifted: .holdLifted
        case .releaseYanked: .releaseYanked
        case .violationDetected: .violationDetected
        case .violationAccepted: .violationAccepted
        case .freezePlaced: .freezePlaced
        case .freezeLifted: .freezeLifted
        case .changeApproved: .changeApproved
        case .changeApprovalRevoked: .changeApprovalRevoked
        case .policyViolationDetected: .policyViolationDetected
        case .policyViolationAccepted: .policyViolationAccepted
        case .eventSkipped: .eventSkipped
        }
    }

    /// Whether it belongs to an environment rather than to an application, and so to a ledger of its own.
    public var isOfEnvironments: Bool {
        switch self {
        case .freezePlaced, .freezeLifted, .changeApproved, .changeApprovalRevoked, .policyViolationDetected,
            .policyViolationAccepted:
            true
        case .releaseRegistered, .promotionRequested, .pullRequestOpened, .promotionApproved, .approvalRevoked,
            .promotionRejected, .rejectionWithdrawn, .promotionMerged, .promotionClosed, .promotionSuperseded,
            .verificationRecorded, .holdPlaced, .holdLifted, .releaseYanked, .violationDetected, .violationAccepted,
            // Of whichever ledger has the event that it names.
            .eventSkipped:
            false
        }
    }

    /// The number of the promotion it is about.
    public var promotion: Int? {
        switch self {
        case .releaseRegistered, .verificationRecorded, .holdPlaced, .holdLifted, .releaseYanked, .violationDetected,
            .violationAccepted, .freezePlaced, .freezeLifted, .changeApproved, .changeApprovalRevoked,
            .policyViolationDetected, .policyViolationAccepted, .eventSkipped:
            nil
        case .promotionRequested(let event): event.promotion
        case .pullRequestOpened(let event): event.promotion
        case .promotionApproved(let event): event.promotion
        case .approvalRevoked(let event): event.promotion
        case .promotionRejected(let event): event.promotion
        case .rejectionWithdrawn(let event): event.promotion
        case .promotionMerged(let event): event.promotion
        case .promotionClosed(let event): event.promotion
        case .promotionSuperseded(let event): event.promotion
        }
    }
}

public enum EventType: String, Hashable, Sendable, Codable, CaseIterable {
    case releaseRegistered = "ReleaseRegistered"
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
}
