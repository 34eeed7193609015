import GitOpsTypes

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
