import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// What a pass of `reconcile` did, or found that it cannot do.
struct ReconciliationAnswer: Encodable, Sendable {
    let steps: [Step]

    enum CodingKeys: String, CodingKey {
        case steps
    }

    struct Step: Encodable, Sendable {
        let action: String
        @TextOrNull var application: ApplicationName?
        @TextOrNull var environment: EnvironmentName?
        @TextOrNull var promotion: PromotionID?
        @TextOrNull var release: ReleaseID?
        let detail: String

        enum CodingKeys: String, CodingKey {
            case action
            case application
            case environment
            case promotion
            case release
            case detail
        }

        init(_ step: ReconciliationStep) {
            action = step.action.rawValue
            application = step.application
            environment = step.environment
            promotion = step.promotion
            release = step.release
            detail = step.detail.displayable
        }
    }
}

extension Answer {
    /// `promote reconcile`: refused where a violation was found.
    public init(_ steps: [ReconciliationStep]) {
        self.init(
            json: ReconciliationAnswer(steps: steps.map(ReconciliationAnswer.Step.init)),
            text: steps.isEmpty
                ? "Nothing to do: everything is where it should be.\n" : steps.map { $0.line + "\n" }.joined(),
            status: steps.contains { $0.action == .violation } ? .refused : .success)
    }
}

extension ReconciliationStep {
    /// The step for people, as `reconcile --watch` prints it too; without a line break.
    public var line: String {
        let place = environment.map { " into \($0)" } ?? ""
        let what =
            promotion.map { "\($0) (\(release?.text ?? "")\(place))" }
            ?? "\(release?.text ?? application?.text ?? "environments/")\(place)"
        return "\(verb)  \(what): \(detail.displayable)"
    }

    private var verb: String {
        switch action {
        case .registered: "found"
        case .promoted: "promoted"
        case .merged: "merged"
        case .branchDeleted: "cleared"
        case .waiting: "waiting"
        case .violation: "VIOLATION"
        case .stuck: "STUCK"
        }
    }
}
