import GitOpsTypes
import PromotionProjection

/// Events as text and as JSON.
struct HistoryRendering {
    let entries: [HistoryEntry]

    var json: JSONValue {
        .object([
            "events": .array(
                entries.map { entry in
                    .object([
                        "id": .text(entry.id), "type": .text(entry.type), "time": .text(entry.time), "actor": .text(entry.actor),
                        "application": .string(entry.application), "promotion": .text(entry.promotion),
                        "release": .text(entry.release), "environment": .text(entry.environment),
                        "summary": .string(entry.summary), "commit": .string(entry.commit), "rejection": .text(entry.rejection),
                    ])
                })
        ])
    }

    func text() -> String {
        guard !entries.isEmpty else { return "Nothing has happened yet.\n\nnext: promote register <image>@sha256:…\n" }
        var table = TextTable(header: ["TIME", "ACTOR", "WHAT"])
        for entry in entries {
            let rejection = entry.rejection.map { " (not applied: \($0.displayable))" } ?? ""
            table.add([entry.time?.description ?? "-", entry.actor ?? "-", entry.summary + rejection])
        }
        return table.lines().joined(separator: "\n") + "\n"
    }
}
