import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// The ledgers beside what registries have and what environments render to.
struct ImageAuditAnswer: Encodable, Sendable {
    let findings: [Finding]

    enum CodingKeys: String, CodingKey {
        case findings
    }

    struct Finding: Encodable, Sendable {
        let kind: String
        let violation: Bool
        @Text var application: ApplicationName
        @TextOrNull var environment: EnvironmentName?
        @TextOrNull var release: ReleaseID?
        let detail: String

        enum CodingKeys: String, CodingKey {
            case kind
            case violation
            case application
            case environment
            case release
            case detail
        }

        init(_ finding: ImageFinding) {
            kind = finding.kind.rawValue
            violation = finding.kind.isViolation
            application = finding.application
            environment = finding.environment
            release = finding.release
            detail = finding.detail.displayable
        }
    }
}

extension Answer {
    /// `promote audit images`: refused where something is wrong, unavailable where a registry did not answer.
    public init(_ findings: [ImageFinding]) {
        self.init(
            json: ImageAuditAnswer(findings: findings.map(ImageAuditAnswer.Finding.init)), text: Self.text(of: findings),
            status: Self.status(of: findings))
    }

    private static func text(of findings: [ImageFinding]) -> String {
        guard !findings.isEmpty else { return "Every image is where it should be\n" }
        var table = TextTable()
        for finding in findings.sorted(by: { $0.kind.isViolation && !$1.kind.isViolation }) {
            let kind = finding.kind.isViolation ? finding.kind.rawValue.uppercased() : finding.kind.rawValue
            let place =
                finding.release?.text ?? finding.environment.map { "\(finding.application) in \($0)" } ?? finding.application.text
            table.add([kind, place, finding.detail.displayable])
        }
        return table.lines().joined(separator: "\n") + "\n"
    }

    private static func status(of findings: [ImageFinding]) -> ExitStatus {
        if findings.contains(where: \.kind.isViolation) { return .refused }
        return findings.contains { $0.kind == .unknown } ? .unavailable : .success
    }
}
