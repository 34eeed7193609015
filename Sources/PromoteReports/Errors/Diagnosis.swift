import GitOpsTypes
import GitStore
import ImageRegistry
import Kustomize
import ManifestRendering
import PromotionConfiguration
public import PromotionDomain
import PromotionEngine
import PromotionForge
import PromotionPlanning
import PromotionProjection
import Secrets

/// An error as its user meets it: exit status, rule, message, what to do. The only place where errors become that.
public struct Diagnosis: Sendable {
    public let status: ExitStatus
    public let message: String
    public let rule: Rule?
    public var hint: String?
    public let checks: [Check]

    public init(_ error: any Error) {
        switch error {
        case let refusal as Refusal: self.init(refusal)
        case let error as EngineError: self.init(error)
        case let error as ConfigurationError: self.init(.badInput, error.description, hint: error.hint)
        case let error as PlanningError: self.init(.badInput, error.description, hint: error.hint)
        case let error as KustomizeError:
            let place = error.position.map { "\(error.path):\($0)" } ?? error.path.description
            self.init(.badInput, "\(place): \(error.message)", hint: error.hint)
        case let error as RenderingError: self.init(.badInput, error.problem, hint: error.hint)
        case let error as RendererUnavailable: self.init(.unavailable, error.message, hint: error.hint)
        case let error as GitError:
            self.init(Self.status(of: error.code), "cannot \(error.operation): \(error.detail)", hint: error.hint)
        case let error as ForgeError: self.init(.unavailable, error.reason, hint: Self.hint(for: error))
        case let error as RegistryError: self.init(.unavailable, error.reason, hint: Self.hint(for: error))
        case let error as StateStoreError:
            self.init(
                .unavailable, "the state store \(error.path) cannot be used: \(error.detail)",
                hint: "it may be deleted: it is read anew from the ledger")
        case let failure as UsageFailure: self.init(.usage, failure.message, hint: nil)
        default:
            self.init(
                .defect, "\(error)",
                hint: "this is a defect of promote; please report it with the command you typed")
        }
    }

    private init(_ status: ExitStatus, _ message: String, hint: String?, rule: Rule? = nil, checks: [Check] = []) {
        self.status = status
        self.message = message
        self.rule = rule
        self.hint = hint
        self.checks = checks
    }

    private init(_ refusal: Refusal) {
        self.init(
            refusal.isPending ? .tryAgain : .refused, refusal.message, hint: refusal.hint, rule: refusal.rule,
            checks: refusal.checks)
    }

    private init(_ error: EngineError) {
        switch error {
        case .usage(let text, let advice): self.init(.usage, text, hint: advice)
        case .configuration(let text, let advice): self.init(.badInput, text, hint: advice)
        case .raced(let text, let advice): self.init(.tryAgain, text, hint: advice)
        case .remoteRefused(let reasons, let unmet):
            let asked = unmet.map { "; \($0.what): \($0.remedy)" }.joined()
            self.init(
                .unavailable, "the remote refused the push: \(reasons.joined(separator: "; "))",
                hint: "a hook or a branch protection of the remote is in the way; nothing was changed\(asked)")
        }
    }
}

extension Diagnosis {
    private static func status(of code: GitError.Code) -> ExitStatus {
        switch code {
        case .notARepository: .usage
        case .remoteUnavailable, .remoteSilent: .unavailable
        case .refMoved, .locked: .tryAgain
        case .configuration, .signing, .notFound, .malformed: .badInput
        case .failed: .defect
        }
    }

    private static func hint(for error: ForgeError) -> String {
        switch error {
        case .unavailable: "nothing is lost: run the same command again; what was done is found again"
        case .rateLimited(let seconds): "run the same command again in \(seconds) seconds"
        case .unauthorized: "see `promote doctor` for which token is used and what it lacks"
        case .notFound: "check `repository` of the Forge in environments/, and what the token may see"
        case .alreadyOpen, .rejected, .malformed: "see `promote doctor`"
        }
    }

    private static func hint(for error: RegistryError) -> String {
        switch error {
        case .unavailable: "nothing is registered: run the same command again, or with --no-registry"
        case .rateLimited(_, let seconds): "run the same command again in \(seconds) seconds"
        case .unauthorized: "docker login, or skopeo login, for that registry"
        case .notFound, .untrustworthy, .malformed: "look at the registry: nothing is registered"
        }
    }
}

extension Diagnosis {
    /// What standard error gets, without a line break at its end.
    public func text(_ style: TextStyle) -> String {
        let what = rule.map { "\(status == .tryAgain ? "not yet" : "refused") (\($0))" } ?? "error"
        var lines = ["\(style.coloured(what, .red)): \(message.quotable)"]
        if !checks.isEmpty { lines += [""] + CheckText.lines(checks, style) + [""] }
        if let hint { lines.append("hint: \(hint.quotable)") }
        return lines.joined(separator: "\n")
    }

    /// What standard output gets under `--json`.
    ///
    /// - Throws: `EncodingError` where a value has no JSON.
    public func jsonText() throws -> String { try JSONText.pages(of: ErrorAnswer(error: .init(self))) }
}
