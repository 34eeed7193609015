import GitOpsTypes
import PromotionDomain
import PromotionEngine

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
        if !report.policyViolations.isEmpty {
            object["policyViolations"] = .array(report.policyViolations.map(PolicyViolationRendering.json))
        }
        if !report.stops.isEmpty {
            object["stops"] = .array(
                report.stops.map { .object(["message": .string($0.message.displayable), "hint": .text($0.hint?.displayable)]) })
        }
        return .object(object)
    }

    private func json(_ status: StatusReport.EnvironmentStatus, _ application: ApplicationName) -> JSONValue {
        var object: [String: JSONValue] = [
            "name": .text(status.name), "release": .text(status.release?.id),
            "images": Self.images(status), "state": .text(status.phase?.rawValue),
            "registered": .bool(status.unregistered == nil), "git": status.git.map(Self.json) ?? .null,
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

    private static func images(_ status: StatusReport.EnvironmentStatus) -> JSONValue {
        status.release.map(ReleaseRendering.images) ?? images(status.unregistered?.content)
    }

    private static func images(_ content: FoundContent?) -> JSONValue {
        .array(
            (content?.images ?? []).map { image in
                .object(["name": .text(image.name), "tag": .null, "digest": .text(image.digest), "text": .text(image.reference)])
            })
    }

    /// What Git has, where that is something else than the ledger says.
    static func json(_ git: GitContent) -> JSONValue {
        .object([
            "commit": .text(git.found.commit), "release": .text(git.release?.id), "images": images(git.found),
            "registered": .bool(git.release != nil),
        ])
    }

    func text() -> String {
        if let time = report.time { return past(time) }
        var table = TextTable(header: ["APPLICATION", "ENVIRONMENT", "RELEASE", "TAG", "STATE", "SINCE", "OPEN"])
        for application in report.applications {
            for (index, status) in application.environments.enumerated() {
                let tags = Self.tags(status)
                table.add([
                    index == 0 ? application.name.text : "", status.name.text, Self.release(status),
                    tags.isEmpty ? "-" : tags, status.phase?.rawValue ?? "-", status.since?.description ?? "-",
                    status.open.map(Self.open) ?? "",
                ])
            }
        }
        // What nothing moves on from is said first.
        let alarms = report.applications.flatMap { application in
            application.environments.flatMap { Self.alarms($0.violations, $0.git, $0.name, application.name) }
        }
        var lines = (alarms.isEmpty ? [] : alarms + [""]) + table.lines()
        let notes = report.applications.flatMap { application in
            application.environments.flatMap { Self.notes($0, application.name) }
        }
        let frozen = report.applications.first?.environments.compactMap { status in
            status.freeze.map { freeze in
                "FROZEN  \(status.name) by \(freeze.by) \(freeze.until.map { "until \($0)" } ?? "since \(freeze.at)"): \(freeze.reason.displayable)"
            }
        }
        if !notes.isEmpty || frozen?.isEmpty == false { lines += [""] + (frozen ?? []) + notes }
        if !report.policyViolations.isEmpty {
            lines += [""] + PolicyViolationRendering.lines(report.policyViolations)
        }
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
                let tags = Self.tags(status)
                let approvers = status.promotion?.approvals.map(\.by.text).joined(separator: ", ") ?? ""
                table.add([
                    index == 0 ? application.name.text : "", status.name.text, Self.release(status),
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
        if let unregistered = status.unregistered {
            notes.append(
                "UNREGISTERED  \(application) in \(status.name) runs \(unregistered.description); accepted by \(unregistered.by) at \(unregistered.since)"
            )
        }
        return notes
    }

    /// What taints an environment, what Git has there instead, and what clears it.
    static func alarms(
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

    private static func release(_ status: StatusReport.EnvironmentStatus) -> String {
        status.release?.id.text ?? (status.unregistered == nil ? "-" : "not registered")
    }

    private static func tags(_ status: StatusReport.EnvironmentStatus) -> String {
        if let release = status.release { return release.images.compactMap(\.tag?.text).joined(separator: ",") }
        let images = status.unregistered?.content.images ?? []
        return images.map { $0.digest?.short ?? $0.reference.displayable }.joined(separator: ",")
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
                if !status.violations.isEmpty || status.git != nil {
                    return "promote accept \(status.name) \(app) --reason …"
                }
                if status.source == .build, let newest = application.newest, newest.id != status.release?.id {
                    return "promote build \(status.name) \(app)"
                }
                if status.phase == .merged || status.phase == .accepted {
                    return "promote verify \(status.name) \(app) --result passed"
                }
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
