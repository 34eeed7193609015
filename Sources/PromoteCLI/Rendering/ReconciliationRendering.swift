import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// What a pass of `reconcile` did.
struct ReconciliationRendering {
    let steps: [ReconciliationStep]

    var json: JSONValue {
        .object([
            "steps": .array(
                steps.map { step in
                    .object([
                        "action": .string(step.action.rawValue), "application": .text(step.application),
                        "environment": .text(step.environment), "promotion": .text(step.promotion),
                        "release": .text(step.release), "detail": .string(step.detail.displayable),
                    ])
                })
        ])
    }

    var answer: Answer {
        var answer = Answer(json: json, text: text())
        if steps.contains(where: { $0.action == .violation }) { answer.failure = ReportedFailure(status: ExitStatus.refused) }
        return answer
    }

    private func text() -> String {
        guard !steps.isEmpty else { return "Nothing to do: everything is where it should be.\n" }
        return steps.map { Self.line($0) + "\n" }.joined()
    }

    static func line(_ step: ReconciliationStep) -> String {
        let place = step.environment.map { " into \($0)" } ?? ""
        let what =
            step.promotion.map { "\($0) (\(step.release?.text ?? "")\(place))" }
            ?? "\(step.release?.text ?? step.application?.text ?? "environments/")\(place)"
        let verb =
            switch step.action {
            case .registered: "found"
            case .promoted: "promoted"
            case .merged: "merged"
            case .branchDeleted: "cleared"
            case .waiting: "waiting"
            case .violation: "VIOLATION"
            case .stuck: "STUCK"
            }
        return "\(verb)  \(what): \(step.detail.displayable)"
    }
}
