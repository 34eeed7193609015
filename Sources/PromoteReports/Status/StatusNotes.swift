import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// What a reader of the matrix alone must not miss.
enum StatusNotes {
    /// Freezes, which are of every application.
    static func frozen(_ environments: [StatusReport.EnvironmentStatus]) -> [String] {
        environments.compactMap { status in
            status.freeze.map { freeze in
                "FROZEN  \(status.name) by \(freeze.by) \(freeze.until.map { "until \($0)" } ?? "since \(freeze.at)"): \(freeze.reason.displayable)"
            }
        }
    }

    static func lines(_ status: StatusReport.EnvironmentStatus, _ application: ApplicationName) -> [String] {
        var notes: [String] = []
        if let hold = status.hold {
            notes.append("HELD    \(application) in \(status.name) by \(hold.by) since \(hold.at): \(hold.reason.displayable)")
        }
        if let reason = status.open?.promotion?.emergency, let id = status.open?.id {
            notes.append("EMERGENCY  \(id) passes over what only delays: \(reason.displayable)")
        }
        if let yank = status.yank, let release = status.release {
            notes.append("YANKED  \(release.id), which \(status.name) runs, by \(yank.by): \(yank.reason.displayable)")
        }
        if let unregistered = status.unregistered {
            notes.append(
                "UNREGISTERED  \(application) in \(status.name) runs \(unregistered.description); accepted by \(unregistered.by) at \(unregistered.since)"
            )
        }
        return notes
    }
}

/// What taints an environment, what Git has there instead, and what clears it: told before anything else.
enum StatusAlarms {
    static func lines(
        _ violations: [Violation], _ git: GitContent?, _ environment: EnvironmentName, _ application: ApplicationName
    ) -> [String] {
        var lines = violations.map { violation in
            "TAINTED \(application) in \(environment) by \(violation.commit.short): \(violation.detail.displayable)"
        }
        if let git {
            lines.append(
                "DIFFERS \(application) in \(environment): Git has \(git.description.displayable) at \(git.found.commit.short), and the ledger says \(git.recorded.displayable)"
            )
        }
        guard !lines.isEmpty else { return [] }
        return lines + ["  once it is understood: promote accept \(environment) --app \(application) --reason …"]
    }
}
