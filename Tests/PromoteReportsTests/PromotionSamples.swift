import GitOpsTypes
import PromoteReports

@testable import PromotionDomain
@testable import PromotionEngine
@testable import PromotionPlanning

extension Sample {
    static func promotion(_ state: Promotion.State = .open, emergency: String? = nil) -> Promotion {
        let branch = PromotionID(web, 3).branch(into: staging)
        var promotion = Promotion(
            number: 3, environment: staging, origin: .environment(dev), release: release().id,
            content: PromotionContent(branch: branch, base: commit("a"), head: commit("c"), rendered: "r"),
            requestedBy: alice, requestedAt: noon, requestKey: nil, emergency: emergency, state: state, pullRequest: nil)
        promotion.approvals = [
            Approval(by: bob, at: evening, head: commit("c"), rendered: "r", key: nil, review: nil, policyCommit: commit("a"))
        ]
        return promotion
    }

    static func report(
        _ promotion: Promotion?, _ action: PromotionReport.Action, _ checks: [Check] = [passing, asked],
        _ phase: PromotionPhase = .open, origin: PromotionOrigin = .environment(dev)
    ) -> PromotionReport {
        PromotionReport(
            application: web, promotion: promotion, phase: promotion == nil ? .planned : .recorded(phase), environment: staging,
            origin: origin, release: release(), checks: checks, plan: nil, action: action)
    }

    static let merge = Promotion.Merge(commit: commit("d"), by: bob, at: evening)
    static let closing = Promotion.Closing(reason: "not now", by: bob, at: evening)

    /// A plan, which is no promotion yet.
    static func plan(_ checks: [Check], besides more: String = "") -> PromotionReport {
        var report = report(nil, .planned, checks)
        let edit = PromotionPlan.FileEdit(
            path: path("overlays/staging/kustomization.yaml"), old: Array("images:\n- newTag: 1.4.1\n".utf8),
            new: Array("images:\n- newTag: 1.4.2\n".utf8))
        report.plan = PromotionPlan(
            place: .overlay(path("overlays/staging"), as: .standard), edits: [edit], diff: diff, images: [], rendered: "0123",
            manifests: manifests("1.4.2", besides: more))
        return report
    }

    static let promotions: [AnswerSample] = {
        var hosted = promotion()
        hosted.pullRequest = PullRequest(number: 7, url: "https://git.example/pulls/7", title: "Promote web", body: "body")
        hosted.rejections = [Rejection(by: alice, at: noon, head: commit("c"), reason: "too early")]
        return [
            .init("opened", "dev staging", Answer(report(promotion(), .opened(superseded: 2)), .plain)),
            .init("waiting", "show web-3", Answer(report(hosted, .shown, [pending]), .plain)),
            .init("failing", "show web-3", Answer(report(promotion(emergency: "fire"), .shown, [failing]), .plain)),
            .init("merged", "merge web-3", Answer(report(promotion(.merged(merge)), .merged, [], .merged), .plain)),
            .init("closed", "close web-3", Answer(report(promotion(.closed(closing)), .closed, [], .closed), .plain)),
            .init(
                "rollback-planned", "rollback staging --dry-run",
                Answer(plan: report(nil, .planned, [passing], origin: .environment(staging)), .plain)),
            .init("planned", "plan dev staging", Answer(plan: plan([passing, pending]), .plain)),
            .init("planned-unified", "plan dev staging", Answer(plan: plan([passing]), .plain, unified: true)),
            .init(
                "planned-unrendered", "plan dev staging",
                Answer(
                    plan: plan(
                        [passing],
                        besides:
                            "---\napiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: redis}\nspec: {chart: redis, version: 19.0.1, repo: 'https://charts.example'}\n"
                    ), .plain)),
            .init("planned-refused", "plan dev staging", Answer(plan: plan([passing, failing]), .plain)),
            .init(
                "several", "dev staging --all",
                Answer(
                    [
                        .promoted(report(promotion(), .opened(superseded: nil))), .planned(plan([failing])),
                        .failed(application: "api", Refusal(.builtOnce, "it was built twice", hint: "build once")),
                        .failed(application: "job", EngineError.usage("there is no application “job”", hint: nil)),
                    ], .plain)),
        ]
    }()

    /// What each action says of a promotion in its first line.
    static let headlines: [(PromotionReport.Action, String)] = [
        (.opened(superseded: nil), "Opened web-3: web-000000000000 from dev into staging"),
        (.alreadyOpen, "web-3 is open already: web-000000000000 from dev into staging"),
        (.alreadyThere, "Nothing to do: staging has web-000000000000 already"),
        (.approved, "Approved web-3: web-000000000000 from dev into staging"),
        (.alreadyApproved, "Nothing to do: you approved web-3 already"), (.revoked, "Revoked your approval of web-3"),
        (.nothingToRevoke, "Nothing to do: you have neither approved nor rejected web-3"),
        (.rejected, "Rejected web-3: it is not merged until you withdraw that"),
        (.alreadyRejected, "Nothing to do: you rejected web-3 already"), (.withdrawn, "Withdrew your rejection of web-3"),
        (.alreadyMerged, "Nothing to do: web-3 was merged already"), (.alreadyClosed, "Nothing to do: web-3 was closed already"),
    ]
}
