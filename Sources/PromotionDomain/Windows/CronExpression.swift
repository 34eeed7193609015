import GitOpsTypes

/// When something begins, by local time: `minute hour day-of-month month day-of-week`.
///
/// Numbers, names (`JAN`, `FRI`), `*`, ranges, steps and lists. A day matches when the day of the month or the day of the week
/// does, where both are restricted, and both otherwise.
///
/// Source: crontab(5) of Vixie cron.
public struct CronExpression: Hashable, Sendable {
    public let text: String
    let minutes: [Int]
    let hours: [Int]
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    private let isAnyDay: Bool
    private let isAnyWeekday: Bool

    private static let monthNames = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    private static let weekdayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
    private static let shorthands = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    /// What is wrong with a text that is no cron expression.
    public struct Malformed: Error, Hashable, Sendable {
        public let reason: String
    }

    /// - Throws: `Malformed`, also for a day that no year has.
    public init(_ text: String) throws(Malformed) {
        self.text = text
        let fields = (Self.shorthands[text] ?? text).split { $0 == " " || $0 == "\t" }.map { $0.uppercased() }
        guard fields.count == 5 else {
            throw Malformed(reason: "it has \(fields.count) fields, and needs 5: minute hour day-of-month month day-of-week")
        }
        minutes = try Self.values(fields[0], "minute", 0...59).sorted()
        hours = try Self.values(fields[1], "hour", 0...23).sorted()
        days = try Self.values(fields[2], "day of the month", 1...31)
        months = try Self.values(fields[3], "month", 1...12, names: Self.monthNames, firstName: 1)
        let weekdays = try Self.values(fields[4], "day of the week", 0...7, names: Self.weekdayNames, firstName: 0)
        self.weekdays = Set(weekdays.map { $0 % 7 })
        isAnyDay = fields[2].hasPrefix("*") || fields[2] == "?"
        isAnyWeekday = fields[4].hasPrefix("*") || fields[4] == "?"
        let longest = [2: 29, 4: 30, 6: 30, 9: 30, 11: 30]
        guard !isAnyWeekday || months.contains(where: { month in days.contains { $0 <= longest[month] ?? 31 } }) else {
            throw Malformed(reason: "no year has such a day")
        }
    }

    /// Whether it matches some minute of `date`.
    func matches(_ date: CivilDate) -> Bool {
        guard months.contains(date.month) else { return false }
        let (isDay, isWeekday) = (days.contains(date.day), weekdays.contains(date.weekday))
        return isAnyDay || isAnyWeekday ? isDay && isWeekday : isDay || isWeekday
    }

    private static func values(
        _ field: String, _ noun: String, _ range: ClosedRange<Int>, names: [String] = [], firstName: Int = 0
    ) throws(Malformed) -> Set<Int> {
        func malformed(_ what: String) -> Malformed {
            Malformed(reason: "the \(noun) “\(field.displayable)” \(what)")
        }
        func number(_ text: Substring) throws(Malformed) -> Int {
            if let index = names.firstIndex(of: String(text)) { return index + firstName }
            guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text)
            else { throw malformed("is not a number\(names.isEmpty ? "" : " or a name such as \(names[0])")") }
            guard range.contains(value) else { throw malformed("is not from \(range.lowerBound) to \(range.upperBound)") }
            return value
        }
        var values: Set<Int> = []
        for item in field.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let step = parts.count == 2 ? Int(parts[1]) ?? 0 : 1
            guard step > 0 else { throw malformed("has a step that is none") }
            let (first, last): (Int, Int)
            if parts[0] == "*" || parts[0] == "?" {
                (first, last) = (range.lowerBound, range.upperBound)
            } else {
                let ends = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
                first = try number(ends[0])
                last = ends.count == 2 ? try number(ends[1]) : parts.count == 2 ? range.upperBound : first
            }
            guard first <= last else { throw malformed("goes from \(first) back to \(last)") }
            values.formUnion(stride(from: first, through: last, by: step))
        }
        return values
    }
}
