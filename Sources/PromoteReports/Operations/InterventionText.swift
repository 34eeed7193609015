import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// What an operator did, for people.
struct InterventionText {
    let report: InterventionReport

    var text: String { lines.joined(separator: "\n") + "\n" }

    private var lines: [String] {
        switch report.action {
        case .held(let environment, let hold): held(environment, hold)
        case .resumed(let environment): resumed(environment)
        case .yanked(let release, let yank, let environments): yanked(release, yank, environments)
        case .accepted(let environment, let violations, let content): accepted(environment, violations, content)
        }
    }

    private var app: ApplicationName { report.application }

    private func held(_ environment: EnvironmentName, _ hold: Hold) -> [String] {
        [
            report.isNew
                ? "Held \(environment): nothing but a rollback of \(app) moves there"
                : "Nothing to do: \(environment) is held by \(hold.by) since \(hold.at): \(hold.reason.displayable)", "",
            "next: promote resume \(environment) --app \(app)",
        ]
    }

    private func resumed(_ environment: EnvironmentName) -> [String] {
        [
            report.isNew
                ? "Resumed \(environment): releases of \(app) may move there again"
                : "Nothing to do: \(environment) is not held", "", "next: promote explain \(environment) --app \(app)",
        ]
    }

    private func yanked(_ release: ReleaseID, _ yank: Yank, _ environments: [EnvironmentName]) -> [String] {
        [
            report.isNew
                ? "Yanked \(release): it moves nowhere any more"
                : "Nothing to do: \(release) was yanked by \(yank.by) at \(yank.at): \(yank.reason.displayable)"
        ]
            + environments.map { "  \($0) runs it: promote rollback \($0) --app \(app) --reason …" }
            + ["", "next: promote status --app \(app)"]
    }

    private func accepted(_ environment: EnvironmentName, _ violations: [Violation], _ content: GitContent?) -> [String] {
        [violations.isEmpty ? "Nothing to do: \(environment) is not tainted" : "Accepted what \(environment) has:"]
            + violations.map { "  \($0.commit.short)  \($0.detail.displayable)" }
            + (content.map { ["  it runs \($0.description.displayable)"] } ?? [])
            + ["", "next: promote status --app \(app)"]
    }
}
