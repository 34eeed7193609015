import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger

/// Branches of the remote that keep ours from being made: Git cannot have one below another.
struct BlockingBranches: Sendable {
    let session: Session

    /// The branches of the remote whose first part is that of one of `wanted`, as the remote has them now.
    private func relatives(of wanted: [BranchName]) async throws -> [BranchName] {
        let roots = Set(
            wanted.compactMap { branch in branch.text.split(separator: "/").first.flatMap { BranchName(String($0)) } })
        if !session.workspace.isOffline { try await session.workspace.remote.fetch(branches: roots.sorted(), prefixes: []) }
        return try await session.workspace.remote.heads(below: "").keys.sorted()
    }

    /// - Throws: `EngineError.configuration` when a push of `updates` failed because of a branch in the way of one that it makes.
    func requireUnblocked(_ updates: [RefUpdate]) async throws {
        let made = updates.filter { $0.expected == nil && $0.new != nil }.map(\.branch)
        guard !made.isEmpty else { return }
        let present = try await relatives(of: made)
        for branch in made {
            guard let blocker = GuardedRefs.blockers(of: branch, among: present).first else { continue }
            throw EngineError.configuration(
                "the branch \(blocker) of \(session.workspace.remote.name) stands in the way of \(branch): Git cannot have both",
                hint: removal(of: blocker))
        }
    }

    private func removal(of blocker: BranchName) -> String {
        "git push \(session.workspace.remote.name) --delete \(blocker.ref) (keep what is on it under another name)"
    }

    /// Branches that are in the way, or would be, for `doctor`.
    func blockingFindings(_ snapshot: Snapshot) async throws -> [SetupFinding] {
        let desired = Set(snapshot.policy.environments.map { session.branch(of: $0) }).union([session.workspace.targetBranch])
        let refs = GuardedRefs(desiredState: desired, ledgers: session.workspace.ledgers)
        let wanted =
            snapshot.policy.environments.compactMap(\.branch) + [session.workspace.ledgers.branch(of: .environments)]
            + (BranchName(PromotionID.branchPrefix + "x").map { [$0] } ?? [])
        let known = Set(snapshot.policy.applications.map(\.name.text))
        let found = try await relatives(of: wanted).compactMap { branch -> SetupFinding? in
            guard let problem = refs.problem(with: branch.ref) else { return nil }
            let parts = branch.text.split(separator: "/").map(String.init)
            let isOfAnother = branch.text.hasPrefix(PromotionID.branchPrefix) && parts.count > 1 && !known.contains(parts[1])
            return SetupFinding(
                topic: "branch names", status: isOfAnother ? .warning : .problem, detail: problem.message,
                remedy: removal(of: branch))
        }
        return SetupFinding.bounded(found, topic: "branch names")
    }
}

extension SetupFinding {
    /// So many of one kind are told one by one.
    private static let shown = 10

    /// The first of `findings`, and how many more there are.
    static func bounded(_ findings: [SetupFinding], topic: String) -> [SetupFinding] {
        guard findings.count > shown else { return findings }
        let rest = findings.dropFirst(shown)
        let status: Status = rest.contains { $0.status == .problem } ? .problem : .warning
        return findings.prefix(shown) + [
            SetupFinding(topic: topic, status: status, detail: "and \(rest.count) more like it", remedy: nil)
        ]
    }
}
