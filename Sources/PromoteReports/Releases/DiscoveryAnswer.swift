import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// What was found in registries, application by application.
struct DiscoveryAnswer: Encodable, Sendable {
    let steps: [Step]

    enum CodingKeys: String, CodingKey {
        case steps
    }

    struct Step: Encodable, Sendable {
        let action: String
        @Text var application: ApplicationName
        @TextOrNull var release: ReleaseID?
        let detail: String

        enum CodingKeys: String, CodingKey {
            case action
            case application
            case release
            case detail
        }

        init(_ step: DiscoveryStep) {
            action = step.action.rawValue
            application = step.application
            release = step.release
            detail = step.detail.displayable
        }
    }
}

extension Answer {
    /// `promote discover`: its status is that of the first application whose builds could not be looked for.
    public init(_ steps: [DiscoveryStep]) {
        self.init(
            json: DiscoveryAnswer(steps: steps.map(DiscoveryAnswer.Step.init)), text: Self.text(of: steps),
            status: steps.lazy.compactMap(\.failure).first.map { Diagnosis($0).status } ?? .success)
    }

    private static func text(of steps: [DiscoveryStep]) -> String {
        guard !steps.isEmpty else {
            return "Nothing to do: no application says how its builds are found (`select` in environments/)\n"
        }
        var table = TextTable()
        for step in steps {
            let verb = step.action == .stuck ? "STUCK" : step.action.rawValue
            table.add([verb, step.release?.text ?? step.application.text, step.detail.displayable])
        }
        var lines = table.lines()
        if let new = steps.first(where: { $0.action == .registered }) {
            lines += ["", "next: promote build <environment> --app \(new.application)"]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
