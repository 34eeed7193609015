import Foundation
public import GitOpsTypes

/// A time that comes again and again, in which an environment may, or may not, be changed.
public struct ReleaseWindow: Hashable, Sendable {
    public let effect: Effect
    /// When it begins, by local time.
    public let begin: CronExpression
    /// Seconds, of real time: a window over a change of clocks is as long as any other.
    public let duration: Int64
    public let timeZone: LocalTimeZone
    public let reason: String?

    public enum Effect: String, Hashable, Sendable, CaseIterable {
        /// Changes are made in such windows only.
        case allow
        /// Changes wait until it is over.
        case exclude
    }

    /// So long may a window be.
    public static let maximumDuration: Int64 = 366 * 86_400

    public init(effect: Effect, begin: CronExpression, duration: Int64, timeZone: LocalTimeZone, reason: String?) {
        self.effect = effect
        self.begin = begin
        self.duration = duration
        self.timeZone = timeZone
        self.reason = reason
    }

    /// The beginnings on one local day, ascending.
    ///
    /// A local time that the clocks jump over is the moment of the jump; one that comes twice is the first of the two.
    func beginnings(on date: CivilDate) -> [Int64] {
        guard begin.matches(date) else { return [] }
        let midnight = Int64(date.dayNumber) * 86_400
        var result: [Int64] = []
        for hour in begin.hours {
            for minute in begin.minutes {
                let moment = timeZone.moment(ofLocal: midnight + Int64(hour * 3600 + minute * 60))
                if result.last != moment { result.append(moment) }
            }
        }
        return result.sorted()
    }

    /// The last beginning at or before `time` whose window lasts beyond `time`; nil outside of all.
    func current(at time: Int64) -> Int64? {
        let earliest = time - duration
        var day = timeZone.localDay(of: time) + 1
        let first = timeZone.localDay(of: earliest) - 1
        while day >= first {
            if begin.matches(CivilDate(dayNumber: day)), let last = lastBeginning(onDay: day, notAfter: time) {
                return last > earliest ? last : nil
            }
            day -= 1
        }
        return nil
    }

    private func lastBeginning(onDay day: Int, notAfter time: Int64) -> Int64? {
        func moment(_ hour: Int, _ minute: Int) -> Int64 {
            timeZone.moment(ofLocal: Int64(day) * 86_400 + Int64(hour * 3600 + minute * 60))
        }
        for hour in begin.hours.reversed() {
            guard let first = begin.minutes.first, moment(hour, first) <= time else { continue }
            return begin.minutes.reversed().lazy.map { moment(hour, $0) }.first { $0 <= time }
        }
        return nil
    }
}

/// A time zone of the IANA database, such as `Europe/Berlin`.
public struct LocalTimeZone: ValidatedText, CustomStringConvertible {
    public let text: String
    private let zone: TimeZone

    public static var noun: String { "a time zone (such as Europe/Berlin or UTC)" }

    public init?(_ text: String) {
        // Abbreviations and offsets mean one thing here and another there.
        guard text == "UTC" || text.contains("/"), let zone = TimeZone(identifier: text) else { return nil }
        self.text = text
        self.zone = zone
    }

    public var description: String { text }
    public static func == (left: Self, right: Self) -> Bool { left.text == right.text }
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// Seconds that local time is ahead of UTC at a moment.
    private func offset(at seconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds))))
    }

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
