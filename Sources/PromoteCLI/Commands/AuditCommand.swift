import ArgumentParser
import Foundation
import GitOpsTypes
import PromotionEngine
import PromotionLedger
import PromotionModel

/// `promote audit …`
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Read the ledgers as an auditor does: every event from the first on, judged afresh.",
        subcommands: [Verify.self, Export.self])

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
            let audits = try await engine.audit(application: app, checkpoints: try checkpoints())
            let rendering = AuditRendering(audits: audits)
            var answer = Answer(json: rendering.json, text: rendering.text())
            if !audits.allSatisfy(\.isIntact) {
                answer.failure = ReportedFailure(status: ExitStatus.refused)
            }
            return answer
        }

        private func checkpoints() throws -> [LedgerCheckpoint] {
            guard let checkpoint else { return [] }
            let path = checkpoint.hasPrefix("/") ? checkpoint : "\(global.directory)/\(checkpoint)"
            guard let data = FileManager.default.contents(atPath: path) else {
                throw EngineError.usage("there is no file “\(checkpoint.displayable)”", hint: nil)
            }
            let found = try AuditRendering.checkpoints(in: data)
            guard !found.isEmpty else {
                throw EngineError.usage(
                    "“\(checkpoint.displayable)” has no checkpoint", hint: "make one with `promote audit export`")
            }
            return found
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
            let rendering = AuditRendering(audits: try await engine.audit(application: app))
            return Answer(json: rendering.json, text: try rendering.lines())
        }
    }
}
