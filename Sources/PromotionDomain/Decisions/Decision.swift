public import GitOpsTypes

/// What a command decides on: what the ledger says, under which policy, for which actor, and when.
public struct DecisionFacts: Sendable {
    public let state: ApplicationState
    public let policy: Policy
    public let actor: Actor
    public let time: Timestamp

    public init(state: ApplicationState, policy: Policy, actor: Actor, time: Timestamp) {
        self.state = state
        self.policy = policy
        self.actor = actor
        self.time = time
    }

    /// Whether the actor's key is one that counts now.
    var isProven: Bool { Authorization(actor, under: policy, at: time).isProven }

    /// Whether a key that signed for a principal was revoked or has expired.
    func isEnded(_ key: String?, of principal: Principal) -> Bool {
        key.map { policy.hasEnded($0, of: principal, at: time) } ?? false
    }
}

/// What a command comes to.
public struct Decision<Answer: Sendable>: Sendable {
    /// The events that it appends; none where what it asks for is so already.
    public let events: [Event.Payload]
    /// What it answers, in the state with those events.
    public let answer: @Sendable (ApplicationState) -> Answer

    /// - Parameter events: whether each of them may be written is for admission to say.
    public init(_ events: [Event.Payload], answer: @escaping @Sendable (ApplicationState) -> Answer) {
        self.events = events
        self.answer = answer
    }

    /// Nothing is to be done.
    static func settled(_ answer: Answer) -> Decision { Decision([]) { _ in answer } }

    /// The same, with another answer.
    public func map<Other: Sendable>(_ transform: @escaping @Sendable (Answer) -> Other) -> Decision<Other> {
        Decision<Other>(events) { [answer] in transform(answer($0)) }
    }

    /// Whether anything is recorded.
    public var isNew: Bool { !events.isEmpty }
}

/// A command, decided on values alone. Commands are idempotent: what is so already is not recorded again.
///
/// Whether the actor may is decided once, by the admission of the events.
public protocol LedgerCommand: Sendable {
    associatedtype Answer: Sendable

    /// - Throws: `Refusal` where what is asked for makes no sense in the state, whatever the actor's roles.
    func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Answer>
}
