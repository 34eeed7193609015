import PromotionEngine
import PromotionPlanning

/// The difference between two environments as text and as JSON.
struct ComparisonRendering {
    let report: ComparisonReport
    let unified: Bool

    var json: JSONValue {
        .object([
            "from": .text(report.from), "to": .text(report.to),
            "applications": .array(
                report.applications.map { application in
                    .object([
                        "name": .text(application.name), "differs": .bool(!application.diff.isEmpty),
                        "namespaces": application.diff.namespaces.map(Self.json) ?? .null,
                        "objects": .array(application.diff.objects.map(Self.json)),
                    ])
                }),
        ])
    }

    private static func json(_ change: RenderedDiff.ObjectChange) -> JSONValue {
        let (kind, fields): (String, [RenderedDiff.FieldChange]) =
            switch change.kind {
            case .added: ("added", [])
            case .removed: ("removed", [])
            case .changed(let fields): ("changed", fields)
            }
        return .object([
            "object": .string(change.object), "change": .string(kind),
            "fields": .array(
                fields.map(Self.json)),
        ])
    }

    private static func json(_ field: RenderedDiff.FieldChange) -> JSONValue {
        .object([
            "field": .string(field.field), "old": field.old.map(JSONValue.string) ?? .null,
            "new": field.new.map(JSONValue.string) ?? .null,
        ])
    }

    func text(_ terminal: Terminal) -> String {
        let differing = report.applications.filter { !$0.diff.isEmpty }
        let total = report.applications.count
        guard !differing.isEmpty else {
            return total == 1
                ? "\(report.applications[0].name) renders the same in \(report.from) and \(report.to).\n"
                : "All \(total) applications render the same in \(report.from) and \(report.to).\n"
        }
        var lines = [
            terminal.coloured(
                "\(differing.count) of \(total) application\(total == 1 ? "" : "s") \(differing.count == 1 ? "differs" : "differ") between \(report.from) and \(report.to)",
                .bold)
        ]
        for application in differing {
            lines += ["", "\(application.name)  (- \(report.from)  + \(report.to))"]
            if let move = application.diff.namespaces {
                lines.append("  namespace: \(move.old ?? "default") → \(move.new ?? "default"), everywhere")
            }
            lines += (unified ? application.diff.unified() : application.diff.lines).map { unified ? $0 : "  \($0)" }
        }
        lines += ["", "next: promote plan \(report.from) \(report.to)"]
        return lines.joined(separator: "\n") + "\n"
    }
}
