import GitOpsTypes
import GitStore
import Kustomize
import PromotionDomain

/// Finds the applications of a policy's sets by what is in trees.
struct ApplicationFinder: Sendable {
    let session: Session

    /// The policy with what its sets have where environments are now. What is on a branch that is missing is not found.
    ///
    /// - Parameter commit: where the target branch is.
    func found(_ policy: Policy, targetAt commit: CommitID) async throws -> Policy {
        guard !policy.sets.isEmpty else { return policy }
        let target = session.workspace.targetBranch
        var trees: [BranchName: TreeID] = [:]
        for branch in Set(policy.environments.map({ session.branch(of: $0) })) {
            let head = if branch == target { commit } else { try await session.workspace.remote.head(of: branch) }
            guard let tip = head else { continue }
            trees[branch] = try await session.workspace.repository.scratch { try $0.tree(of: tip) }
        }
        return try await found(policy) { trees[$0].map { [$0] } ?? [] }
    }

    /// The same with what is on a branch in some trees, and nothing besides.
    func found(_ policy: Policy, on branch: BranchName, in trees: [TreeID]) async throws -> Policy {
        guard !policy.sets.isEmpty else { return policy }
        return try await found(policy) { $0 == branch ? trees : [] }
    }

    private func found(_ policy: Policy, _ trees: (BranchName) -> [TreeID]) async throws -> Policy {
        let places = policy.environments.map { (environment: $0.name, trees: trees(session.branch(of: $0))) }
        return try await session.workspace.repository.scratch { objects in
            var found: [String: [ApplicationName]] = [:]
            for set in policy.sets {
                var names: Set<ApplicationName> = []
                for (environment, trees) in places where set.model.has(environment) {
                    for tree in trees {
                        try Self.find(set, environment, GitTreeFiles(objects: objects, tree: tree), &names)
                    }
                }
                found[set.name] = names.sorted()
            }
            return policy.adding(found)
        }
    }

    private static func find(
        _ set: ApplicationSet, _ environment: EnvironmentName, _ files: GitTreeFiles, _ names: inout Set<ApplicationName>
    ) throws {
        guard let folder = set.locator.folder(in: environment) else { return }
        for entry in try files.names(in: folder.path) ?? [] {
            guard let name = folder.name(of: entry), !names.contains(name),
                try files.entry(at: set.locator.path(application: name, environment: environment)) != .missing
            else { continue }
            names.insert(name)
        }
    }
}
