import PromotionDomain
import PromotionEngine

/// The first command that moves something on; nil where nothing does.
struct StatusNextStep {
    let report: StatusReport

    var command: String? {
        for application in report.applications {
            for status in application.environments {
                if let command = command(status, application) { return command }
            }
            if application.newest == nil { return "promote register <image>@sha256:… --app \(application.name)" }
        }
        return nil
    }

    private func command(
        _ status: StatusReport.EnvironmentStatus, _ application: StatusReport.ApplicationStatus
    ) -> String? {
        let app = "--app \(application.name)"
        // Nothing is promoted out of what is tainted.
        if !status.violations.isEmpty || status.git != nil { return "promote accept \(status.name) \(app) --reason …" }
        if let open = status.open, let id = open.id {
            return open.checks.allSatisfy { $0.status == .pass } ? "promote merge \(id)" : "promote show \(id)"
        }
        if status.source == .build, let newest = application.newest, newest.id != status.release?.id {
            return "promote build \(status.name) \(app)"
        }
        if status.hold != nil, status.phase == .verified { return "promote resume \(status.name) \(app)" }
        if [.merged, .accepted, .adopted].contains(status.phase) {
            return "promote verify \(status.name) \(app) --result passed"
        }
        let origin = application.environments.first { status.source.environments.contains($0.name) }
        if let origin, origin.phase == .verified, let release = origin.release, release.id != status.release?.id {
            return "promote \(origin.name) \(status.name) \(app)"
        }
        return nil
    }
}
