import GitOpsTypes
import PromoteReports

@testable import PromotionDomain
@testable import PromotionEngine

extension Sample {
    private static func intervention(_ action: InterventionReport.Action, isNew: Bool = true) -> Answer {
        Answer(InterventionReport(application: web, action: action, isNew: isNew))
    }

    static let operations: [AnswerSample] = [
        .init("held", "hold staging", intervention(.held(staging, hold))),
        .init("held-before", "hold staging", intervention(.held(staging, hold), isNew: false)),
        .init("resumed", "resume staging", intervention(.resumed(staging))),
        .init("resumed-before", "resume staging", intervention(.resumed(staging), isNew: false)),
        .init("yanked", "yank web-000000000000", intervention(.yanked(release().id, yank, runningIn: [staging, prod]))),
        .init("yanked-before", "yank web-000000000000", intervention(.yanked(release().id, yank, runningIn: []), isNew: false)),
        .init(
            "accepted", "accept prod",
            intervention(.accepted(prod, [violation], git(FoundImage(name: image, digest: digest("9")))))),
        .init("accepted-before", "accept prod", intervention(.accepted(prod, [], nil), isNew: false)),
        .init("frozen", "freeze prod", Answer(FreezeReport(environment: prod, freezes: [freeze], isNew: true))),
        .init("frozen-before", "freeze prod", Answer(FreezeReport(environment: prod, freezes: [freeze], isNew: false))),
        .init("thawed", "unfreeze prod", Answer(FreezeReport(environment: prod, freezes: [], isNew: true))),
        .init("thawed-before", "unfreeze prod", Answer(FreezeReport(environment: prod, freezes: [], isNew: false))),
        .init(
            "policy-accepted", "accept --policy",
            Answer(
                PolicyAcceptance(violations: [uncounted], uncountedTip: commit("e"), uncounted: uncounted))),
        .init(
            "policy-accepted-before", "accept --policy",
            Answer(PolicyAcceptance(violations: [], uncountedTip: nil, uncounted: nil))),
        .init("synced-nothing", "sync", Answer([SyncStep](), rewritten: [])),
        .init(
            "synced", "sync",
            Answer(
                [step(.merged, PromotionID(web, 3)), step(.violation, nil)],
                rewritten: [RewrittenHistory(what: "main has lost a commit", hint: "git push it again")])),
        .init("synced-policy", "sync", Answer([policyStep], rewritten: [])),
        .init("reconciled-nothing", "reconcile", Answer([ReconciliationStep]())),
        .init("reconciled", "reconcile", Answer(reconciled)),
    ]

    private static let uncounted = PolicyViolation(
        commit: commit("e"), detail: "bob is no approver", prospect: .unapprovable, isMerge: true)

    private static func step(_ action: SyncStep.Action, _ promotion: PromotionID?) -> SyncStep {
        SyncStep(
            action: action, application: web, environment: prod, promotion: promotion, commit: commit("d"),
            detail: "by bob@example.org")
    }

    private static let policyStep = SyncStep(
        action: .violation, application: nil, environment: nil, promotion: nil, commit: commit("e"), detail: "not approved",
        nextStep: "promote approve --change")

    private static let reconciled: [ReconciliationStep] = [
        ReconciliationStep(
            action: .promoted, application: web, environment: staging, promotion: PromotionID(web, 3), release: release().id,
            detail: "opened"),
        ReconciliationStep(
            action: .waiting, application: web, environment: prod, promotion: nil, release: release().id, detail: "waits for soak"
        ),
        ReconciliationStep(
            action: .violation, application: nil, environment: nil, promotion: nil, release: nil, detail: "not approved"),
    ]
}
