public import FaultInjection
public import GitOpsTypes

/// How a commit comes about: its tree made by a function of the object database, so that the same commit can be made in
/// memory first, judged, and only then written for good.
public struct CommitRecipe: Sendable {
    public let tree: @Sendable (GitObjects) throws -> TreeID
    public let parents: [CommitID]
    public let identity: CommitIdentity
    public let message: String

    public init(
        parents: [CommitID], by identity: CommitIdentity, message: String,
        tree: @escaping @Sendable (GitObjects) throws -> TreeID
    ) {
        self.tree = tree
        self.parents = parents
        self.identity = identity
        self.message = message
    }
}

/// A commit that exists in memory only, signed where the actor signs.
public struct PreparedCommit: Sendable {
    public let id: CommitID
    public let signature: String?
    fileprivate let content: [UInt8]
    fileprivate let recipe: CommitRecipe
}

/// Makes commits in two steps: prepared in memory, then kept.
public struct CommitFactory: Sendable {
    private let repository: GitRepository
    private let signer: (any CommitSigning)?
    private let faults: FaultHook

    /// - Parameter signer: nil when the actor has no signing key.
    public init(repository: GitRepository, signer: (any CommitSigning)?, faults: FaultHook = .none) {
        self.faults = faults
        self.repository = repository
        self.signer = signer
    }

    /// Makes and signs the commit without writing anything to the repository.
    public func prepare(_ recipe: CommitRecipe) async throws -> PreparedCommit {
        let content = try await repository.scratch { objects in
            try objects.commitContent(
                CommitDraft(tree: recipe.tree(objects), parents: recipe.parents, by: recipe.identity, message: recipe.message))
        }
        faults.reach(.signing)
        let signature = try await signer?.sign(content)
        faults.reach(.signed)
        let id = try await repository.scratch { try $0.writeCommit(content, signature: signature) }
        return PreparedCommit(id: id, signature: signature, content: content, recipe: recipe)
    }

    /// Writes prepared commits to the repository. They are reachable only once a ref is moved to them.
    public func keep(_ commits: [PreparedCommit]) async throws {
        try await repository.durable { [faults] objects in
            for commit in commits {
                _ = try commit.recipe.tree(objects)
                faults.reach(.objectsKeeping)
                _ = try objects.writeCommit(commit.content, signature: commit.signature)
                faults.reach(.objectKept)
            }
        }
    }
}
