import ArgumentParser
import GitOpsTypes
import PromoteComposition
import PromoteReports
import PromotionDomain
import PromotionEngine

/// `promote keys`
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Keys that prove who acts.", subcommands: [AddKeyCommand.self])
}

/// `promote keys add`
struct AddKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Sign with an SSH key, and list it in environments/allowed_signers.",
        discussion: """
            Takes the key that Git signs with, or one of ~/.ssh, or makes one; has Git sign with it in this repository; and adds \
            its line on a branch of its own, for the policy's approvers, or to the configuration that `init` has just written.

            promote keys add
            promote keys add --key ~/.ssh/id_ed25519.pub
            promote keys add --principal bob@example.org --key bob.pub
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The key, or its public half.", valueName: "file"))
    var key: String?

    @Option(help: ArgumentHelp("Whose it is, when it is not yours; needs --key.", valueName: "principal"))
    var principal: String?

    func validate() throws {
        if principal != nil, key == nil { throw ValidationError("--principal needs --key: the public half of their key") }
    }

    /// Git is set up first: what is proposed is signed with the key, too.
    func run() async throws {
        let setup = try await setup()
        try await EngineRun(global: global) { engine, _ in Answer(try await report(setup, engine)) }.run()
    }

    private func report(_ setup: SigningKeySetup, _ engine: PromotionEngine) async throws -> KeyReport {
        let place: KeyReport.Place =
            switch try await engine.list(setup.key, for: setup.principal) {
            case .known(let tip): .known(at: tip)
            case .proposed(let branch, let commit, let gate): .proposed(branch: branch, commit: commit, gate: gate)
            case .unconfigured: .workTree(isNew: try await setup.listInWorkTree(of: global.directory))
            }
        return KeyReport(
            principal: setup.principal, key: setup.key, file: setup.file, isNew: setup.isNew, settings: setup.settings,
            place: place, list: setup.list)
    }

    private func setup() async throws -> SigningKeySetup {
        guard let principal, let key else { return try await .own(in: global.directory, key: key) }
        guard let name = Principal(principal) else {
            throw EngineError.usage("“\(principal.displayable)” is not \(Principal.noun)", hint: nil)
        }
        return try await .other(name, key: key, in: global.directory)
    }
}
