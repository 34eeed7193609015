import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// What ran at a moment, and how it came about.
struct PastStatusText {
    let report: StatusReport
    let time: Timestamp

    var lines: [String] {
        ["As of \(time):", ""] + table.lines()
            + report.applications.flatMap { application in application.environments.compactMap(Self.open) }
    }

    private var table: TextTable {
        var table = TextTable(header: [
            "APPLICATION", "ENVIRONMENT", "RELEASE", "TAG", "STATE", "SINCE", "BY", "APPROVED BY", "RUN",
        ])
        for application in report.applications {
            for (index, status) in application.environments.enumerated() {
                let approvers = status.promotion?.approvals.map(\.by.text).joined(separator: ", ") ?? ""
                table.add(
                    StatusRow(status).cells(of: index == 0 ? application.name : nil) + [
                        status.promotion?.merge?.by.text ?? "-", approvers.isEmpty ? "-" : approvers,
                        status.release?.build.run?.displayable ?? "-",
                    ])
            }
        }
        return table
    }

    private static func open(_ status: StatusReport.EnvironmentStatus) -> String? {
        guard let open = status.open, let id = open.id else { return nil }
        return "\(id) was open: \(open.release.id) into \(status.name)"
    }
}
