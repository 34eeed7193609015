import GitOpsTypes

/// How clocks are turned every year, or that they are not.
///
/// Source: POSIX.1-2024, Base Definitions 8.3, `TZ`; RFC 9636, 3.3.2, for hours from -167 to 167.
struct RecurringClockChange: Hashable, Sendable {
    /// Seconds ahead of UTC when clocks are not put forward.
    private let standard: Int64
    private let summer: Summer?

    private struct Summer: Hashable {
        let offset: Int64
        let begin: YearlyMoment
        let end: YearlyMoment
    }

    init(offset: Int64) {
        standard = offset
        summer = nil
    }

    /// - Parameter text: `CET-1CEST,M3.5.0,M10.5.0/3`, `<-03>3`; what is turned has to say when. Nil for anything else.
    init?(_ text: String) {
        var reader = ClockRuleReader(text)
        guard reader.name(), let west = reader.offset() else { return nil }
        standard = -west
        if reader.isAtEnd {
            summer = nil
            return
        }
        guard reader.name() else { return nil }
        // An hour ahead of standard time, where nothing else is said.
        var ahead = standard + 3600
        if !reader.isAt(",") {
            guard let west = reader.offset() else { return nil }
            ahead = -west
        }
        guard let begin = reader.moment(), let end = reader.moment(), reader.isAtEnd else { return nil }
        summer = Summer(offset: ahead, begin: begin, end: end)
    }

    /// Seconds that local time is ahead of UTC at a moment.
    func offset(at seconds: Int64) -> Int64 {
        guard let summer else { return standard }
        let local = seconds + standard
        let day = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
        let year = CivilDate(dayNumber: Int(day)).year
        // Where an end and a beginning are one moment, clocks stay as they are put forward.
        var last: (moment: Int64, isBegin: Bool)?
        for year in (year - 1)...(year + 1) {
            for change in [
                (moment: summer.end.seconds(in: year) - summer.offset, isBegin: false),
                (moment: summer.begin.seconds(in: year) - standard, isBegin: true),
            ] where change.moment <= seconds && change.moment >= last?.moment ?? .min {
                if change.moment == last?.moment, last?.isBegin == true { continue }
                last = change
            }
        }
        return last?.isBegin == true ? summer.offset : standard
    }
}

/// A local time of every year.
struct YearlyMoment: Hashable, Sendable {
    enum Day: Hashable {
        /// From 1 to 365; the 29th of February is not counted.
        case ofCommonYear(Int)
        /// From 0 to 365.
        case ofYear(Int)
        /// The n-th weekday of a month, from Sunday as 0; the fifth is the last.
        case weekday(Int, week: Int, month: Int)
    }

    let day: Day
    /// Seconds after the day's beginning, by clocks as they are before.
    let time: Int64

    /// Seconds from 1970-01-01T00:00:00 by local clocks.
    func seconds(in year: Int) -> Int64 { Int64(dayNumber(in: year)) * 86_400 + time }

    private func dayNumber(in year: Int) -> Int {
        let first = CivilDate(year: year, month: 1, day: 1).dayNumber
        switch day {
        case .ofYear(let number): return first + number
        case .ofCommonYear(let number):
            let isLeap = CivilDate(year: year + 1, month: 1, day: 1).dayNumber - first == 366
            return first + number - 1 + (isLeap && number >= 60 ? 1 : 0)
        case .weekday(let weekday, let week, let month):
            let first = CivilDate(year: year, month: month, day: 1)
            let next = month == 12 ? CivilDate(year: year + 1, month: 1, day: 1) : CivilDate(year: year, month: month + 1, day: 1)
            var number = first.dayNumber + (weekday - first.weekday + 7) % 7 + (week - 1) * 7
            if number >= next.dayNumber { number -= 7 }
            return number
        }
    }
}

/// Reads the parts of a POSIX `TZ` text.
private struct ClockRuleReader {
    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    var isAtEnd: Bool { rest.isEmpty }
    func isAt(_ character: Character) -> Bool { rest.first == character }

    private mutating func skip(_ character: Character) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    /// Three letters or more, or `<…>` with digits and signs.
    mutating func name() -> Bool {
        if skip("<") {
            let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "+" || $0 == "-") }
            rest.removeFirst(name.count)
            return name.count >= 3 && skip(">")
        }
        let name = rest.prefix { $0.isASCII && $0.isLetter }
        rest.removeFirst(name.count)
        return name.count >= 3
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func offset() -> Int64? {
        let sign: Int64 = skip("-") ? -1 : 1
        if sign == 1 { _ = skip("+") }
        guard let hours = number(0...167) else { return nil }
        var seconds = Int64(hours) * 3600
        for unit in [Int64(60), 1] {
            guard skip(":") else { break }
            guard let part = number(0...59) else { return nil }
            seconds += Int64(part) * unit
        }
        return sign * seconds
    }

    /// `,date[/time]`, two o'clock where no time is given.
    mutating func moment() -> YearlyMoment? {
        guard skip(","), let day = day() else { return nil }
        guard skip("/") else { return YearlyMoment(day: day, time: 7200) }
        return offset().map { YearlyMoment(day: day, time: $0) }
    }

    private mutating func day() -> YearlyMoment.Day? {
        if skip("J") { return number(1...365).map { .ofCommonYear($0) } }
        guard skip("M") else { return number(0...365).map { .ofYear($0) } }
        guard let month = number(1...12), skip("."), let week = number(1...5), skip("."), let weekday = number(0...6) else {
            return nil
        }
        return .weekday(weekday, week: week, month: month)
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard (1...3).contains(digits.count), let value = Int(digits), range.contains(value) else { return nil }
        rest.removeFirst(digits.count)
        return value
    }
}
