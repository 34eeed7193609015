import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger

/// What became of a push.
enum PushResult {
    case done
    /// Another writer was faster, on this branch.
    case moved(BranchName)
    case refused(reasons: [String])
}

extension Session {
    /// Makes all of `updates` on the remote, or none; where the remote takes everything but that branches are deleted, all of
    /// the rest. A branch that is left over harms nothing, and what it was for is done.
    func push(_ updates: [RefUpdate]) async throws -> PushResult {
        guard let reasons = try await workspace.remote.push(updates) else { return .done }
        if let moved = try await movedBranch(updates) { return .moved(moved) }
        let kept = updates.filter { $0.new != nil }
        guard kept.count < updates.count, !kept.isEmpty else { return .refused(reasons: reasons) }
        if let reasons = try await workspace.remote.push(kept) {
            return try await movedBranch(updates).map { .moved($0) } ?? .refused(reasons: reasons)
        }
        for update in updates where update.new == nil {
            workspace.notice(
                "\(workspace.remote.name) does not let \(update.branch) be deleted (\(reasons.joined(separator: "; "))); it is of no more use: one who may delete it does so with git push \(workspace.remote.name) --delete \(update.branch)"
            )
        }
        return .done
    }

    /// The branch that had moved, where that is why a push was refused.
    private func movedBranch(_ updates: [RefUpdate]) async throws -> BranchName? {
        let names = updates.map(\.branch)
        try await workspace.remote.fetch(
            branches: [workspace.targetBranch] + names, prefixes: [workspace.ledgers.prefix, PromotionID.branchPrefix])
        for (update, name) in zip(updates, names) where try await workspace.remote.head(of: name) != update.expected {
            return name
        }
        return nil
    }
}
