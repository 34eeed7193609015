import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// What was done with other programs and on the forge.
struct SyncAnswer: Encodable, Sendable {
    let steps: [Step]

    enum CodingKeys: String, CodingKey {
        case steps
    }

    struct Step: Encodable, Sendable {
        let action: String
        @TextOrNull var application: ApplicationName?
        @TextOrNull var environment: EnvironmentName?
        @TextOrNull var promotion: PromotionID?
        @TextOrNull var commit: CommitID?
        let detail: String

        enum CodingKeys: String, CodingKey {
            case action
            case application
            case environment
            case promotion
            case commit
            case detail
        }

        init(_ step: SyncStep) {
            action = step.action.rawValue
            application = step.application
            environment = step.environment
            promotion = step.promotion
            commit = step.commit
            detail = step.detail.displayable
        }
    }
}

extension Answer {
    /// `promote sync`: refused where a violation was found.
    ///
    /// - Parameter rewritten: what the target branch has lost.
    public init(_ steps: [SyncStep], rewritten: [RewrittenHistory]) {
        self.init(
            json: SyncAnswer(steps: steps.map(SyncAnswer.Step.init)), text: SyncText(steps: steps).text,
            notices: rewritten.map(Self.notice(of:)),
            status: steps.contains { $0.action == .violation } ? .refused : .success)
    }
}

/// What `sync` found, for people.
struct SyncText {
    let steps: [SyncStep]

    var text: String {
        guard !steps.isEmpty else { return "Nothing to do: everything that was merged is known\n" }
        var table = TextTable()
        for step in steps {
            table.add([
                Self.verb(step.action), step.promotion?.description ?? step.commit?.short ?? "", Self.place(step),
                step.detail.displayable,
            ])
        }
        var lines = table.lines()
        if let violation = steps.first(where: { $0.action == .violation || $0.action == .takenBack }) {
            lines += [""] + Self.next(after: violation)
        }
        return lines.joined(separator: "\n") + "\n"
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
