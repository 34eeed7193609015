import GitOpsTypes
import GitStore

/// What the adversary got onto the remote: what has to count for no reader.
struct Intrusions: Sendable {
    /// An environment of an application.
    struct Place: Hashable, Sendable, CustomStringConvertible {
        let application: String
        let environment: String

        var description: String { "\(application) in \(environment)" }
    }

    /// By the branch that she pushed them to: her own commits, and others' that she put where they were not made for.
    private(set) var commits: [BranchName: Set<CommitID>] = [:]
    /// Where she brought what no release is, and did not put another line of first parents in the place of that since: what was
    /// there and was taken back before, nothing tells from a branch that was merged.
    private(set) var changed: Set<Place> = []
    /// The promotions' branches that she moved or deleted.
    private(set) var branches: Set<String> = []
    /// Whether the target branch lost what others had merged.
    private(set) var hasTakenBack = false
    /// How many pushes.
    private(set) var count = 0

    func contains(_ commit: CommitID, on branch: BranchName) -> Bool { commits[branch]?.contains(commit) == true }

    mutating func add(_ attack: Attack) {
        count += 1
        for (branch, ids) in attack.commits { commits[branch, default: []].formUnion(ids) }
        if attack.replacesLine { changed = [] }
        changed.formUnion(attack.changed)
        branches.formUnion(attack.updates.map(\.branch.text).filter { $0.hasPrefix("promotion/") })
        hasTakenBack = hasTakenBack || attack.takesBack
    }
}
