import GitOpsTypes
import GitStore
import Synchronization

/// The commits that were the tip of a branch: its tip, the first parent of that, and so on.
///
/// It is walked only as far as somebody asks, and once, however many events name commits on it.
struct TargetLine: Sendable {
    private let tip: CommitID
    /// How many steps back from the tip each commit is that was walked over.
    private var steps: [CommitID: Int] = [:]
    private var next: CommitID?

    init(tip: CommitID) {
        self.tip = tip
        next = tip
    }

    /// How many steps back from the tip `commit` is; nil when it is not on the line.
    ///
    /// A commit that is not costs a walk to the beginning, the first time.
    mutating func distance(of commit: CommitID, _ objects: GitObjects) throws -> Int? {
        while steps[commit] == nil, let id = next {
            steps[id] = steps.count
            next = try objects.firstParent(of: id)
        }
        return steps[commit]
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
final class TargetLines: Sendable {
    private let lines = Mutex<[CommitID: TargetLine]>([:])

    func with<Result>(_ tip: CommitID, _ body: (inout TargetLine) throws -> Result) rethrows -> Result {
        try lines.withLock { try body(&$0[tip, default: TargetLine(tip: tip)]) }
    }
}
