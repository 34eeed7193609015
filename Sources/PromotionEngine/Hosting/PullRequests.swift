import FaultInjection
import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionForge
import PromotionPlanning
import PromotionProjection

/// The life of pull requests on a forge. The ledger leads: what it says is made true there, and nothing is believed of a pull
/// request but what can be read of it by its number.
struct PullRequests: Sendable {
    let session: Session
    let forge: any Forge

    /// Opens the pull request of a promotion that has none yet, and records it.
    ///
    /// What an earlier try left behind is found again by the promotion's branch and commit.
    ///
    /// - Parameter isFresh: whether the branch was made just now, so that nothing can be there.
    /// - Returns: the world with it.
    @discardableResult
    func openPullRequest(
        _ id: PromotionID, isFresh: Bool, _ snapshot: Snapshot
    ) async throws -> Snapshot {
        let state = try await session.ledger(of: id.application, snapshot).state
        let promotion = try requirePromotion(id, in: state)
        guard promotion.state == .requested, let environment = snapshot.policy.environment(promotion.environment) else {
            return snapshot
        }
        let application = try snapshot.policy.application(named: id.application.text)
        let checks = try await PromotionChecks(session: session).checks(
            of: promotion, in: ApplicationView(application, state, snapshot))
        let text = try await pullRequestText(of: promotion, environment, application, state, checks)
        let target = session.branch(of: environment)
        session.reach(.pullRequestOpening)
        var pullRequest: ForgePullRequest?
        if !isFresh { pullRequest = try await orphanedPullRequest(of: promotion, into: target) }
        let opened: ForgePullRequest
        if let pullRequest {
            opened = pullRequest
        } else {
            opened = try await open(
                NewPullRequest(
                    branch: promotion.content.branch, target: target,
                    title: draftMark(checks) + text.title, body: text.body))
        }
        session.reach(.pullRequestOpened)
        let done = try await session.transact(on: { _ in id.application }, from: snapshot) { _, ledger, _ -> Proposal<Void> in
            guard let present = ledger.state.promotion(id.number), present.state == .requested else {
                return Proposal { _ in }
            }
            let record = PullRequest(number: opened.number, url: opened.url, title: text.title, body: text.body)
            return Proposal(events: [.pullRequestOpened(.init(promotion: id.number, pullRequest: record))]) { _ in }
        }
        session.reach(.pullRequestRecorded)
        guard opened.state == .open else { return done.snapshot }
        // What is only for people's comfort stops nothing when it fails; the status is said again by the next command.
        let logins = snapshot.policy.forge.settings.map { settings in
            environment.approvals.from.principals.filter { $0 != promotion.requestedBy }.flatMap(settings.logins)
        }
        do throws(ForgeError) {
            try await forge.decorate(
                opened.number, labels: ["promote/\(environment.name)"],
                reviewers: environment.approvals.required > 0 ? logins ?? [] : [])
        } catch {}
        do {
            try await publish(id, checks, number: opened.number, promotion.content, text: nil)
        } catch is ForgeError {}
        return done.snapshot
    }

    /// Asks for a new pull request; one that is there already, or that came about although the answer was lost, is taken.
    private func open(_ request: NewPullRequest) async throws -> ForgePullRequest {
        do throws(ForgeError) {
            return try await forge.open(request)
        } catch {
            switch error {
            case .alreadyOpen, .unavailable(_, isUncertain: true), .malformed:
                if let found = try await forge.openPullRequest(from: request.branch, into: request.target) { return found }
                // Nothing came of it, so that asking once more makes no second one.
                if case .unavailable = error { return try await forge.open(request) }
                throw error
            case .unavailable, .rateLimited, .unauthorized, .notFound, .rejected: throw error
            }
        }
    }

    /// The pull request that an earlier command opened and could not record; nil when there is none.
    private func orphanedPullRequest(
        of promotion: Promotion, into target: BranchName
    ) async throws -> ForgePullRequest? {
        if let open = try await forge.openPullRequest(from: promotion.content.branch, into: target) { return open }
        // It may have been closed or merged since.
        return try await forge.pullRequests(of: promotion.content.head).first {
            $0.head == promotion.content.head && $0.target == target.text && $0.branch == promotion.content.branch.text
        }
    }

    /// The title and body as they are to be now.
    func pullRequestText(
        of promotion: Promotion, _ environment: Environment, _ application: Application, _ state: ApplicationState,
        _ checks: [Check]
    ) async throws -> PullRequestText {
        guard let release = state.release(promotion.release) else {
            throw Refusal(.builtOnce, "\(promotion.release) is not registered")
        }
        let inspection = session.inspection(of: application, in: environment.name)
        let plan = try await inspection.plan(release, at: promotion.content.base)
        return PullRequestText(
            id: PromotionID(application.name, promotion.number), release: release,
            replaced: state.deployment(in: environment.name)?.release,
            replacedBuild: state.deployment(in: environment.name).flatMap { state.release($0.release) }?.build,
            origin: promotion.origin, environment: environment.name,
            plan: plan, checks: checks,
            reason: promotion.isRollback ? state.holds[environment.name]?.reason ?? "see the ledger" : nil,
            emergency: promotion.emergency)
    }

    /// Says what the checks came to: the status that a branch's protection can require, and the body, where something changed
    /// since it was last said.
    ///
    /// - Parameter text: nil where the body is new.
    func publish(
        _ id: PromotionID, _ checks: [Check], number: Int, _ content: PromotionContent,
        text: PullRequestText?
    ) async throws {
        let obstacle = checks.first { $0.status == .fail } ?? checks.first { $0.status == .pending }
        let state: ForgeStatus.State =
            switch obstacle?.status {
            case .fail: .failure
            case .pending: .pending
            case .pass, nil: .success
            }
        let detail = obstacle.map { "\($0.rule): \($0.detail)" } ?? "every check passes: promote merge \(id)"
        let said = checks.map { "\($0.rule) \($0.status) \($0.detail)" }.joined(separator: "\n") + content.head.hex
        let topic = "said of \(forge.kind.rawValue) #\(number)"
        guard try session.workspace.store.forgeNote(topic)?.mark != said else { return }
        let status = ForgeStatus(name: GateStatus.name, state: state, detail: detail.displayable, url: nil, report: text?.body)
        do throws(ForgeError) {
            try await forge.report(status, on: content.head, of: content.branch)
        } catch {
            // Where statuses are required and this token may not write them, the forge will say so; `doctor` does before.
            switch error {
            case .unauthorized, .notFound, .rejected: break
            case .unavailable, .rateLimited, .malformed, .alreadyOpen: throw error
            }
        }
        if let text {
            try await forge.update(number, title: draftMark(checks) + text.title, body: text.body)
        }
        try session.workspace.store.noteForge(topic, mark: said)
    }

    /// What a title begins with while something is awaited that no approval clears.
    private func draftMark(_ checks: [Check]) -> String {
        let isEarly = checks.contains { $0.status == .pending && $0.rule != .approved }
        return isEarly ? forge.capabilities.draftPrefix ?? "" : ""
    }

    /// Closes the pull request of a promotion that is decided in the ledger, with a word why.
    func closePullRequest(_ number: Int, of application: ApplicationName, in state: ApplicationState)
        async throws
    {
        guard let promotion = state.promotion(number) else { return }
        guard let number = promotion.hostedNumber else { return }
        let id = PromotionID(application, promotion.number)
        let reason: String
        switch promotion.state {
        case .superseded(let next, _):
            let url = state.promotion(next)?.pullRequest?.url.map { ": \($0)" } ?? ""
            reason = "Superseded by \(PromotionID(application, next))\(url)"
        case .closed(let closing): reason = "Closed by \(closing.by): \(closing.reason.displayable)"
        case .requested, .open, .merged: return
        }
        let pullRequest = try await forge.pullRequest(number)
        guard pullRequest.merge == nil else { return }
        // Its branch is gone, and some forges close it for that; the word why is still missing.
        try await forge.comment(on: number, marker: "<!-- promote \(id) -->", text: reason)
        if pullRequest.state == .open { try await forge.close(number) }
    }
}
