import ArgumentParser
import Foundation
import GitOpsTypes
import PromoteReports
import PromotionEngine
import PromotionLedger

/// `promote audit …`
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Read the ledgers as an auditor does: every event from the first on, judged afresh.",
        subcommands: [Verify.self, Export.self, Images.self, Skip.self])

    /// `promote audit skip <commit>`
    struct Skip: EngineCommand {
        static let configuration = CommandConfiguration(
            commandName: "skip",
            abstract: "Say, signed as an operator, that an event dated ahead does not count, so that everything goes on past it.")

        @OptionGroup var global: GlobalOptions

        @Argument(help: "The ledger's commit that holds the event, as `audit verify` names it.")
        var commit: String

        @Option(help: ArgumentHelp("Of this application, or _environments.", valueName: "app"))
        var app: String?

        @Option(help: "Why; it stays in the ledger.")
        var reason: String

        func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
            Answer(try await engine.skip(commit, application: app, reason: reason), reason: reason)
        }
    }

    /// `promote audit verify`
    struct Verify: EngineCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Judge every event again, and say what does not count and what is gone.",
            discussion: "Exits with status 77 when anything is found.")

        @OptionGroup var global: GlobalOptions

        @Option(help: ArgumentHelp("Of this application only.", valueName: "app"))
        var app: String?

        @Option(
            help: ArgumentHelp(
                "What `audit export` printed earlier: its checkpoints must still be part of the ledgers.", valueName: "file"))
        var checkpoint: String?

        func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
            Answer(audit: try await engine.audit(application: app, checkpoints: try checkpoints()))
        }

        private func checkpoints() throws -> [LedgerCheckpoint] {
            guard let checkpoint else { return [] }
            guard let data = FileManager.default.contents(atPath: checkpoint) else {
                throw EngineError.usage("there is no file “\(checkpoint.displayable)”", hint: nil)
            }
            let found = try AuditExport.checkpoints(in: data)
            guard !found.isEmpty else {
                throw EngineError.usage(
                    "“\(checkpoint.displayable)” has no checkpoint", hint: "make one with `promote audit export`")
            }
            return found
        }
    }

    /// `promote audit images`
    struct Images: EngineCommand {
        static let configuration = CommandConfiguration(
            commandName: "images",
            abstract: "Compare the ledgers with what registries have now, and with what environments render to.",
            discussion: """
                Exits with status 77 when an environment runs what no release has, or needs what is gone, and with 69 when a \
                registry did not answer.
                """)

        @OptionGroup var global: GlobalOptions

        @Option(help: ArgumentHelp("Of this application only.", valueName: "app"))
        var app: String?

        func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
            Answer(try await engine.auditImages(application: app))
        }
    }

    /// `promote audit export`
    struct Export: EngineCommand {
        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Print every event as one line of JSON, and a checkpoint to verify against later.")

        @OptionGroup var global: GlobalOptions

        @Option(help: ArgumentHelp("Of this application only.", valueName: "app"))
        var app: String?

        func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
            try Answer(export: await engine.audit(application: app))
        }
    }
}
