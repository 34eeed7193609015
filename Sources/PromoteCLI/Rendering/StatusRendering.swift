import GitOpsTypes
import PromotionEngine
import PromotionModel

/// The matrix of applications and environments as text and as JSON.
struct StatusRendering {
    let report: StatusReport

    var json: JSONValue {
        var object: [String: JSONValue] = [
            "applications": .array(
                report.applications.map { application in
                    .object([
                        "name": .text(application.name),
                        "environments": .array(application.environments.map { json($0, application.name) }),
                    ])
                })
        ]
        if let time = report.time { object["at"] = .text(time) }
        return .object(object)
    }

    private func json(_ status: StatusReport.EnvironmentStatus, _ application: ApplicationName) -> JSONValue {
        var object: [String: JSONValue] = [
            "name": .text(status.name), "release": .text(status.release?.id),
            "images": status.release.map(ReleaseRendering.images) ?? .array([]), "state": .text(status.phase?.rawValue),
            "since": .text(status.since), "tainted": .bool(!status.violations.isEmpty),
            "hold": status.hold.map(InterventionRendering.json) ?? .null,
            "freeze": status.freeze.map(FreezeRendering.json) ?? .null,
            "yanked": .bool(status.yank != nil), "violations": .array(status.violations.map(InterventionRendering.json)),
            "open": status.open.map { PromotionRendering(report: $0).json } ?? .null,
        ]
        // How it came about is what somebody asks who asks about the past.
        if report.time != nil {
            object["promotion"] = .text(status.promotion.map { PromotionID(application, $0.number) })
            object["requestedBy"] = .text(status.promotion?.requestedBy)
            object["mergedBy"] = .text(status.promotion?.merge?.by)
            object["approvedBy"] = .array(status.promotion?.approvals.map { .text($0.by) } ?? [])
            object["commit"] = .text(status.release?.build.commit)
            object["run"] = .text(status.release?.build.run)
        }
        return .object(object)
    }

    func text() -> String {
        if let time = report.time { return past(time) }
        var table = TextTable(header: ["APPLICATION", "ENVIRONMENT", "RELEASE", "TAG", "STATE", "SINCE", "OPEN"])
        for application in report.applications {
            for (index, status) in application.environments.enumerated() {
                let tags = status.release.map { $0.images.compactMap(\.tag?.text).joined(separator: ",") } ?? ""
                table.add([
                    index == 0 ? application.name.text : "", status.name.text, status.release?.id.text ?? "-",
                    tags.isEmpty ? "-" : tags, status.phase?.rawValue ?? "-", status.since?.description ?? "-",
                    status.open.map(Self.open) ?? "",
                ])
            }
        }
        var lines = table.lines()
        let notes = report.applications.flatMap { application in
            application.environments.flatMap { Self.notes($0, application.name) }
        }
        let frozen = report.applications.first?.environments.compactMap { status in
            status.freeze.map { freeze in
                "FROZEN  \(status.name) by \(freeze.by) \(freeze.until.map { "until \($0)" } ?? "since \(freeze.at)"): \(freeze.reason.displayable)"
            }
        }
        if !notes.isEmpty || frozen?.isEmpty == false { lines += [""] + (frozen ?? []) + notes }
        if report.applications.isEmpty { lines = ["The configuration has no application."] }
        if let next { lines += ["", "next: \(next)"] }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What ran at a moment, and how it came about.
    private func past(_ time: Timestamp) -> String {
        var table = TextTable(header: [
            "APPLICATION", "ENVIRONMENT", "RELEASE", "TAG", "STATE", "SINCE", "BY", "APPROVED BY", "RUN",
        ])
        for application in report.applications {
            for (index, status) in application.environments.enumerated() {
                let tags = status.release.map { $0.images.compactMap(\.tag?.text).joined(separator: ",") } ?? ""
                let approvers = status.promotion?.approvals.map(\.by.text).joined(separator: ", ") ?? ""
                table.add([
                    index == 0 ? application.name.text : "", status.name.text, status.release?.id.text ?? "-",
                    tags.isEmpty ? "-" : tags, status.phase?.rawValue ?? "-", status.since?.description ?? "-",
                    status.promotion?.merge?.by.text ?? "-", approvers.isEmpty ? "-" : approvers,
                    status.release?.build.run?.displayable ?? "-",
                ])
            }
        }
        var lines = ["As of \(time):", ""] + table.lines()
        for application in report.applications {
            for status in application.environments {
                guard let open = status.open, let id = open.id else { continue }
                lines.append("\(id) was open: \(open.release.id) into \(status.name)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What somebody who only reads the matrix must not miss.
    private static func notes(_ status: StatusReport.EnvironmentStatus, _ application: ApplicationName) -> [String] {
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
        for violation in status.violations {
            notes.append(
                "TAINTED \(application) in \(status.name) by \(violation.commit.short): \(violation.detail.displayable)")
        }
        return notes
    }

    private static func open(_ report: PromotionReport) -> String {
        let waiting = report.checks.first { $0.status == .fail } ?? report.checks.first { $0.status == .pending }
        let why = waiting.map { "\($0.status == .fail ? "fails" : "waits for") \($0.rule)" } ?? "ready to merge"
        return "\(report.id?.description ?? "") \(report.release.id): \(why)"
    }

    /// The first thing that somebody can do.
    private var next: String? {
        for application in report.applications {
            for status in application.environments {
                if let open = status.open, let id = open.id {
                    if open.checks.allSatisfy({ $0.status == .pass }) { return "promote merge \(id)" }
                    return "promote show \(id)"
                }
                let app = "--app \(application.name)"
                if status.source == .build, let newest = application.newest, newest.id != status.release?.id {
                    return "promote build \(status.name) \(app)"
                }
                if status.phase == .merged { return "promote verify \(status.name) \(app) --result passed" }
                let origin = application.environments.first { status.source.environments.contains($0.name) }
                if let origin, origin.phase == .verified, let release = origin.release, release.id != status.release?.id {
                    return "promote \(origin.name) \(status.name) \(app)"
                }
            }
            if application.newest == nil { return "promote register <image>@sha256:… --app \(application.name)" }
        }
        return nil
    }
}
