public import GitOpsTypes
import PromotionGates
public import PromotionModel

/// Folds records into the state of an application, judging each as it was when it was written.
public struct LedgerReplay {
    public private(set) var state: ApplicationState
    /// The time of the last event that was applied.
    public private(set) var lastTime: Timestamp?
    private var seenIDs: Set<String>

    /// - Parameters:
    ///   - state: where earlier records led.
    ///   - lastTime: the time of the last record before these.
    ///   - seenIDs: the ids of the events before these.
    public init(state: ApplicationState, lastTime: Timestamp?, seenIDs: Set<String>) {
        self.state = state
        self.lastTime = lastTime
        self.seenIDs = seenIDs
    }

    /// Judges `record` and applies it when it passes.
    ///
    /// - Parameter policy: the policy at a commit; nil when that is no commit of the configuration, or cannot be read.
    public mutating func add(_ record: LedgerRecord, policy: (CommitID) throws -> Policy?) rethrows -> JudgedRecord {
        let rejection = try judge(record, policy)
        if case .event(let event, let actor) = record.content {
            if let rejection {
                state.disregard(event, because: rejection)
            } else {
                state.apply(event, key: actor.keyFingerprint)
                lastTime = event.time
            }
            seenIDs.insert(event.id)
        }
        return JudgedRecord(commit: record.commit, content: record.content, rejection: rejection)
    }

    private func judge(_ record: LedgerRecord, _ policy: (CommitID) throws -> Policy?) rethrows -> String? {
        switch record.content {
        case .damaged(let reason): return reason
        case .event(let event, let actor):
            if seenIDs.contains(event.id) { return "the event \(event.id) is in the ledger already" }
            if let lastTime, event.time < lastTime { return "its time is before that of the event before it" }
            guard let policy = try policy(event.policyCommit) else {
                return "its policy commit \(event.policyCommit.short) has no policy that can be read"
            }
            do {
                try EventAdmission(state: state, policy: policy).admit(event, by: actor)
            } catch {
                return "\(error.rule): \(error.message)"
            }
            return nil
        }
    }
}
