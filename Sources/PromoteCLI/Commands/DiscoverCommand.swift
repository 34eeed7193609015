import ArgumentParser
import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// `promote discover`
struct DiscoverCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "discover",
        abstract: "Look for new builds in registries, by each image's `select`, and register them as candidates.",
        discussion: "Nothing moves by it, and a release that is older than a registered one is never taken.")

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Of this application only.", valueName: "app"))
    var app: String?

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        let steps = try await engine.discover(application: app)
        let json = JSONValue.object([
            "steps": .array(
                steps.map { step in
                    .object([
                        "action": .string(step.action.rawValue), "application": .text(step.application),
                        "release": .text(step.release), "detail": .string(step.detail.displayable),
                    ])
                })
        ])
        var text = "Nothing to do: no application says how its builds are found (`select` in environments/)\n"
        if !steps.isEmpty {
            var table = TextTable()
            for step in steps {
                let verb = step.action == .stuck ? "STUCK" : step.action.rawValue
                table.add([verb, step.release?.text ?? step.application.text, step.detail.displayable])
            }
            var lines = table.lines()
            if let new = steps.first(where: { $0.action == .registered }) {
                lines += ["", "next: promote build <environment> --app \(new.application)"]
            }
            text = lines.joined(separator: "\n") + "\n"
        }
        return Answer(
            json: json, text: text,
            failure: steps.lazy.compactMap(\.failure).first.map { ReportedFailure(status: Diagnosis($0).status) })
    }
}
