public import GitOpsTypes

/// What rules judge a promotion by, besides its content: may this release move into this environment, as far as it has come?
///
/// Plan, promote, explain, merge and the reading of the ledger all ask with these, so that they give the same answer.
public struct PromotionFacts: Sendable {
    public var policy: Policy
    public var state: ApplicationState
    public var environment: Environment
    public var release: ReleaseID
    public var origin: PromotionOrigin
    /// The promotion that is judged; nil while it is only planned.
    public var promotion: Promotion?
    public var time: Timestamp
    /// What may freeze the environment.
    public var freezes: [Freeze]
    /// Why rules that only make it wait are bypassed; nil in ordinary times.
    public var emergency: String?
    /// What was read of the reviews on a forge.
    public var reviews = ReviewReading.notAsked
    /// Whether what is asked of keys today is asked; false for what programs wrote that knew no better.
    public var isStrict = true
    /// Since when keys behind the evidence are revoked, by their fingerprints; what is missing is not known.
    public var revocations: [String: Revocation] = [:]
    /// False when a merge would render something else than what was approved, which voids every approval; true where that is not
    /// known.
    var isContentCurrent = true

    /// What is known of those who object on a forge. Their consent is in the ledger.
    public enum ReviewReading: Hashable, Sendable {
        case notAsked
        case objections([Objection])
        /// Whether there are objections is not known; a sentence says why.
        case unreadable(String)
    }

    /// An approver who asks for changes on a forge.
    public struct Objection: Hashable, Sendable {
        public let by: Principal
        /// A sentence for people.
        public let text: String

        public init(by: Principal, text: String) {
            self.by = by
            self.text = text
        }
    }

    /// Whether it goes back to what the environment ran before.
    var isRollback: Bool { origin.isRollback(into: environment.name) }

    /// Whose consent is needed.
    var approvals: ApprovalPolicy { environment.approvals(ofRollback: isRollback) }

    public init(
        policy: Policy, state: ApplicationState, environment: Environment, release: ReleaseID, origin: PromotionOrigin,
        promotion: Promotion?, time: Timestamp, freezes: [Freeze], emergency: String? = nil
    ) {
        self.freezes = freezes
        self.emergency = promotion == nil ? emergency : promotion?.emergency
        self.policy = policy
        self.state = state
        self.environment = environment
        self.release = release
        self.origin = origin
        self.promotion = promotion
        self.time = time
    }
}
