import GitOpsTypes
import GitStore
import PromotionLedger
import Synchronization

/// The commits that were the tip of a branch: its tip, the first parent of that, and so on.
///
/// It is walked only as far as a question needs, and once, however many events name commits on it.
struct FirstParentHistory: Sendable {
    private let tip: CommitID
    /// The commits that were walked over, from the tip back.
    private var commits: [CommitID] = []
    /// How many steps back from the tip each of them is.
    private var steps: [CommitID: Int] = [:]
    private var isComplete = false

    init(tip: CommitID) { self.tip = tip }

    /// The commit that the branch was at before `commit`: its first parent.
    ///
    /// Where the history of the first parent never had `environments/` and another parent has, it is that other one: the
    /// configuration was not in the history that came first. Where it had and has not any more, it was taken away there.
    static func predecessor(of commit: CommitID, _ objects: GitObjects) throws(GitError) -> CommitID? {
        guard let parents = try objects.lineage(of: commit)?.parents, let first = parents.first else { return nil }
        guard parents.count > 1, try PolicyReader.version(at: first, objects) == nil else { return first }
        for parent in parents.dropFirst() where try PolicyReader.version(at: parent, objects) != nil {
            return try hadConfiguration(first, objects) ? first : parent
        }
        return first
    }

    private static func hadConfiguration(_ commit: CommitID, _ objects: GitObjects) throws(GitError) -> Bool {
        var next: CommitID? = commit
        while let id = next {
            if try PolicyReader.version(at: id, objects) != nil { return true }
            next = try objects.lineage(of: id)?.parents.first
        }
        return false
    }

    /// How many steps back from the tip `commit` is; nil when it is not on the line.
    ///
    /// A commit that is not costs a walk to the beginning, the first time.
    mutating func distance(of commit: CommitID, _ objects: GitObjects) throws -> Int? {
        while steps[commit] == nil, !isComplete { try walk(objects) }
        return steps[commit]
    }

    /// The commit that is so many steps back from the tip; nil before the beginning.
    mutating func commit(at distance: Int, _ objects: GitObjects) throws -> CommitID? {
        guard distance >= 0 else { return nil }
        while commits.count <= distance, !isComplete { try walk(objects) }
        return commits.indices.contains(distance) ? commits[distance] : nil
    }

    /// Whether `commit`, which is on the line, is `earlier`, which is on it too, or follows from it: the line is walked no
    /// further than to `commit`.
    mutating func isOnLine(_ commit: CommitID, atOrAfter earlier: CommitID, _ objects: GitObjects) throws -> Bool {
        guard let distance = try distance(of: commit, objects) else { return false }
        // What was not met on the way is further back.
        return steps[earlier].map { distance <= $0 } ?? true
    }

    private mutating func walk(_ objects: GitObjects) throws {
        // Not before it is asked for: what comes before the merge that brought the configuration takes a walk of its own to tell.
        let before = try commits.last.map { commit throws(GitError) in try Self.predecessor(of: commit, objects) }
        guard let id = before ?? tip else { return isComplete = true }
        steps[id] = commits.count
        commits.append(id)
    }

    /// Whether `commit` is `ancestor` or follows from it.
    ///
    /// On the line that is a comparison; off it, Git's graph is asked.
    mutating func isCommit(_ commit: CommitID, atOrAfter ancestor: CommitID, _ objects: GitObjects) throws -> Bool {
        if commit == ancestor { return true }
        if let later = try distance(of: commit, objects), let earlier = try distance(of: ancestor, objects) {
            return later <= earlier
        }
        return try objects.isCommit(commit, atOrAfter: ancestor)
    }

    /// Whether the branch contains `commit`.
    mutating func contains(_ commit: CommitID, _ objects: GitObjects) throws -> Bool {
        try isCommit(tip, atOrAfter: commit, objects)
    }
}

/// The lines of the branches that a process has to do with, by their tips.
final class FirstParentHistories: Sendable {
    private let lines = Mutex<[CommitID: FirstParentHistory]>([:])

    func with<Result>(_ tip: CommitID, _ body: (inout FirstParentHistory) throws -> Result) rethrows -> Result {
        try lines.withLock { try body(&$0[tip, default: FirstParentHistory(tip: tip)]) }
    }

    /// The commits from the line of `tip` to `commit`, oldest first, and where they leave it; nil where they never were on it.
    func detour(
        to commit: CommitID, fromLineOf tip: CommitID, _ objects: GitObjects
    ) throws -> (commits: [CommitID], base: CommitID?) {
        var commits: [CommitID] = []
        var next: CommitID? = commit
        while let id = next {
            if try with(tip, { try $0.distance(of: id, objects) }) != nil { return (commits.reversed(), id) }
            commits.append(id)
            next = try FirstParentHistory.predecessor(of: id, objects)
        }
        return (commits.reversed(), nil)
    }

    /// The last of `steps` that is at or before `commit`, which was a tip of the branch that is at `tip`; nil where it was none.
    func step(
        _ steps: [PolicyStep], at commit: CommitID, onLineOf tip: CommitID, _ objects: GitObjects
    ) throws -> PolicyStep? {
        try with(tip) { line in try steps.last { try line.isOnLine(commit, atOrAfter: $0.commit, objects) } }
    }
}
