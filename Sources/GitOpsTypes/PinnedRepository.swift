/// Another repository at one of its commits: what is there never changes.
public final class PinnedRepository: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// As Git is given it.
    public let address: String
    public let commit: CommitID

    public init(address: String, commit: CommitID) {
        self.address = address
        self.commit = commit
    }

    /// As a kustomization names it.
    public var description: String { "\(address)//?ref=\(commit.hex)" }

    public static func == (left: PinnedRepository, right: PinnedRepository) -> Bool {
        left === right || left.commit == right.commit && left.address.hasSameBytes(as: right.address)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(commit) }

    public static func < (left: PinnedRepository, right: PinnedRepository) -> Bool {
        guard left.address.hasSameBytes(as: right.address) else {
            return left.address.utf8.lexicographicallyPrecedes(right.address.utf8)
        }
        return left.commit < right.commit
    }
}
