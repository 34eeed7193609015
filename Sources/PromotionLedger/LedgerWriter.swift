public import GitOpsTypes
public import GitStore
public import PromotionDomain

/// Makes the commits of new events. Nothing is published here: the ledger's branch moves when the commits are pushed.
public struct LedgerWriter {
    private let factory: CommitFactory

    public init(_ factory: CommitFactory) {
        self.factory = factory
    }

    /// Prepares one commit per event on top of `parent` (nil for a new ledger).
    ///
    /// - Parameter state: the state before the first event.
    /// - Returns: the commits, in the order of the events, in memory only.
    /// - Throws: `GitError`.
    public func prepare(
        _ events: [Event], on parent: CommitID?, from state: ApplicationState, committer: CommitIdentity
    ) async throws -> [PreparedCommit] {
        var state = state
        var commits: [PreparedCommit] = []
        var parent = parent
        for event in events {
            let bytes = try EventCoding().encode(event)
            state.apply(event, key: nil)
            let recipe = CommitRecipe(
                parents: parent.map { [$0] } ?? [],
                by: CommitIdentity(name: committer.name, email: committer.email, time: event.time),
                message: event.message(of: state.application, state: state)
            ) { objects in try objects.writeTree(of: [LedgerReader.eventFile: bytes]) }
            let commit = try await factory.prepare(recipe)
            commits.append(commit)
            parent = commit.id
        }
        return commits
    }
}
