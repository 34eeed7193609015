import ArgumentParser
import PromoteReports
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
        let request = VerificationRequest(
            environment: environment, application: selection.app, result: result.value, release: selection.release,
            evidence: evidence)
        return Answer(try await engine.verify(request))
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
