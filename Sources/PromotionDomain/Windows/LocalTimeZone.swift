public import GitOpsTypes

/// The name of a time zone of the IANA database, such as `Europe/Berlin`.
public struct TimeZoneName: ValidatedText, CustomStringConvertible {
    public let text: String

    public static var noun: String { "a time zone (such as Europe/Berlin or UTC)" }

    public init?(_ text: String) {
        // Abbreviations and offsets mean one thing here and another there; `right/…` counts leap seconds.
        guard text == "UTC" || text.contains("/"), text.utf8.count <= 64 else { return nil }
        for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let first = part.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first),
                part.allSatisfy({ byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"): true
                    default: false
                    }
                })
            else { return nil }
        }
        self.text = text
    }

    public var description: String { text }
}

/// A time zone with its rules, as this machine has them.
public struct LocalTimeZone: Hashable, Sendable, CustomStringConvertible {
    public let text: String
    /// Nil where this machine does not know the zone: then nothing is said of its windows.
    private let rules: TimeZoneRules?

    /// For which no database is needed.
    public static let utc = LocalTimeZone(text: "UTC", rules: .utc)

    private init(text: String, rules: TimeZoneRules?) {
        self.text = text
        self.rules = rules
    }

    public init(_ name: TimeZoneName, rules: TimeZoneRules?) {
        self.init(text: name.text, rules: name.text == "UTC" ? .utc : rules)
    }

    public var isKnown: Bool { rules != nil }
    public var description: String { text }
    public static func == (left: Self, right: Self) -> Bool { left.text == right.text }
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// Seconds that local time is ahead of UTC at a moment. Of an unknown zone that is not asked: see `WindowSchedule.verdict`.
    private func offset(at seconds: Int64) -> Int64 { (rules ?? .utc).offset(at: seconds) }

    /// Days from 1970-01-01 of the local date at a moment.
    func localDay(of seconds: Int64) -> Int {
        let local = seconds + offset(at: seconds)
        return Int(local >= 0 ? local / 86_400 : (local - 86_399) / 86_400)
    }

    /// The moment at which clocks show a local time, given in seconds since 1970-01-01T00:00:00 by those clocks.
    func moment(ofLocal local: Int64) -> Int64 {
        // No offset is more than a day, and none changes twice within two.
        let (before, after) = (offset(at: local - 86_400), offset(at: local + 86_400))
        let candidates = [local - before, local - after].filter { $0 + offset(at: $0) == local }
        if let first = candidates.min() { return first }
        // Clocks jump over it: the first moment of the new time.
        var (old, new) = (local - 86_400 - before, local - min(before, after))
        while new - old > 1 {
            let middle = old + (new - old) / 2
            if offset(at: middle) == before { old = middle } else { new = middle }
        }
        return new
    }

    /// A moment as local clocks show it: `Fri 2026-11-27 16:00 Europe/Berlin`.
    public func display(_ time: Timestamp) -> String {
        let local = time.seconds + offset(at: time.seconds)
        let text = Timestamp(seconds: local).description
        let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let weekday = weekdays[CivilDate(dayNumber: localDay(of: time.seconds)).weekday]
        return "\(weekday) \(text.prefix(10)) \(text.dropFirst(11).prefix(5)) \(self.text)"
    }
}
