import GitOpsTypes
import GitStore
import ImageRegistry
import Kustomize
import PromotionConfiguration
import PromotionDomain
import PromotionEngine
import PromotionForge
import PromotionPlanning
import PromotionProjection
import Secrets

/// The exit statuses of the command line, after sysexits.h where that has one.
enum ExitStatus {
    /// Differences were found, by a command that was asked to say so.
    static let differences: Int32 = 2
    static let usage: Int32 = 64
    static let badInput: Int32 = 65
    static let unavailable: Int32 = 69
    static let defect: Int32 = 70
    /// The answer's reader had closed the pipe: told by the status alone.
    static let unread: Int32 = 70
    static let tryAgain: Int32 = 75
    static let refused: Int32 = 77
}

/// An error as its user meets it: exit status, rule, message, what to do. The only place where errors become that.
struct Diagnosis {
    let status: Int32
    let message: String
    var rule: Rule?
    var hint: String?
    var checks: [Check] = []

    init(_ error: any Error) {
        switch error {
        case let refusal as Refusal:
            status = refusal.isPending ? ExitStatus.tryAgain : ExitStatus.refused
            message = refusal.message
            rule = refusal.rule
            hint = refusal.hint
            checks = refusal.checks
        case let error as EngineError:
            switch error {
            case .usage(let text, let advice): (status, message, hint) = (ExitStatus.usage, text, advice)
            case .configuration(let text, let advice): (status, message, hint) = (ExitStatus.badInput, text, advice)
            case .raced(let text, let advice): (status, message, hint) = (ExitStatus.tryAgain, text, advice)
            case .remoteRefused(let reasons, let unmet):
                (status, message) = (ExitStatus.unavailable, "the remote refused the push: \(reasons.joined(separator: "; "))")
                let asked = unmet.map { "; \($0.what): \($0.remedy)" }.joined()
                hint = "a hook or a branch protection of the remote is in the way; nothing was changed\(asked)"
            }
        case let error as ConfigurationError: (status, message, hint) = (ExitStatus.badInput, error.description, error.hint)
        case let error as PlanningError: (status, message, hint) = (ExitStatus.badInput, error.description, error.hint)
        case let error as KustomizeError:
            let place = error.position.map { "\(error.path):\($0)" } ?? error.path.description
            (status, message, hint) = (ExitStatus.badInput, "\(place): \(error.message)", error.hint)
        case let error as GitError:
            (message, hint) = ("cannot \(error.operation): \(error.detail)", error.hint)
            status =
                switch error.code {
                case .notARepository: ExitStatus.usage
                case .remoteUnavailable, .remoteSilent: ExitStatus.unavailable
                case .refMoved, .locked: ExitStatus.tryAgain
                case .configuration, .signing, .notFound, .malformed: ExitStatus.badInput
                case .failed: ExitStatus.defect
                }
        case let error as ForgeError:
            (status, message) = (ExitStatus.unavailable, error.reason)
            hint =
                switch error {
                case .unavailable: "nothing is lost: run the same command again; what was done is found again"
                case .rateLimited(let seconds): "run the same command again in \(seconds) seconds"
                case .unauthorized: "see `promote doctor` for which token is used and what it lacks"
                case .notFound: "check `repository` of the Forge in environments/, and what the token may see"
                case .alreadyOpen, .rejected, .malformed: "see `promote doctor`"
                }
        case let error as RegistryError:
            (status, message) = (ExitStatus.unavailable, error.reason)
            hint =
                switch error {
                case .unavailable: "nothing is registered: run the same command again, or with --no-registry"
                case .rateLimited(_, let seconds): "run the same command again in \(seconds) seconds"
                case .unauthorized: "docker login, or skopeo login, for that registry"
                case .notFound, .untrustworthy, .malformed: "look at the registry: nothing is registered"
                }
        case let error as StateStoreError:
            (status, message) = (ExitStatus.unavailable, "the state store \(error.path) cannot be used: \(error.detail)")
            hint = "it may be deleted: it is read anew from the ledger"
        case let failure as UsageFailure: (status, message) = (ExitStatus.usage, failure.message)
        default:
            (status, message) = (ExitStatus.defect, "\(error)")
            hint = "this is a defect of promote; please report it with the command you typed"
        }
    }

    /// The value of `error` under `--json`.
    var json: JSONValue {
        .object([
            "code": .number(Int(status)), "rule": .text(rule), "message": .string(message.quotable),
            "hint": .text(hint?.quotable),
            "checks": .array(checks.map(PromotionRendering.json)),
        ])
    }

    func text(_ terminal: Terminal) -> String {
        let what = rule.map { "\(status == ExitStatus.tryAgain ? "not yet" : "refused") (\($0))" } ?? "error"
        var lines = ["\(terminal.coloured(what, .red)): \(message.quotable)"]
        if !checks.isEmpty { lines += [""] + PromotionRendering.lines(checks, terminal) + [""] }
        if let hint { lines.append("hint: \(hint.quotable)") }
        return lines.joined(separator: "\n")
    }
}
