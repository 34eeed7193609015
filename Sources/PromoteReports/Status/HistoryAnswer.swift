import GitOpsTypes
public import PromotionProjection

/// Events, newest first.
struct HistoryAnswer: Encodable, Sendable {
    let events: [Entry]

    enum CodingKeys: String, CodingKey {
        case events
    }

    struct Entry: Encodable, Sendable {
        @TextOrNull var id: String?
        @TextOrNull var type: String?
        @TextOrNull var time: Timestamp?
        @TextOrNull var actor: String?
        let application: String
        @TextOrNull var promotion: String?
        @TextOrNull var release: String?
        @TextOrNull var environment: String?
        let summary: String
        let commit: String
        @TextOrNull var rejection: String?

        enum CodingKeys: String, CodingKey {
            case id
            case type
            case time
            case actor
            case application
            case promotion
            case release
            case environment
            case summary
            case commit
            case rejection
        }

        init(_ entry: HistoryEntry) {
            id = entry.id
            type = entry.type
            time = entry.time
            actor = entry.actor
            application = entry.application
            promotion = entry.promotion
            release = entry.release
            environment = entry.environment
            summary = entry.summary
            commit = entry.commit
            rejection = entry.rejection
        }
    }
}

extension Answer {
    /// `promote history`
    public init(_ entries: [HistoryEntry], _ style: TextStyle = .plain) {
        self.init(json: HistoryAnswer(events: entries.map(HistoryAnswer.Entry.init)), text: Self.text(of: entries, style))
    }

    private static func text(of entries: [HistoryEntry], _ style: TextStyle) -> String {
        guard !entries.isEmpty else { return "Nothing has happened yet.\n\nnext: promote register <image>@sha256:…\n" }
        var table = TextTable(header: ["TIME", "ACTOR", "WHAT"])
        for entry in entries {
            let rejection = entry.rejection.map { " (not applied: \($0.displayable))" } ?? ""
            table.add([entry.time.map(style.told) ?? "-", entry.actor ?? "-", entry.summary + rejection])
        }
        return table.lines().joined(separator: "\n") + "\n"
    }
}
