import GitOpsTypes
import ImageRegistry
import Kustomize
import PromoteReports
import PromotionConfiguration
import PromotionDomain
import PromotionEngine
import PromotionForge
import PromotionPlanning
import PromotionProjection
import Testing

@testable import GitStore

/// An error of each kind, and the golden of how it is told.
struct ErrorSample: Sendable, CustomTestStringConvertible {
    let name: String
    let error: any Error

    init(_ name: String, _ error: any Error) {
        self.name = "error-\(name)"
        self.error = error
    }

    var testDescription: String { name }

    /// Everything that the command line does with it: the exit status and both forms.
    func printed() throws -> String {
        let diagnosis = Diagnosis(error)
        return
            "exit status \(diagnosis.status.code)\n---- text\n\(diagnosis.text(.plain))\n---- json\n\(try diagnosis.jsonText())"
    }

    /// What no part of the program expects.
    private struct Surprise: Error, CustomStringConvertible {
        let description = "a surprise"
    }

    static let all: [ErrorSample] = rules + engine + files + outside

    private static let rules: [ErrorSample] = [
        .init(
            "refused",
            Refusal(.notHeld, "not promoted: staging is held", hint: "promote resume", checks: [Sample.failing, Sample.pending])),
        .init("not-yet", Refusal(.approved, "not merged: 1 of 2 approvals", checks: [Sample.pending], isPending: true)),
        .init("hostile-words", Refusal(.ledgerIntact, "an event says \u{1B}[2J\u{202E}this", hint: "a\nb")),
    ]

    private static let engine: [ErrorSample] = [
        .init("usage", UsageFailure(message: "name an environment")),
        .init("unknown-name", EngineError.usage("there is no environment “prdo”", hint: "did you mean prod?")),
        .init("configuration", EngineError.configuration("there is no remote", hint: "git remote add origin <url>")),
        .init("raced", EngineError.raced("web-3 was merged meanwhile", hint: nil)),
        .init(
            "remote-refused",
            EngineError.remoteRefused(
                reasons: ["pre-receive hook declined", "protected branch"],
                unmet: [PushReception.Remark(what: "it asks for signed pushes", remedy: "git config push.gpgSign true")])),
        .init("defect", Surprise()),
    ]

    private static let files: [ErrorSample] = [
        .init(
            "policy",
            ConfigurationError("soak is no duration", in: Sample.path("environments/prod.yaml"), hint: "write 2h or 3d")),
        .init("plan", PlanningError("no entry of images", in: Sample.path("overlays/prod/kustomization.yaml"), hint: "add one")),
        .init("render", KustomizeError(.missing, "there is no file web.yaml", in: Sample.path("base/kustomization.yaml"))),
        .init("store", StateStoreError(path: "/srv/state.db", detail: "disk full", isDamaged: false)),
    ]

    private static let outside: [ErrorSample] =
        [
            (GitError.Code.notARepository, "no-repository"), (.notFound, "git-not-found"), (.refMoved, "git-moved"),
            (.remoteUnavailable, "remote-unavailable"), (.remoteSilent, "remote-silent"), (.locked, "git-locked"),
            (.configuration, "git-configuration"), (.signing, "git-signing"), (.malformed, "git-malformed"),
            (.failed, "git-failed"),
        ].map { .init($1, GitError($0, "read refs/heads/main", "what Git said", hint: "what to do")) } + [
            .init("forge-unavailable", ForgeError.unavailable("no answer", isUncertain: true)),
            .init("forge-limited", ForgeError.rateLimited(seconds: 30)),
            .init("forge-unauthorized", ForgeError.unauthorized("the token is refused")),
            .init("forge-not-found", ForgeError.notFound("there is no o/r")),
            .init("forge-rejected", ForgeError.rejected(status: 422, "not mergeable")),
            .init("registry-unavailable", RegistryError.unavailable("no answer")),
            .init("registry-limited", RegistryError.rateLimited("registry.example", seconds: 30)),
            .init("registry-unauthorized", RegistryError.unauthorized("the token is refused")),
            .init("registry-not-found", RegistryError.notFound("there is no web:1")),
        ]
}
