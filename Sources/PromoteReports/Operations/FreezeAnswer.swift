import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// A stop of merges into an environment, of every application.
struct FreezeAnswer: Encodable, Sendable {
    let reason: String
    @Text var by: Principal
    @Text var at: Timestamp
    @TextOrNull var until: Timestamp?

    enum CodingKeys: String, CodingKey {
        case reason
        case by
        case at
        case until
    }

    init(_ freeze: Freeze) {
        reason = freeze.reason
        by = freeze.by
        at = freeze.at
        until = freeze.until
    }
}

/// What freezes an environment after the command.
struct FrozenEnvironmentAnswer: Encodable, Sendable {
    @Text var environment: EnvironmentName
    let created: Bool
    @OrNull var freeze: FreezeAnswer?

    enum CodingKeys: String, CodingKey {
        case environment
        case created
        case freeze
    }

    init(_ report: FreezeReport) {
        environment = report.environment
        created = report.isNew
        freeze = report.freezes.last.map(FreezeAnswer.init)
    }
}

extension Answer {
    /// `promote freeze` and `unfreeze`
    public init(_ report: FreezeReport) {
        self.init(json: FrozenEnvironmentAnswer(report), text: Self.text(of: report))
    }

    private static func text(of report: FreezeReport) -> String {
        let name = report.environment
        guard let freeze = report.freezes.last else {
            let what = report.isNew ? "Lifted: releases may move into \(name) again" : "Nothing to do: \(name) is not frozen"
            return "\(what)\n\nnext: promote status --env \(name)\n"
        }
        let end = freeze.until.map { "until \($0)" } ?? "until it is lifted"
        return
            (report.isNew ? "Froze \(name) \(end): nothing is merged into it" : "Nothing to do: \(name) is frozen \(end) already")
            + "\n\nnext: promote unfreeze \(name)\n"
    }
}
