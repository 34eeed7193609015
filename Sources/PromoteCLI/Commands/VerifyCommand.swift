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
        guard let pattern = selection.pattern else {
            return Answer(try await engine.verify(request(of: selection.app)))
        }
        guard selection.release == nil else { throw UsageFailure(message: "--release is of one application") }
        var outcomes: [VerificationOutcome] = []
        for application in try await engine.applicationNames(pattern, having: [environment]) {
            do {
                outcomes.append(.verified(try await engine.verify(request(of: application))))
            } catch {
                outcomes.append(.failed(application: application, error))
            }
        }
        return Answer(outcomes)
    }

    private func request(of application: String?) -> VerificationRequest {
        VerificationRequest(
            environment: environment, application: application, result: result.value, release: selection.release,
            evidence: evidence)
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
