public import GitOpsTypes

/// How text for people is set: with colour or without, which never carries meaning of its own, and with times as they are or as long
/// as they are ago.
public struct TextStyle: Sendable {
    public static let plain = TextStyle(usesColour: false)

    let usesColour: Bool
    /// What times are told from; nil where they stand as they are.
    let now: Timestamp?

    /// - Parameter now: the present time, for a terminal; nil for what is kept or read by programs.
    public init(usesColour: Bool, now: Timestamp? = nil) {
        self.usesColour = usesColour
        self.now = now
    }

    /// A time as RFC 3339 has it; on a terminal `5 minutes ago` or `in 2 hours`.
    func told(_ time: Timestamp) -> String {
        guard let now else { return time.description }
        let distance = abs(now.seconds - time.seconds)
        let units: [(size: Int64, name: String)] = [(86_400, "day"), (3600, "hour"), (60, "minute")]
        guard let unit = units.first(where: { distance >= 2 * $0.size }) ?? units.last.flatMap({ distance >= $0.size ? $0 : nil })
        else { return "just now" }
        let count = distance / unit.size
        let length = "\(count) \(unit.name)\(count == 1 ? "" : "s")"
        return time > now ? "in \(length)" : "\(length) ago"
    }

    enum Colour: String {
        case green = "32"
        case yellow = "33"
        case red = "31"
        case bold = "1"
    }

    func coloured(_ text: String, _ colour: Colour) -> String {
        usesColour ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }
}
