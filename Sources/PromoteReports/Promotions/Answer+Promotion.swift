import PromotionDomain
public import PromotionEngine

extension Answer {
    /// A promotion, as `promote <from> <to>`, `approve`, `merge` and `show` answer it.
    public init(_ report: PromotionReport, _ style: TextStyle) {
        self.init(json: PromotionAnswer(report), text: PromotionText(report: report, style: style).text)
    }

    /// `promote plan`, and `--dry-run`: a plan is printed even when a check fails, which is what it is for, and the status says
    /// that one did.
    ///
    /// - Parameter unified: whether rendered manifests are shown as a unified diff.
    public init(plan report: PromotionReport, _ style: TextStyle, unified: Bool = false) {
        self.init(
            json: PromotionAnswer(plan: report), text: PromotionText(report: report, style: style, unified: unified).text,
            status: report.checks.failed.isEmpty ? .success : .refused)
    }
}

extension PromotionAnswer {
    /// With why it would not be carried out.
    init(plan report: PromotionReport) {
        self.init(report, refusal: report.checks.refusal(of: "not promoted", allowPending: true))
    }
}
