import PromotionDomain
import Secrets

/// `{"error": …}`: what `--json` prints when a command does not do its work.
struct ErrorAnswer: Encodable, Sendable {
    let error: Body

    enum CodingKeys: String, CodingKey {
        case error
    }

    struct Body: Encodable, Sendable {
        let code: Int
        @TextOrNull var rule: Rule?
        let message: String
        @TextOrNull var hint: String?
        let checks: [CheckAnswer]

        enum CodingKeys: String, CodingKey {
            case code
            case rule
            case message
            case hint
            case checks
        }

        init(_ diagnosis: Diagnosis) {
            code = Int(diagnosis.status.code)
            rule = diagnosis.rule
            message = diagnosis.message.quotable
            hint = diagnosis.hint?.quotable
            checks = diagnosis.checks.map(CheckAnswer.init)
        }
    }
}
