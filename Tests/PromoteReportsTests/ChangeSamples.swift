import GitOpsTypes
import PromoteReports

@testable import PromotionDomain
@testable import PromotionEngine
@testable import PromotionPlanning

extension Sample {
    private static func entry(_ environment: EnvironmentName, _ check: Check, changed: Bool = true) -> ChangeReport.Entry {
        ChangeReport.Entry(
            application: web, environment: environment, isChanged: changed, check: check, promotion: nil,
            diff: changed ? diff : nil, rendered: nil, takenBack: nil)
    }

    private static func change(_ entries: [ChangeReport.Entry], policy: Check? = nil) -> ChangeReport {
        ChangeReport(base: commit("a"), head: commit("c"), entries: entries, policy: policy, policyTree: nil)
    }

    private static let merger = Check(.authorizedMerge, .fail, "a | b <script>", clearedBy: ["alice@example.org"])
    private static let untouched = Check(.authorizedMerge, .pass, "nothing changes")
    private static let unapproved = Check(.policyFromTarget, .pending, "waits for an approver", clearedBy: ["bob@example.org"])

    static let changes: [AnswerSample] = [
        .init("change-none", "gate", Answer(change([entry(dev, untouched, changed: false)]), as: .verdict(.plain))),
        .init(
            "change-pending", "gate",
            Answer(
                change([entry(dev, untouched, changed: false), entry(prod, pending)], policy: unapproved), as: .verdict(.plain))),
        .init("change-refused", "gate", Answer(change([entry(dev, passing), entry(prod, merger)]), as: .verdict(.plain))),
        .init(
            "change-markdown", "gate --markdown",
            Answer(change([entry(dev, passing), entry(prod, merger)], policy: unapproved), as: .markdown)),
        .init(
            "change-recorded", "approve --change cccc",
            Answer(change([entry(prod, pending)]), as: .recorded(.plain))),
        .init(
            "compared", "diff dev prod",
            Answer(
                ComparisonReport(
                    from: dev, to: prod, applications: [.init(name: web, diff: diff), .init(name: api, diff: same)],
                    step: (dev, prod)), .plain,
                unified: false, saysDifference: true)),
        .init(
            "compared-unified", "diff dev prod",
            Answer(
                ComparisonReport(from: dev, to: prod, applications: [.init(name: web, diff: diff)], step: (prod, dev)), .plain,
                unified: true,
                saysDifference: false)),
        .init(
            "compared-same", "diff dev prod",
            Answer(
                ComparisonReport(from: dev, to: prod, applications: [.init(name: web, diff: same)], step: nil), .plain,
                unified: false,
                saysDifference: true)),
        .init("rendered", "render base", Answer(manifests: "kind: Service\nname: \"a/b\"\n")),
        .init(
            "rendered-all", "render --all .",
            Answer(manifestsOf: [("overlays/dev", "kind: Service\n"), ("base", "kind: Pod\n")])),
    ]

    private static let same = RenderedDiff(from: manifests("1"), to: manifests("1"))

    /// A change with a difference that is longer than a forge takes for a comment.
    static let huge: ChangeReport = change(
        (0..<400).map { number in entry(make(EnvironmentName("env-\(number)")), passing) })
}
