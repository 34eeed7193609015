import GitOpsTypes
import PromotionDomain
import SSHSignatures

/// A commit of a ledger as Git has it, before anything in it was read or believed.
///
/// To read it takes no repository, so that the records of a long ledger are verified on all cores.
public struct UnverifiedRecord: Sendable {
    let commit: CommitID
    let content: Content

    enum Content: Sendable {
        /// The bytes of `event.json`.
        case event([UInt8], CommitSignature?)
        /// Why there is none.
        case none(String)
    }

    /// The event, or why there is none, and what the signature proves.
    func verified() -> LedgerRecord {
        switch content {
        case .none(let reason): return LedgerRecord(commit: commit, content: .damaged(reason))
        case .event(let bytes, let signature):
            do {
                let event = try EventCoding().decode(bytes)
                return LedgerRecord(commit: commit, content: .event(event, by: Actor(event.actor, signature.proof)))
            } catch {
                guard let actor = error.newerBy else { return LedgerRecord(commit: commit, content: .damaged(error.reason)) }
                return LedgerRecord(commit: commit, content: .newer(error.reason, by: Actor(actor, signature.proof)))
            }
        }
    }
}

/// The signature of a commit, and what it is of.
struct CommitSignature: Sendable {
    let armored: String
    let signed: [UInt8]
}

extension CommitSignature? {
    /// What it proves of the committer.
    var proof: Actor.Proof {
        guard let self else { return .unsigned }
        do {
            let signature = try SSHSignature(armored: self.armored)
            guard signature.namespace == Authorization.namespace else {
                return .invalid("it is for the namespace “\(signature.namespace)”")
            }
            try signature.verify(self.signed)
            return .signed(signature.publicKey)
        } catch {
            switch error {
            case .malformed: return .invalid("it is not an SSH signature")
            case .unsupported(let what): return .invalid("\(what) is not supported")
            case .mismatch: return .invalid("it is not of this commit")
            }
        }
    }
}

extension [UnverifiedRecord] {
    /// So many are worth a task of their own: an event and its signature take about a tenth of a millisecond (Ed25519).
    private static let share = 64

    /// Each of them verified, in the same order.
    public func verified() async -> [LedgerRecord] {
        guard count > Self.share else { return map { $0.verified() } }
        return await withTaskGroup(of: (Int, [LedgerRecord]).self) { group in
            for start in stride(from: 0, to: count, by: Self.share) {
                let part = self[start..<Swift.min(start + Self.share, count)]
                group.addTask { (start, part.map { $0.verified() }) }
            }
            var parts: [Int: [LedgerRecord]] = [:]
            for await (start, records) in group { parts[start] = records }
            return stride(from: 0, to: count, by: Self.share).flatMap { parts[$0] ?? [] }
        }
    }
}
