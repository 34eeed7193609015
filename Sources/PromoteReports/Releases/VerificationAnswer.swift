import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// A verification as it was recorded, now or before.
struct VerificationAnswer: Encodable, Sendable {
    @Text var application: ApplicationName
    @Text var environment: EnvironmentName
    @Text var release: ReleaseID
    let result: String
    @TextOrNull var evidence: String?
    @Text var by: Principal
    @Text var at: Timestamp
    let created: Bool

    enum CodingKeys: String, CodingKey {
        case application
        case environment
        case release
        case result
        case evidence
        case by
        case at
        case created
    }

    init(_ report: VerificationReport) {
        let verification = report.verification
        application = report.application
        environment = verification.environment
        release = verification.release
        result = verification.result.rawValue
        evidence = verification.evidence
        by = verification.by
        at = verification.at
        created = report.created
    }
}

extension Answer {
    /// `promote verify`
    public init(_ report: VerificationReport) {
        let verification = report.verification
        let what = "\(verification.release) \(verification.result.rawValue) in \(verification.environment)"
        var lines = [report.created ? "Recorded: \(what)" : "Nothing to do: it is recorded already that \(what)"]
        lines.append("  by \(verification.by) at \(verification.at)")
        switch verification.result {
        case .passed:
            if let next = report.next.first {
                lines += ["", "next: promote \(verification.environment) \(next) --app \(report.application)"]
            }
        case .failed:
            lines += ["", "next: promote rollback \(verification.environment) --app \(report.application) --reason <why>"]
        }
        self.init(json: VerificationAnswer(report), text: lines.joined(separator: "\n") + "\n")
    }
}
