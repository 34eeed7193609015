import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// The matrix of applications and environments.
struct StatusAnswer: Encodable, Sendable {
    let applications: [Application]
    /// Only of the past.
    let at: Text<Timestamp>?
    /// Only where there are any, as `stops`.
    let policyViolations: [PolicyViolationAnswer]?
    let stops: [Stop]?

    enum CodingKeys: String, CodingKey {
        case applications
        case at
        case policyViolations
        case stops
    }

    init(_ report: StatusReport) {
        let isPast = report.time != nil
        applications = report.applications.map { application in
            Application(
                name: application.name,
                environments: application.environments.map { EnvironmentAnswer($0, application.name, isPast: isPast) })
        }
        at = report.time.map(Text.init)
        policyViolations = report.policyViolations.isEmpty ? nil : report.policyViolations.map(PolicyViolationAnswer.init)
        stops =
            report.stops.isEmpty
            ? nil : report.stops.map { Stop(message: $0.message.displayable, hint: $0.hint?.displayable) }
    }

    struct Application: Encodable, Sendable {
        @Text var name: ApplicationName
        let environments: [EnvironmentAnswer]

        enum CodingKeys: String, CodingKey {
            case name
            case environments
        }
    }

    /// Why what follows in a ledger is not read.
    struct Stop: Encodable, Sendable {
        let message: String
        @TextOrNull var hint: String?

        enum CodingKeys: String, CodingKey {
            case message
            case hint
        }
    }
}

extension Answer {
    /// `promote status`
    public init(_ report: StatusReport, _ style: TextStyle = .plain) {
        self.init(
            json: StatusAnswer(report), text: StatusText(report: report, style: style).text,
            notices: report.rewrittenHistory.map(Self.notice(of:))
                + report.stops.map {
                    "what follows in its ledger is not read yet: \($0.message.displayable)\nhint: \($0.hint?.displayable ?? "see promote doctor")"
                })
    }

    /// What is said beside an answer of a target branch that was rewritten.
    static func notice(of rewritten: RewrittenHistory) -> String { "\(rewritten.what)\nhint: \(rewritten.hint)" }
}
