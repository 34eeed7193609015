import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// Why a release is not moving.
struct ExplanationAnswer: Encodable, Sendable {
    @Text var application: ApplicationName
    @Text var environment: EnvironmentName
    @TextOrNull var promotion: PromotionID?
    @TextOrNull var release: ReleaseID?
    let summary: String
    let checks: [CheckAnswer]
    let tainted: Bool
    let violations: [ViolationAnswer]
    @OrNull var git: GitContentAnswer?

    enum CodingKeys: String, CodingKey {
        case application
        case environment
        case promotion
        case release
        case summary
        case checks
        case tainted
        case violations
        case git
    }

    init(_ explanation: Explanation) {
        let report = explanation.report
        application = explanation.application
        environment = explanation.environment
        promotion = report?.id
        release = report?.release.id
        summary = explanation.summary
        checks = report?.checks.map(CheckAnswer.init) ?? []
        tainted = !explanation.violations.isEmpty
        violations = explanation.violations.map(ViolationAnswer.init)
        git = explanation.git.map(GitContentAnswer.init)
    }
}

extension Answer {
    /// `promote explain`
    public init(_ explanation: Explanation, _ style: TextStyle) {
        self.init(json: ExplanationAnswer(explanation), text: Self.text(of: explanation, style))
    }

    private static func text(of explanation: Explanation, _ style: TextStyle) -> String {
        let name = "\(explanation.application) in \(explanation.environment)"
        var lines = StatusAlarms.lines(
            explanation.violations, explanation.git, explanation.environment, explanation.application)
        lines.append(style.coloured("\(name): \(explanation.summary.displayable)", .bold))
        guard let report = explanation.report else { return lines.joined(separator: "\n") + "\n" }
        let what = "\(report.release.id) from \(report.origin) into \(report.environment)"
        lines.append("  " + (report.id.map { "\($0) moves \(what)" } ?? what))
        if !report.checks.isEmpty { lines += [""] + CheckText.lines(report.checks, style) }
        let next =
            explanation.violations.isEmpty
            ? PromotionNextStep(report: report).command
            : "promote accept \(explanation.environment) --app \(explanation.application) --reason <why>; or take back what is there"
        if let next { lines += ["", "next: \(next)"] }
        return lines.joined(separator: "\n") + "\n"
    }
}
