import GitOpsTypes
import PromotionDomain
public import PromotionEngine
import PromotionLedger

/// An event that is dated ahead and that readers go on past.
struct SkipAnswer: Encodable, Sendable {
    @Text var application: ApplicationName
    let skipped: String
    let reason: String

    enum CodingKeys: String, CodingKey {
        case application
        case skipped
        case reason
    }
}

extension Answer {
    /// `promote audit skip`
    ///
    /// - Parameter reason: why, as the operator gave it.
    public init(_ report: SkipReport, reason: String) {
        let (application, skipped) = (report.application, report.event)
        self.init(
            json: SkipAnswer(application: application, skipped: skipped.commit.hex, reason: reason.displayable),
            text:
                "\(report.isNew ? "Skipped" : "Nothing to do: skipped already:") \(skipped.commit.short) in the ledger of \(application): "
                + "\(skipped.event.summary(of: application).displayable)\n")
    }
}
