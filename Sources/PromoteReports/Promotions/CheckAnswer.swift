import GitOpsTypes
import PromotionDomain

/// One rule evaluated, as every answer with checks has it.
struct CheckAnswer: Encodable, Sendable {
    @Text var rule: Rule
    let status: String
    let detail: String
    @TextOrNull var since: Timestamp?
    let clearedBy: [String]
    /// Only where a program was asked.
    let output: String?

    enum CodingKeys: String, CodingKey {
        case rule
        case status
        case detail
        case since
        case clearedBy
        case output
    }

    init(_ check: Check) {
        rule = check.rule
        status = check.status.rawValue
        detail = check.detail.displayable
        since = check.since
        clearedBy = check.clearedBy
        output = check.output
    }
}
