import GitOpsTypes
import PromoteReports
import RepositorySurvey

@testable import PromotionDomain
@testable import PromotionEngine

extension Sample {
    private static func programs(trusted: Bool) -> ProgramReport {
        let gate = ExternalGate(
            name: "scan", judge: .program(["scan", "it's"], files: [path("rules.txt")]), timeout: 60,
            definition: .init(path: path("environments/prod.yaml"), version: make(BlobID(String(repeating: "5", count: 40)))))
        let bare = ExternalGate(name: "lint", judge: .program(["lint"], files: []), timeout: 60)
        return ProgramReport(
            commit: commit("a"), branch: make(BranchName("main")),
            programs: [
                PolicyProgram(
                    environment: prod, purpose: .gate(gate.name), definition: gate.definition, command: ["scan", "it's", ""],
                    files: [(path("rules.txt"), String(repeating: "6", count: 40))], isTrusted: trusted, version: nil),
                PolicyProgram(
                    environment: dev, purpose: .gate(bare.name), definition: nil, command: ["lint"], files: nil, isTrusted: false,
                    version: nil),
            ])
    }

    private static let setupFiles = [
        (path: "environments/environments.yaml", content: "kind: Environment\n"),
        (path: "environments/allowed_signers", content: "# keys\n"),
    ]

    private static func setup(_ outcome: SetupReport.Outcome, files: [(path: String, content: String)]) -> SetupReport {
        SetupReport(
            outcome, in: "/srv/config", files: files,
            guesses: [Guess(about: "environment dev", because: "a name in the paths; it takes builds")],
            nextSteps: ["git add environments && git commit -m \"Start promoting\" && git push", "promote doctor"])
    }

    static let setUp: [AnswerSample] = [
        .init(
            "doctor-good", "doctor",
            Answer([SetupFinding(topic: "identity", status: .good, detail: "alice@example.org", remedy: nil)])),
        .init(
            "doctor-bad", "doctor",
            Answer([
                SetupFinding(topic: "identity", status: .problem, detail: "no key", remedy: "git config user.signingkey …"),
                SetupFinding(topic: "forge", status: .warning, detail: "main is not protected", remedy: "protect it"),
            ])),
        .init(
            "doctor-warned", "doctor",
            Answer([SetupFinding(topic: "forge", status: .warning, detail: "main is not protected", remedy: "protect it")])),
        .init("programs", "trust --dry-run", Answer(programs(trusted: true), permitted: false)),
        .init("programs-permitted", "trust", Answer(programs(trusted: false), permitted: true)),
        .init(
            "programs-none", "trust",
            Answer(ProgramReport(commit: commit("a"), branch: make(BranchName("main")), programs: []), permitted: true)),
        .init("started", "init", Answer(setup(.written, files: setupFiles))),
        .init("started-before", "init", Answer(setup(.complete, files: []))),
        .init(
            "started-dry", "init --dry-run",
            Answer(setup(.proposed(by: "promote init --team 'a b=x@example.org'"), files: setupFiles))),
        .init(
            "started-asked", "init",
            Answer(setup(.proposed(by: "promote init"), files: setupFiles), isAsked: true)),
        .init("hook", "hook install", Answer(hook: "/srv/config.git/hooks/pre-receive", isNew: true)),
        .init("hook-before", "hook install", Answer(hook: "/srv/config.git/hooks/pre-receive", isNew: false)),
        .init(
            "base", "fetch-base https://git.example/org/shared//?ref=\(commit("a").hex)",
            Answer(fetched: PinnedRepository(address: "https://git.example/org/shared", commit: commit("a")))),
        .init("rebuilt", "state rebuild", Answer(rebuilt: [(web, 12), (api, 0)])),
    ]
}
