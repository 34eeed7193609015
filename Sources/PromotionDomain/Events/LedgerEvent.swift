public import GitOpsTypes

/// One type of event: what it says, when it is admitted, and what becomes of the state.
///
/// Nothing here has a default, so that no type of event is admitted, written or shown without a decision. A new one is a file in
/// this folder and its lines in EventTable.swift. Its coding keys are what ledgers have for ever.
public protocol LedgerEvent: Hashable, Sendable, Codable {
    /// The name that ledgers have for it.
    static var type: EventType { get }
    /// The ledgers that it may be in.
    static var ledger: EventLedger { get }

    /// What it is about, as far as it names that itself.
    var subject: EventSubject { get }
    /// The same, as one of the events that there are.
    var payload: Event.Payload { get }

    /// One line for people, not yet bounded and escaped for display.
    func summary(of application: ApplicationName) -> String

    /// Decides whether it may become part of the state. That the actor is who they say, and that it is in the right ledger, is
    /// known by then.
    ///
    /// - Throws: `Refusal` when it may not.
    func admit(_ context: AdmissionContext) throws(Refusal)

    /// Makes it part of the state. Where it makes no sense in this state, nothing changes.
    func apply(to state: inout ApplicationState, _ origin: EventOrigin)
}

/// Which ledgers a type of event may be in.
public enum EventLedger: Hashable, Sendable {
    /// The ledger of one application.
    case application
    /// The ledger of all environments.
    case environments
    /// Either: it is about an event of the same ledger.
    case any

    /// Whether the ledger of that name is one of them.
    public func includes(_ ledger: ApplicationName) -> Bool {
        switch self {
        case .application: ledger != .environments
        case .environments: ledger == .environments
        case .any: true
        }
    }
}

/// What an event is about, as far as it names that itself.
public struct EventSubject: Hashable, Sendable {
    /// The promotion, by its number.
    public let promotion: Int?
    public let release: ReleaseID?
    public let environment: EnvironmentName?

    public init(promotion: Int? = nil, release: ReleaseID? = nil, environment: EnvironmentName? = nil) {
        self.promotion = promotion
        self.release = release
        self.environment = environment
    }
}

/// Who wrote an event, when, under which policy, and with which key.
public struct EventOrigin: Hashable, Sendable {
    public let actor: Principal
    public let time: Timestamp
    public let policyCommit: CommitID
    /// The fingerprint of the key that signed it; nil where none did.
    public let key: String?

    public init(of event: Event, key: String?) {
        actor = event.actor
        time = event.time
        policyCommit = event.policyCommit
        self.key = key
    }
}
