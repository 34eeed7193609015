import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// The matrix of applications and environments for people: alarms first, then the table, then what a reader of the table alone
/// must not miss.
struct StatusText {
    let report: StatusReport
    var style = TextStyle.plain

    var text: String {
        (report.time.map { PastStatusText(report: report, time: $0).lines } ?? lines).joined(separator: "\n") + "\n"
    }

    private var lines: [String] {
        var lines = report.applications.isEmpty ? ["The configuration has no application."] : matrix
        if let next = StatusNextStep(report: report).command { lines += ["", "next: \(next)"] }
        return lines
    }

    private var matrix: [String] {
        let alarms = report.applications.flatMap { application in
            application.environments.flatMap { StatusAlarms.lines($0.violations, $0.git, $0.name, application.name) }
        }
        var lines = (alarms.isEmpty ? [] : alarms + [""]) + table.lines()
        let notes =
            StatusNotes.frozen(report.applications.first?.environments ?? [])
            + report.applications.flatMap { application in
                application.environments.flatMap { StatusNotes.lines($0, application.name) }
            }
        if !notes.isEmpty { lines += [""] + notes }
        if !report.policyViolations.isEmpty { lines += [""] + PolicyViolationText.lines(report.policyViolations) }
        return lines
    }

    private var table: TextTable {
        var table = TextTable(header: ["APPLICATION", "ENVIRONMENT", "RELEASE", "TAG", "STATE", "SINCE", "OPEN"])
        for application in report.applications {
            for (index, status) in application.environments.enumerated() {
                table.add(
                    StatusRow(status).cells(of: index == 0 ? application.name : nil, style) + [status.open.map(Self.open) ?? ""])
            }
        }
        return table
    }

    private static func open(_ report: PromotionReport) -> String {
        let why = (report.checks.failed.first ?? report.checks.pending.first)?.obstacle ?? "ready to merge"
        return "\(report.id?.description ?? "") \(report.release.id): \(why)"
    }
}

/// The columns that the present and the past have in common.
struct StatusRow {
    let status: StatusReport.EnvironmentStatus

    init(_ status: StatusReport.EnvironmentStatus) {
        self.status = status
    }

    /// - Parameter application: nil where the row above names it.
    func cells(of application: ApplicationName?, _ style: TextStyle = .plain) -> [String] {
        [
            application?.text ?? "", status.name.text, release, tags.isEmpty ? "-" : tags, status.phase?.rawValue ?? "-",
            status.since.map(style.told) ?? "-",
        ]
    }

    private var release: String {
        status.release?.id.text ?? (status.unregistered == nil ? "-" : "not registered")
    }

    private var tags: String {
        if let release = status.release {
            let charts = release.images.charts.compactMap { $0.chartVersion?.text ?? $0.tag?.text }.map { "chart \($0)" }
            return (release.images.ofContainers.compactMap(\.tag?.text) + charts).joined(separator: ",")
        }
        let images = status.unregistered?.content.images ?? []
        return images.map { $0.digest?.short ?? $0.reference.displayable }.joined(separator: ",")
    }
}
