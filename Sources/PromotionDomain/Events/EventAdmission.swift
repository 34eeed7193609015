public import GitOpsTypes

/// A merge that was made with another program, as its commit tells.
public struct ObservedMerge: Sendable {
    /// The commit's committer, and what its signature proves.
    public let merger: Actor
    public let at: Timestamp
    /// The tips of the target branch named by the promotion's approvals that have the merge already.
    public var late: Set<CommitID>

    public init(merger: Actor, at: Timestamp, late: Set<CommitID> = []) {
        self.merger = merger
        self.at = at
        self.late = late
    }
}

/// Whether an event may become part of an application's state: the same judgement when it is written and whenever it is read.
///
/// An event in the ledger that is refused here stays in the ledger and is never applied.
public struct EventAdmission {
    /// So far may clocks differ.
    public static let toleranceSeconds: Int64 = 300

    private let state: ApplicationState
    private let policy: Policy
    private let freezes: [Freeze]
    private let isStrict: Bool

    /// - Parameters:
    ///   - policy: the policy at the event's own policy commit.
    ///   - freezes: what may freeze the environment that an event changes.
    ///   - isStrict: false for what a program wrote that did not ask for keys as today's do.
    public init(state: ApplicationState, policy: Policy, freezes: [Freeze], isStrict: Bool = true) {
        self.isStrict = isStrict
        self.freezes = freezes
        self.state = state
        self.policy = policy
    }

    /// - Parameter observed: of an event that tells of a merge made with another program: who made the commit, and when.
    /// - Throws: `Refusal`.
    public func admit(_ event: Event, by actor: Actor, observed: ObservedMerge? = nil) throws(Refusal) {
        let context = AdmissionContext(
            state: state, policy: policy, freezes: freezes, isStrict: isStrict, actor: actor, time: event.time, observed: observed
        )
        if let problem = context.authorization.identityProblem { throw Refusal(.authorized, problem) }
        let happened = event.payload.event
        let type = type(of: happened)
        guard type.ledger.includes(state.application) else {
            throw Refusal(.ledgerIntact, "a \(type.type.rawValue) does not belong into the ledger of \(state.application)")
        }
        if type.ledger == .application { _ = try context.application() }
        try happened.admit(context)
    }

    /// Whether a text may stand in the ledger as a reason: it says something, in at most 1,000 bytes of UTF-8.
    public static func isReason(_ text: String) -> Bool {
        text.contains { !$0.isWhitespace } && text.utf8.count <= 1000
    }
}
