import GitOpsTypes
import GitStore
import PromotionLedger

/// Where the history of the target branch changes `environments/`: what decides which policy counts when.
struct PolicyLine: Hashable, Sendable, Codable {
    struct Entry: Hashable, Sendable, Codable {
        /// A commit that was the branch's tip.
        let commit: CommitID
        /// The tip before it; nil for the first commit of all.
        let predecessor: CommitID?
        /// What it makes of `environments/`; nil where it has none.
        let version: TreeID?
        /// What it merges that has another version than the tip before it, or had one off this line and has none any more.
        let joined: [CommitID]
    }

    let tip: CommitID
    /// Oldest first.
    let entries: [Entry]

    /// - Parameter known: the line of an earlier tip, so that only what came since is looked at; nil for none.
    init(tip: CommitID, from known: PolicyLine?, _ objects: GitObjects) throws {
        var walked: [CommitID] = []
        var next: CommitID? = tip
        while let id = next, id != known?.tip {
            walked.append(id)
            next = try FirstParentHistory.predecessor(of: id, objects)
        }
        // Where the line does not lead back to the earlier tip, it was walked to its beginning.
        let start = next == nil ? nil : known
        var entries = start?.entries ?? []
        var predecessor = start?.tip
        var version = try predecessor.flatMap { commit throws(GitError) in try PolicyReader.version(at: commit, objects) }
        var line = KnownLine(walked: Set(walked), tip: start == nil ? nil : tip)
        for commit in walked.reversed() {
            let found = try PolicyReader.version(at: commit, objects)
            let joined = try Self.joined(commit, predecessor, version, &line, objects)
            if found != version || !joined.isEmpty {
                entries.append(Entry(commit: commit, predecessor: predecessor, version: found, joined: joined))
            }
            (predecessor, version) = (commit, found)
        }
        self.tip = tip
        self.entries = entries
    }

    private static func joined(
        _ commit: CommitID, _ predecessor: CommitID?, _ version: TreeID?, _ line: inout KnownLine,
        _ objects: GitObjects
    ) throws -> [CommitID] {
        guard let parents = try objects.lineage(of: commit)?.parents, parents.count > 1 else { return [] }
        return try parents.filter { parent in
            guard parent != predecessor else { return false }
            let other = try PolicyReader.version(at: parent, objects)
            if let other, other != version { return true }
            // Of another beginning, what has the same configuration has it from elsewhere.
            let isRelated = try predecessor.map { try line.isRelated(parent, to: $0, objects) } ?? true
            return try (other == nil || !isRelated) && hadVersionElsewhere(parent, &line, objects)
        }
    }

    /// Whether a commit without `environments/` comes from where there were some, other than on the line.
    private static func hadVersionElsewhere(
        _ commit: CommitID, _ line: inout KnownLine, _ objects: GitObjects
    ) throws -> Bool {
        var next: CommitID? = commit
        while let id = next, try !line.contains(id, objects) {
            if try PolicyReader.version(at: id, objects) != nil { return true }
            next = try objects.lineage(of: id)?.parents.first
        }
        return false
    }
}

/// The commits of a line: those that were walked over, and before an earlier tip what has to be walked over to tell.
private struct KnownLine {
    private let walked: Set<CommitID>
    private var earlier: FirstParentHistory?

    /// - Parameter tip: of the line; nil where it was walked to its beginning.
    init(walked: Set<CommitID>, tip: CommitID?) {
        self.walked = walked
        earlier = tip.map(FirstParentHistory.init)
    }

    /// A branch has left the line within so many commits, or Git's graph is asked.
    private static let usualLength = 64

    /// Whether a merged commit has history in common with the line that it was merged into.
    func isRelated(_ commit: CommitID, to predecessor: CommitID, _ objects: GitObjects) throws -> Bool {
        var next: CommitID? = commit
        for _ in 0..<Self.usualLength {
            guard let id = next else { break }
            if walked.contains(id) { return true }
            next = try objects.lineage(of: id)?.parents.first
        }
        return try !objects.mergeBases(commit, predecessor).isEmpty
    }

    mutating func contains(_ commit: CommitID, _ objects: GitObjects) throws -> Bool {
        try walked.contains(commit) || earlier?.distance(of: commit, objects) != nil
    }
}
