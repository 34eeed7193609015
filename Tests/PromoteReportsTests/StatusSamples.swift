import GitOpsTypes
import PromoteReports

@testable import PromotionDomain
@testable import PromotionEngine
@testable import PromotionProjection

extension Sample {
    static func status(
        _ name: EnvironmentName, _ phase: StatusReport.RunningPhase?, release: Release? = release(), open: PromotionReport? = nil,
        source: PromotionSource = .environments([dev], require: .all), promotion: Promotion? = nil
    ) -> StatusReport.EnvironmentStatus {
        StatusReport.EnvironmentStatus(
            name: name, release: release, phase: phase, unregistered: nil, git: nil, since: release.map { _ in noon }, open: open,
            source: source, promotion: promotion, hold: nil, yank: nil, violations: [], freeze: nil)
    }

    private static func matrix(
        _ statuses: [StatusReport.EnvironmentStatus], at time: Timestamp? = nil, newest: Release? = release()
    ) -> StatusReport {
        StatusReport(applications: [.init(name: web, environments: statuses, newest: newest)], time: time)
    }

    /// An environment with everything that can be wrong with one.
    private static let tainted = StatusReport.EnvironmentStatus(
        name: prod, release: release(), phase: .failed, unregistered: nil,
        git: git(FoundImage(name: image, text: "registry.example/web:latest")), since: noon, open: nil,
        source: .environments([staging], require: .all), promotion: nil, hold: hold, yank: yank, violations: [violation],
        freeze: freeze)

    /// An environment that runs what is no release, by an operator's word.
    private static let unregistered = StatusReport.EnvironmentStatus(
        name: staging, release: nil, phase: .unregistered,
        unregistered: UnregisteredContent(
            content: FoundContent(commit: commit("e"), images: [FoundImage(name: image, digest: digest("9"))]), by: alice,
            since: noon), git: nil, since: noon, open: nil, source: .build, promotion: nil, hold: nil, yank: nil, violations: [],
        freeze: nil)

    /// What Git has in prod, where the ledger says nothing.
    static func git(_ found: FoundImage) -> GitContent {
        GitContent(
            FoundContent(commit: commit("e"), images: [found]), in: prod,
            ApplicationState(application: web, releases: [release()]))
    }

    private static let loud: StatusReport = {
        var report = matrix([unregistered, tainted])
        report.policyViolations = "01234".map { digit in
            PolicyViolation(commit: commit(digit), detail: "not approved", prospect: .approvable, isMerge: digit == "4")
        }
        report.rewrittenHistory = [RewrittenHistory(what: "main has lost a commit", hint: "git push it again")]
        report.stops = [Refusal(.ledgerIntact, "an event is dated ahead", hint: nil)]
        return report
    }()

    static let statuses: [AnswerSample] = [
        .init("status-empty", "status", Answer(StatusReport(applications: [], time: nil))),
        .init("status-new", "status", Answer(matrix([status(dev, nil, release: nil, source: .build)], newest: nil))),
        .init(
            "status-moving", "status",
            Answer(
                matrix([
                    status(dev, .verified, source: .build),
                    status(staging, .merged, release: release("2"), open: report(promotion(), .shown, [passing, pending])),
                ]))),
        .init("status-loud", "status", Answer(loud)),
        .init(
            "status-past", "status --at 2026-11-21T18:30:00Z",
            Answer(
                matrix(
                    [
                        status(dev, .verified, promotion: promotion(.merged(merge))), status(staging, nil, release: nil),
                        status(prod, .accepted, open: report(promotion(), .shown)),
                    ], at: evening))),
        .init("history-empty", "history", Answer([HistoryEntry]())),
        .init("history", "history", Answer(events)),
        .init(
            "explained", "explain staging",
            Answer(
                Explanation(
                    application: web, environment: staging, report: report(promotion(), .shown, [failing, pending]),
                    summary: failing.obstacle, violations: [violation],
                    git: git(FoundImage(name: image, digest: digest("1")))), .plain)),
        .init(
            "explained-idle", "explain staging",
            Answer(
                Explanation(
                    application: web, environment: staging, report: nil, summary: "nothing of web is in dev yet", violations: [],
                    git: nil), .plain)),
    ]

    private static let events = [
        HistoryEntry(
            application: "web", commit: commit("f").hex, id: "01J", type: "PromotionMerged", time: noon, actor: bob.text,
            promotion: "web-3", release: release().id.text, environment: "staging", summary: "merged web-3", rejection: nil),
        HistoryEntry(
            application: "web", commit: commit("e").hex, id: nil, type: nil, time: nil, actor: nil, promotion: nil, release: nil,
            environment: nil, summary: "not an event", rejection: "no JSON"),
    ]
}
