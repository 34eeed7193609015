public import GitOpsTypes
import PromotionDomain

/// The records of a ledger that say of another event, dated ahead of every clock, that it does not count.
///
/// A reader that stops in front of such an event looks for them in what follows.
public struct SkippingWords: Sendable {
    struct Word: Sendable {
        let commit: CommitID
        let skip: Event.EventSkipped
        let event: Event
        let actor: Actor
    }

    private let words: [CommitID: [Word]]

    /// - Parameter records: in the order of the ledger; those that are no such words are left out.
    public init(_ records: some Sequence<LedgerRecord>) {
        var words: [CommitID: [Word]] = [:]
        for record in records {
            guard case .event(let event, let actor) = record.content, case .eventSkipped(let skip) = event.payload else {
                continue
            }
            words[skip.commit, default: []].append(Word(commit: record.commit, skip: skip, event: event, actor: actor))
        }
        self.words = words
    }

    /// The words on the event of a commit, in the order of the ledger.
    func on(_ commit: CommitID) -> [Word] { words[commit] ?? [] }
}

extension LedgerRecord {
    /// The commit whose event it says does not count; nil where it is no such word.
    public var skipped: CommitID? {
        guard case .event(let event, _) = content, case .eventSkipped(let skip) = event.payload else { return nil }
        return skip.commit
    }
}
