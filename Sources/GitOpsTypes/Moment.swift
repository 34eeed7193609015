/// A time as people write it: `2026-11-21T07:42:00Z`, a day, or how long it is from now.
public struct Moment: Hashable, Sendable {
    /// The same unless a day was written: then its first second.
    public let first: Timestamp
    /// The same unless a day was written: then its last second.
    public let last: Timestamp

    /// Reads RFC 3339, `2026-11-21` (in UTC), `2h ago`, `in 30m`, or `7d`, which is ago. Units are s, m, h, d and w.
    public init?(_ text: String, now: Timestamp) {
        if let time = Timestamp(text) {
            (first, last) = (time, time)
        } else if let start = Timestamp(text + "T00:00:00Z") {
            (first, last) = (start, start.adding(seconds: 86_399))
        } else if let distance = Self.distance(text) {
            (first, last) = (now.adding(seconds: distance), now.adding(seconds: distance))
        } else {
            return nil
        }
    }

    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]

    /// Seconds from now, negative for what is past.
    private static func distance(_ text: String) -> Int64? {
        var words = text.split(separator: " ")
        var sign: Int64 = -1
        if words.count == 2, words[0] == "in" {
            sign = 1
            words.removeFirst()
        } else if words.count == 2, words[1] == "ago" {
            words.removeLast()
        }
        guard words.count == 1, let unit = words[0].last.flatMap({ units[$0] }),
            words[0].dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int64(words[0].dropLast()),
            count <= 100_000
        else { return nil }
        return sign * count * unit
    }
}
