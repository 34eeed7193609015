import PromotionDomain

extension Doctor {
    /// What `doctor` has to say of approvals that cannot be given, as too few who may have keys: nothing gets there then.
    func quorumFindings(_ snapshot: Snapshot) -> [SetupFinding] {
        let policy = snapshot.policy
        // On a forge, reviews count of those whose accounts are known.
        guard policy.forge.settings == nil else { return [] }
        return unguarded(policy)
            + policy.environments.compactMap { environment in
                guard environment.approvals.required > 0, !policy.canGiveApprovals(of: environment) else { return nil }
                let approvers = policy.approversWithKeys(of: environment)
                let without = environment.approvals.from.principals.filter { !approvers.contains($0) }.map(\.text)
                return SetupFinding(
                    topic: "approvals", status: .problem,
                    detail: "\(environment.name) asks for \(environment.approvals.required) approvals, and of its approvers "
                        + (approvers.isEmpty
                            ? "none has a key"
                            : "\(approvers.map(\.text).joined(separator: ", ")) alone, who cannot approve what is their own"),
                    remedy: without.isEmpty
                        ? "list another approver, with a key: promote keys add"
                        : "each adds a key of theirs: promote keys add; missing: \(without.joined(separator: ", "))")
            }
    }

    /// The last environments of all, where everyone who can push may promote without an approval.
    private func unguarded(_ policy: Policy) -> [SetupFinding] {
        let sources = Set(policy.environments.flatMap(\.source.environments))
        return policy.environments.filter { environment in
            !sources.contains(environment.name) && environment.approvals.required == 0 && environment.promoters == .anyone
        }.map { environment in
            SetupFinding(
                topic: "approvals", status: .warning,
                detail: "everyone who can push may promote into \(environment.name), and no approval is asked for",
                remedy: "promoters and approvals of \(environment.name) in the configuration: docs/configuration.md#environment")
        }
    }
}
