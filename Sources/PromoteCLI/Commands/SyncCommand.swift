import ArgumentParser
import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// `promote sync`
struct SyncCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Look for what was done with other programs and on the forge, and record it, or what is wrong with it.",
        discussion: "Exits with status 77 when it finds a violation; what was found before is in `promote status`.")

    @OptionGroup var global: GlobalOptions

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        let steps = try await engine.sync()
        let json = JSONValue.object([
            "steps": .array(
                steps.map { step in
                    .object([
                        "action": .string(step.action.rawValue), "application": .text(step.application),
                        "environment": .text(step.environment), "promotion": .text(step.promotion), "commit": .text(step.commit),
                        "detail": .string(step.detail.displayable),
                    ])
                })
        ])
        let notices = try await engine.rewrittenHistory().map { "\($0.what)\nhint: \($0.hint)" }
        guard !steps.isEmpty else {
            return Answer(json: json, text: "Nothing to do: everything that was merged is known\n", notices: notices)
        }
        var table = TextTable()
        for step in steps {
            table.add([
                Self.verb(step.action), step.promotion?.description ?? step.commit?.short ?? "",
                Self.place(step), step.detail.displayable,
            ])
        }
        var lines = table.lines()
        if let violation = steps.first(where: { $0.action == .violation || $0.action == .takenBack }) {
            lines += [""] + Self.next(after: violation)
        }
        var answer = Answer(json: json, text: lines.joined(separator: "\n") + "\n", notices: notices)
        if steps.contains(where: { $0.action == .violation }) { answer.failure = ReportedFailure(status: ExitStatus.refused) }
        return answer
    }

    private static func next(after violation: SyncStep) -> [String] {
        let commit = violation.commit?.hex ?? "the commit"
        guard let environment = violation.environment else {
            return ["next: git show \(commit); until then it does not count:", "      \(violation.nextStep ?? "promote status")"]
        }
        return [
            "next: git show \(commit), then git revert it, or",
            "      promote accept \(environment) --app \(violation.application?.text ?? "") --reason …",
        ]
    }

    private static func place(_ step: SyncStep) -> String {
        guard let application = step.application, let environment = step.environment else {
            return step.action == .violation ? "environments/" : "-"
        }
        return "\(application) in \(environment)"
    }

    private static func verb(_ action: SyncStep.Action) -> String {
        switch action {
        case .violation: "VIOLATION"
        case .takenBack: "TAKEN BACK"
        case .stuck: "STUCK"
        case .merged, .opened, .reviewed, .closed, .waiting: action.rawValue
        }
    }
}
