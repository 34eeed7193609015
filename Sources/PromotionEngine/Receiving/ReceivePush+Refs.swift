import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger

/// An update with the ref that it really moves, where what was pushed is another name of it.
struct ResolvedUpdate: Sendable {
    let pushed: String
    let update: ReceivedUpdate

    func refused(_ refusal: Refusal) -> ReceiveRefusal { ReceiveRefusal(ref: pushed, refusal: refusal) }
}

// Which refs a push is really of, and what the first push of all may bring.
extension ReceivePush {
    /// The updates by the refs that they move: Git gives a hook the name that was pushed to, also where that is a symbolic ref.
    func resolved(_ updates: [ReceivedUpdate]) async throws -> [ResolvedUpdate] {
        try await session.workspace.repository.scratch { objects in
            try updates.map { update in
                let ref = try objects.resolvedName(of: update.ref)
                return ResolvedUpdate(
                    pushed: update.ref, update: ReceivedUpdate(ref: ref, old: update.old, new: update.new))
            }
        }
    }

    /// The branches with desired state, as the repository really has them, with the names that the policy and Git's
    /// configuration have for each.
    func guardedBranches(_ policy: Policy) async throws -> [BranchName: [BranchName]] {
        let names = Set(policy.environments.map { session.branch(of: $0) }).union([session.workspace.targetBranch]).sorted()
        return try await session.workspace.repository.scratch { objects in
            var result: [BranchName: [BranchName]] = [:]
            for name in names {
                let ref = try objects.resolvedName(of: name.ref)
                guard let branch = BranchName(ref: ref) else {
                    throw EngineError.configuration(
                        "\(name) is a symbolic ref to \(ref.displayable), which is no branch",
                        hint: "git symbolic-ref --delete \(name.ref), and push the branch itself")
                }
                result[branch, default: []].append(name)
            }
            return result
        }
    }

    /// Judges a push into a repository without its target branch: it may bring that, into an empty repository, and nothing that
    /// only a policy could permit.
    func receiveFirst(_ updates: [ResolvedUpdate]) async throws -> [ReceiveRefusal] {
        let target = session.workspace.targetBranch
        let present = try await session.workspace.remote.heads(below: "").keys.sorted()
        guard present.isEmpty else {
            let likely = present.first { $0.text == "main" } ?? present.first { $0.text == "master" } ?? present[0]
            return Self.refused(
                updates,
                "the branch \(target) holds the policy by which pushes are judged, and it does not exist, while others do",
                hint: "on the server: git symbolic-ref HEAD \(likely.ref), or git config promote.branch \(likely)")
        }
        let made = updates.compactMap { $0.update.new == nil ? nil : BranchName(ref: $0.update.ref) }
        guard made.contains(target) else {
            return Self.refused(
                updates, "the first push makes the branch \(target), which holds the policy by which later ones are judged",
                hint: made.first.map {
                    "push \(target) first; or, on the server: git symbolic-ref HEAD \($0.ref), or git config promote.branch \($0)"
                } ?? "push \(target) first")
        }
        let refs = GuardedRefs(desiredState: [target], ledgers: session.workspace.ledgers)
        return updates.compactMap { item in
            switch refs.meaning(of: item.update.ref) {
            case .desiredState: nil
            case .ledger, .promotion:
                item.refused(
                    Refusal(
                        .policyFromTarget, "there is no policy yet by which it could be judged",
                        hint: "a repository with ledgers is moved by `git clone --mirror`, and `promote hook install` afterwards")
                )
            case .unguarded: refs.problem(with: item.update.ref).map(item.refused)
            }
        }
    }

    private static func refused(_ updates: [ResolvedUpdate], _ message: String, hint: String) -> [ReceiveRefusal] {
        updates.map { $0.refused(Refusal(.policyFromTarget, message, hint: hint)) }
    }
}
