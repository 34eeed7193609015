import GitOpsTypes
import GitStore
import PromotionDomain

/// Where the branches are that hold what environments run, those of environments that are gone among them.
struct EnvironmentBranches: Sendable {
    private let remote: GitRemote
    private let target: BranchName
    /// Where a push that is being judged would move branches.
    private let proposed: [BranchName: CommitID]
    private let present: Set<BranchName>

    init(_ workspace: Workspace, proposed: [BranchName: CommitID], present: Policy?) {
        remote = workspace.remote
        target = workspace.targetBranch
        self.proposed = proposed
        self.present = Set(present?.environments.compactMap(\.branch) ?? []).union([workspace.targetBranch])
    }

    enum Place {
        /// Nil where the branch is missing.
        case tip(CommitID?)
        /// The environment is gone from the policy, and so is its branch.
        case retired
    }

    func isOnTarget(_ environment: Environment) -> Bool { environment.branch ?? target == target }

    func tip(of environment: Environment, _ objects: GitObjects) throws(GitError) -> CommitID? {
        let branch = environment.branch ?? target
        if let tip = proposed[branch] { return tip }
        return try objects.commit(atRef: remote.localRef(of: branch))
    }

    func place(of environment: Environment, _ objects: GitObjects) throws(GitError) -> Place {
        let tip = try tip(of: environment, objects)
        if tip == nil, !present.contains(environment.branch ?? target) { return .retired }
        return .tip(tip)
    }
}
