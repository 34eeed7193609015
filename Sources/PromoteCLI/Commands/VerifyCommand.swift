import ArgumentParser
import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// `promote verify <env> --result passed|failed`
struct VerifyCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Record whether the release that an environment runs works there.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The environment.")
    var environment: String

    @Option(help: "passed or failed.")
    var result: VerificationResult

    @OptionGroup var selection: ReleaseSelection

    @Option(help: ArgumentHelp("What shows it: a URL, a note.", valueName: "url"))
    var evidence: String?

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        let report = try await engine.verify(
            VerificationRequest(
                environment: environment, application: selection.app, result: result.value, release: selection.release,
                evidence: evidence))
        return Answer(json: Self.json(report), text: Self.text(report))
    }

    private static func json(_ report: VerificationReport) -> JSONValue {
        let verification = report.verification
        return .object([
            "application": .text(report.application), "environment": .text(verification.environment),
            "release": .text(verification.release), "result": .string(verification.result.rawValue),
            "evidence": .text(verification.evidence), "by": .text(verification.by), "at": .text(verification.at),
            "created": .bool(report.created),
        ])
    }

    private static func text(_ report: VerificationReport) -> String {
        let verification = report.verification
        let what = "\(verification.release) \(verification.result.rawValue) in \(verification.environment)"
        var lines = [report.created ? "Recorded: \(what)" : "Nothing to do: it is recorded already that \(what)"]
        lines.append("  by \(verification.by) at \(verification.at)")
        if verification.result == .passed, let next = report.next.first {
            lines += ["", "next: promote \(verification.environment) \(next) --app \(report.application)"]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// The result as it is typed.
enum VerificationResult: String, ExpressibleByArgument, CaseIterable {
    case passed
    case failed

    var value: Verification.Result {
        switch self {
        case .passed: .passed
        case .failed: .failed
        }
    }
}
