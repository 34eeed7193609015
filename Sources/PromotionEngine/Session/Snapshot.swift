import GitOpsTypes
import PromotionDomain
import PromotionLedger

/// What is known at one moment: the tip of the target branch, its policy, and who acts.
struct Snapshot: Sendable {
    let tip: CommitID
    let policy: Policy
    let actor: Actor
    let time: Timestamp
    /// What froze environments, and when.
    let freezes: [Freeze]
    /// The last commit of the ledger that they are from; nil when there is none.
    let freezesHead: CommitID?
    /// Where the branch of that ledger is, which may be further on than what counts.
    let environmentsHead: CommitID?
    /// Which policy counts from where on.
    let timeline: PolicyTimeline
    /// Changes of the policy that do not count and stand in the ledger.
    let recordedPolicyViolations: [Violation]
    /// Whether it is enough that the policy that counts can be read, whatever is at the tip.
    let mayBeUnreadable: Bool

    /// The commit that the configuration was adopted with.
    var adoption: CommitID? { timeline.history.steps.first?.commit }

    /// Changes of the policy that do not count and that no operator has accepted, oldest first.
    var openPolicyViolations: [PolicyViolation] {
        let accepted = Set(recordedPolicyViolations.filter { $0.accepted != nil }.map(\.commit))
        return timeline.history.violations.filter { !accepted.contains($0.commit) }
    }

    /// The change of the policy that is at the tip and does not count; nil where what is there counts.
    var uncountedChange: PolicyViolation? {
        timeline.history.violations.last.flatMap { $0.prospect == .replaced ? nil : $0 }
    }

    /// What a command decides on, with a ledger.
    func facts(_ state: ApplicationState) -> DecisionFacts {
        DecisionFacts(state: state, policy: policy, actor: actor, time: time)
    }
}

/// How much of a ledger a question needs.
enum LedgerExtent: Sendable {
    case everything
    /// What runs where, what is open, and what is needed to judge that.
    case present
}

/// What operators say, further on in a ledger, of events that are dated ahead.
struct KnownSkips: Sendable {
    var words: [LedgerRecord] = []
    /// The words by which an event was passed over.
    var standing: Set<CommitID> = []
}

/// The ledger of one application as last seen.
struct LedgerView: Sendable {
    let state: ApplicationState
    /// Nil when it has no event yet.
    let position: LedgerPosition?
    /// The event in front of which reading stopped, because its time has not come.
    let early: FutureDatedEvent?
    /// What is known of words that passed over events that are dated ahead.
    var skips = KnownSkips()

    /// The commit of the last event; nil when there is none.
    var head: CommitID? { position?.head }
}
