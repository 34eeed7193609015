import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// What an operator did, as text and as JSON.
struct InterventionRendering {
    let report: InterventionReport

    var answer: Answer { Answer(json: json, text: text) }

    private var json: JSONValue {
        var fields: [String: JSONValue] = ["application": .text(report.application), "created": .bool(report.isNew)]
        switch report.action {
        case .held(let environment, let hold):
            fields["environment"] = .text(environment)
            fields["hold"] = Self.json(hold)
        case .resumed(let environment):
            fields["environment"] = .text(environment)
            fields["hold"] = .null
        case .yanked(let release, let yank, let environments):
            fields["release"] = .text(release)
            fields["yank"] = .object(["reason": .string(yank.reason), "by": .text(yank.by), "at": .text(yank.at)])
            fields["runningIn"] = .array(environments.map { .text($0) })
        case .accepted(let environment, let violations, let content):
            fields["environment"] = .text(environment)
            fields["accepted"] = .array(violations.map(Self.json))
            fields["release"] = .text(content?.release?.id)
            fields["images"] = .array((content?.found.images ?? []).map { .text($0.reference) })
        }
        return .object(fields)
    }

    static func json(_ hold: Hold) -> JSONValue {
        .object(["reason": .string(hold.reason), "by": .text(hold.by), "at": .text(hold.at)])
    }

    static func json(_ violation: Violation) -> JSONValue {
        .object([
            "commit": .text(violation.commit), "detail": .string(violation.detail.displayable), "by": .text(violation.by),
            "at": .text(violation.at),
        ])
    }

    private var text: String {
        let app = report.application
        let lines: [String] =
            switch report.action {
            case .held(let environment, let hold):
                [
                    report.isNew
                        ? "Held \(environment): nothing but a rollback of \(app) moves there"
                        : "Nothing to do: \(environment) is held by \(hold.by) since \(hold.at): \(hold.reason.displayable)", "",
                    "next: promote resume \(environment) --app \(app)",
                ]
            case .resumed(let environment):
                [
                    report.isNew
                        ? "Resumed \(environment): releases of \(app) may move there again"
                        : "Nothing to do: \(environment) is not held", "", "next: promote explain \(environment) --app \(app)",
                ]
            case .yanked(let release, let yank, let environments):
                [
                    report.isNew
                        ? "Yanked \(release): it moves nowhere any more"
                        : "Nothing to do: \(release) was yanked by \(yank.by) at \(yank.at): \(yank.reason.displayable)"
                ]
                    + environments.map { "  \($0) runs it: promote rollback \($0) --app \(app) --reason …" }
                    + ["", "next: promote status --app \(app)"]
            case .accepted(let environment, let violations, let content):
                [violations.isEmpty ? "Nothing to do: \(environment) is not tainted" : "Accepted what \(environment) has:"]
                    + violations.map { "  \($0.commit.short)  \($0.detail.displayable)" }
                    + (content.map { ["  it runs \($0.description.displayable)"] } ?? [])
                    + ["", "next: promote status --app \(app)"]
            }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// What freezes an environment, as text and as JSON.
struct FreezeRendering {
    let report: FreezeReport

    var answer: Answer {
        let json = JSONValue.object([
            "environment": .text(report.environment), "created": .bool(report.isNew),
            "freeze": report.freezes.last.map(Self.json) ?? .null,
        ])
        return Answer(json: json, text: text)
    }

    static func json(_ freeze: Freeze) -> JSONValue {
        .object([
            "reason": .string(freeze.reason), "by": .text(freeze.by), "at": .text(freeze.at), "until": .text(freeze.until),
        ])
    }

    private var text: String {
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

/// Why a release is not moving.
struct ExplanationRendering {
    let explanation: Explanation

    var json: JSONValue {
        let report = explanation.report
        return .object([
            "application": .text(explanation.application), "environment": .text(explanation.environment),
            "promotion": .text(report?.id), "release": .text(report?.release.id), "summary": .string(explanation.summary),
            "checks": .array(report?.checks.map(PromotionRendering.json) ?? []),
            "tainted": .bool(!explanation.violations.isEmpty),
            "violations": .array(explanation.violations.map(InterventionRendering.json)),
            "git": explanation.git.map(StatusRendering.json) ?? .null,
        ])
    }

    func text(_ terminal: Terminal) -> String {
        let name = "\(explanation.application) in \(explanation.environment)"
        var lines = StatusRendering.alarms(
            explanation.violations, explanation.git, explanation.environment, explanation.application)
        lines.append(terminal.coloured("\(name): \(explanation.summary.displayable)", .bold))
        guard let report = explanation.report else { return lines.joined(separator: "\n") + "\n" }
        let what = "\(report.release.id) from \(report.origin) into \(report.environment)"
        lines.append("  " + (report.id.map { "\($0) moves \(what)" } ?? what))
        if !report.checks.isEmpty { lines += [""] + PromotionRendering.lines(report.checks, terminal) }
        if let next = PromotionRendering(report: report).next { lines += ["", "next: \(next)"] }
        return lines.joined(separator: "\n") + "\n"
    }
}
