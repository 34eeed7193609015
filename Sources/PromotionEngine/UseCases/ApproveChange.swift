import GitOpsTypes
import GitStore
import PromotionDomain

/// Consent to changes that are no promotions.
struct ApproveChange: Sendable {
    let session: Session

    /// Consents to a change that is no promotion: to its head, and to what that makes of each environment.
    ///
    /// - Parameter branch: the branch of environments that it goes to; nil for the target branch.
    func approveChange(_ text: String, on branch: String? = nil) async throws -> ChangeReport {
        try await decideOnChange(text, on: branch) { report, head, snapshot, state in
            if let failed = report.obstacle, failed.status == .fail {
                throw Refusal(
                    failed.rule, "not approved: \(failed.detail)", hint: Self.wayOut(of: failed, head, snapshot))
            }
            let results = report.entries.compactMap { entry in
                entry.rendered.map {
                    ChangeResult(application: entry.application, environment: entry.environment, rendered: $0)
                }
            }
            // One that was given while another policy counted is to be given again.
            let standing = try await ChangeGate(session: session).standing(
                state.standingApprovals(of: head), snapshot, nil)
            return try ApproveChangedContent(head, results: results, policy: report.policyTree, standing: standing).decide(
                snapshot.facts(state))
        }
    }

    /// What to do about a change that no approval makes right.
    private static func wayOut(of failed: Check, _ head: CommitID, _ snapshot: Snapshot) -> String {
        // What is on the branch already is amended no more.
        if let uncounted = snapshot.uncountedChange, uncounted.commit == head { return uncounted.nextStep }
        let who = failed.clearedBy.isEmpty ? "" : " (\(failed.clearedBy.joined(separator: ", ")))"
        return "no approval makes it right as it is: change it\(who), push it, and have its new head approved"
    }

    /// Takes one's approval of a change back.
    func revokeChange(_ text: String, on branch: String? = nil) async throws -> ChangeReport {
        try await decideOnChange(text, on: branch) { _, head, snapshot, state in
            try RevokeChangeApproval(of: head).decide(snapshot.facts(state))
        }
    }

    private func decideOnChange(
        _ text: String, on name: String?,
        _ decide: (ChangeReport, CommitID, Snapshot, ApplicationState) async throws -> Decision<Void>
    ) async throws -> ChangeReport {
        let head = try await CommitNames(session: session).commit(withID: text)
        let done = try await session.transact(on: { _ in .environments }) { snapshot, ledger, _ -> Proposal<Void> in
            let report = try await judgeForApproval(head, onto: try branch(named: name, snapshot.policy), snapshot)
            return Proposal(try await decide(report, head, snapshot, ledger.state)) { _, _ in }
        }
        return try await judgeForApproval(head, onto: try branch(named: name, done.snapshot.policy), done.snapshot)
    }

    /// What consent to `head` would be consent to: the change that it makes of a branch, which need not exist yet, or else the
    /// change of the policy that it made of the target branch already, and that does not count.
    private func judgeForApproval(
        _ head: CommitID, onto branch: BranchName, _ snapshot: Snapshot
    ) async throws -> ChangeReport {
        if branch == session.workspace.targetBranch, let base = try await baseOfUncounted(head, snapshot) {
            return try await ChangeGate(session: session).judge(from: base, to: head, on: branch, snapshot).ofPolicyAlone
        }
        let tip: CommitID
        if let known = try await session.workspace.remote.head(of: branch) {
            tip = known
        } else {
            tip = try await session.workspace.repository.scratch { try $0.emptyCommit() }
        }
        return try await ChangeGate(session: session).judge(from: tip, to: head, on: branch, snapshot)
    }

    /// The tip before a commit of the target branch that made `environments/` what it is, where that does not count.
    private func baseOfUncounted(_ head: CommitID, _ snapshot: Snapshot) async throws -> CommitID? {
        guard try await AcceptPolicyChange(session: session).isTipUncounted(snapshot) else { return nil }
        return snapshot.timeline.line.entries.last { $0.commit == head }?.predecessor
    }

    private func branch(named text: String?, _ policy: Policy) throws -> BranchName {
        guard let text else { return session.workspace.targetBranch }
        let known = Set(policy.environments.map { session.branch(of: $0) }).union([session.workspace.targetBranch]).sorted()
        if let branch = known.first(where: { $0.text == text }) { return branch }
        throw EngineError.usage(
            "no environment is on the branch “\(text.displayable)”", hint: suggestion(text, known.map(\.text)))
    }
}
