import Crypto
public import GitOpsTypes
public import PromotionDomain

/// What an auditor keeps of a ledger, to find out later whether anything before it was changed or taken away.
public struct LedgerCheckpoint: Hashable, Sendable {
    public let application: ApplicationName
    public let head: CommitID
    /// How many commits there are up to it.
    public let count: Int
    /// SHA-256, in hexadecimal, over the ids of all commits up to the head, oldest first, each followed by a line feed.
    public let hash: String

    public init(application: ApplicationName, head: CommitID, count: Int, hash: String) {
        self.application = application
        self.head = head
        self.count = count
        self.hash = hash
    }

    /// - Parameter commits: the ledger's, oldest first, `head` last.
    public init(application: ApplicationName, head: CommitID, commits: some Collection<CommitID>) {
        self.init(application: application, head: head, count: commits.count, hash: Self.hash(of: commits))
    }

    /// What keeps a ledger with these commits from being a continuation of `checkpoint`; nil when it is one.
    public static func problem(_ checkpoint: LedgerCheckpoint, in commits: [CommitID]) -> String? {
        guard commits.count >= checkpoint.count else {
            return "it has \(commits.count) commits, and the checkpoint has \(checkpoint.count)"
        }
        let part = commits.prefix(checkpoint.count)
        guard part.last == checkpoint.head, hash(of: part) == checkpoint.hash else {
            return "its first \(checkpoint.count) commits are not those of the checkpoint, which ends in \(checkpoint.head.short)"
        }
        return nil
    }

    private static func hash(of commits: some Collection<CommitID>) -> String {
        var digest = SHA256()
        for commit in commits { digest.update(data: Array("\(commit.hex)\n".utf8)) }
        return digest.finalize().hexadecimal
    }
}
