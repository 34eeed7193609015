import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionForge
import PromotionProjection

/// The gate as a required status check of pull requests.
struct PullRequestGate: Sendable {
    let session: Session

    /// Judges what merging a pull request would do.
    ///
    /// - Throws: `EngineError.usage` where there is no forge to ask, or nothing open to judge.
    func gate(pullRequest number: Int) async throws -> ChangeReport {
        let snapshot = try await session.refresh()
        guard let forge = try session.forge(snapshot.policy) else {
            throw EngineError.usage(
                "there is no forge to ask for #\(number)", hint: "name the commits instead: promote gate --base … --head …")
        }
        let pullRequest = try await forge.pullRequest(number)
        guard pullRequest.state == .open, let head = pullRequest.head else {
            throw EngineError.usage("#\(number) is not open: \(pullRequest.url)", hint: nil)
        }
        guard let target = BranchName(pullRequest.target), let base = try await tip(of: target, snapshot) else {
            throw EngineError.usage(
                "#\(number) goes into \(pullRequest.target.displayable), where no environment is", hint: nil)
        }
        if try await !session.workspace.repository.scratch({ try $0.has(head) }) {
            try await session.workspace.remote.fetch(ref: forge.headRef(of: number))
        }
        guard try await session.workspace.repository.scratch({ try $0.has(head) }) else {
            throw EngineError.raced("the head \(head.short) of #\(number) cannot be fetched", hint: "run the same command again")
        }
        return try await ChangeGate(session: session).judge(from: base, to: head, on: target, snapshot)
    }

    private func tip(of branch: BranchName, _ snapshot: Snapshot) async throws -> CommitID? {
        if branch == session.workspace.targetBranch { return snapshot.tip }
        return snapshot.policy.environments.contains { $0.branch == branch }
            ? try await session.workspace.remote.head(of: branch) : nil
    }

    /// Says on the pull request what was judged: a status, and a comment that is edited in place.
    ///
    /// - Parameter markdown: the report.
    func publish(_ report: ChangeReport, on number: Int, markdown: String) async throws {
        let snapshot = try await session.refresh()
        guard let forge = try session.forge(snapshot.policy) else { return }
        let pullRequest = try await forge.pullRequest(number)
        guard pullRequest.head == report.head, let branch = BranchName(pullRequest.branch ?? "pull-request") else {
            throw EngineError.raced("#\(number) moved while it was judged", hint: "run the same command again")
        }
        let state: ForgeStatus.State =
            switch report.verdict {
            case .pass: .success
            case .pending: .pending
            case .fail: .failure
            }
        let detail = report.obstacle.map { "\($0.rule): \($0.detail)" } ?? "nothing stands against it"
        let topic = "judged on \(forge.kind.rawValue) #\(number)"
        let said = "\(report.head.hex) \(state) \(detail)\n\(markdown)"
        guard try session.workspace.store.forgeNote(topic)?.mark != said else { return }
        let status = ForgeStatus(name: GateStatus.name, state: state, detail: detail.displayable, url: nil, report: markdown)
        try await forge.report(status, on: report.head, of: branch)
        try await forge.comment(on: number, marker: "<!-- promote gate -->", text: markdown)
        try session.workspace.store.noteForge(topic, mark: said)
    }
}
