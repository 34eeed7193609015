import ArgumentParser
import Foundation
import GitOpsTypes
import PromotionDomain
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
            let report = try await engine.skip(commit, application: app, reason: reason)
            let (application, skipped) = (report.application, report.event)
            return Answer(
                json: .object([
                    "application": .string(application.text), "skipped": .string(skipped.commit.hex),
                    "reason": .string(reason.displayable),
                ]),
                text:
                    "\(report.isNew ? "Skipped" : "Nothing to do: skipped already:") \(skipped.commit.short) in the ledger of \(application): "
                    + "\(skipped.event.summary(of: application).displayable)\n")
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

    /// `promote audit images`
    struct Images: EngineCommand {
        static let configuration = CommandConfiguration(
            commandName: "images",
            abstract: "Compare the ledgers with what registries have now, and with what environments render to.",
            discussion: """
                Exits with status 77 when an environment runs what no release has, or needs what is gone, and with 69 when \
                somebody who had to be asked did not answer.
                """)

        @OptionGroup var global: GlobalOptions

        @Option(help: ArgumentHelp("Of this application only.", valueName: "app"))
        var app: String?

        func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
            let findings = try await engine.auditImages(application: app)
            let json = JSONValue.object([
                "findings": .array(
                    findings.map { finding in
                        .object([
                            "kind": .string(finding.kind.rawValue), "violation": .bool(finding.kind.isViolation),
                            "application": .text(finding.application), "environment": .text(finding.environment),
                            "release": .text(finding.release), "detail": .string(finding.detail.displayable),
                        ])
                    })
            ])
            var table = TextTable()
            for finding in findings.sorted(by: { $0.kind.isViolation && !$1.kind.isViolation }) {
                let kind = finding.kind.isViolation ? finding.kind.rawValue.uppercased() : finding.kind.rawValue
                let place =
                    finding.release?.text ?? finding.environment.map { "\(finding.application) in \($0)" }
                    ?? finding.application.text
                table.add([kind, place, finding.detail.displayable])
            }
            var answer = Answer(
                json: json,
                text: findings.isEmpty
                    ? "Every image is where it should be\n" : table.lines().joined(separator: "\n") + "\n")
            if findings.contains(where: \.kind.isViolation) {
                answer.failure = ReportedFailure(status: ExitStatus.refused)
            } else if findings.contains(where: { $0.kind == .unknown }) {
                answer.failure = ReportedFailure(status: ExitStatus.unavailable)
            }
            return answer
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
