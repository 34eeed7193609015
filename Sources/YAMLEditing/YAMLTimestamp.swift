/// A date or time, as Go's YAML readers recognize it in a plain scalar.
///
/// Source: the four layouts of go-yaml (`2006-1-2T15:4:5.999999999Z07:00`, the same with a small `t`, `2006-1-2 15:4:5.999999999`
/// and `2006-1-2`) under the rules of Go's `time.Parse`: one or two digits, a fraction of any length after a point or a comma,
/// days that the month has.
public struct YAMLTimestamp: Hashable, Sendable {
    private let year: Int
    private let month: Int
    private let day: Int
    private var hour = 0
    private var minute = 0
    private var second = 0
    /// Digits after the seconds, without zeros at the end.
    private var fraction: [UInt8] = []
    /// Minutes east of UTC.
    private var offset = 0

    /// Nil for a text that is no timestamp.
    public init?(_ text: some StringProtocol) {
        var scan = Scan(rest: Array(text.utf8)[...])
        guard let year = scan.number(exactly: 4), scan.take("-"), let month = scan.number(), scan.take("-"),
            let day = scan.number(), (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        guard !scan.rest.isEmpty else { return }
        let hasZone = scan.take("T") || scan.take("t")
        if !hasZone {
            guard scan.take(" ") else { return nil }
            while scan.take(" ") {}
        }
        guard let hour = scan.number(), scan.take(":"), let minute = scan.number(), scan.take(":"), let second = scan.number(),
            hour < 24, minute < 60, second < 60
        else { return nil }
        self.hour = hour
        self.minute = minute
        self.second = second
        fraction = scan.fraction()
        if hasZone, !scan.take("Z") {
            let sign: Int
            if scan.take("+") { sign = 1 } else if scan.take("-") { sign = -1 } else { return nil }
            guard let hours = scan.number(exactly: 2), scan.take(":"), let minutes = scan.number(exactly: 2), hours <= 24,
                minutes < 60
            else { return nil }
            offset = sign * (hours * 60 + minutes)
        }
        guard scan.rest.isEmpty else { return nil }
    }

    /// The time in the form of RFC 3339, with as many digits of the second as count.
    public var rfc3339: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let years = String(year)
        var text = String(repeating: "0", count: 4 - years.count) + years
        text += "-\(two(month))-\(two(day))T\(two(hour)):\(two(minute)):\(two(second))"
        if !fraction.isEmpty { text += "." + String(decoding: fraction, as: UTF8.self) }
        let minutes = abs(offset)
        return offset == 0 ? text + "Z" : text + (offset < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private struct Scan {
        var rest: ArraySlice<UInt8>

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        /// One or two digits.
        mutating func number() -> Int? {
            number(exactly: rest.dropFirst().first.map(\.isDigit) == true ? 2 : 1)
        }

        mutating func number(exactly count: Int) -> Int? {
            let digits = rest.prefix(count)
            guard digits.count == count, digits.allSatisfy(\.isDigit) else { return nil }
            rest = rest.dropFirst(count)
            return digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
        }

        /// The digits after a point or a comma that are kept: nine at most.
        mutating func fraction() -> [UInt8] {
            guard rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: ","),
                rest.dropFirst().first.map(\.isDigit) == true
            else { return [] }
            let digits = rest.dropFirst().prefix { $0.isDigit }
            rest = rest[digits.endIndex...]
            var kept = Array(digits.prefix(9))
            while kept.last == UInt8(ascii: "0") { kept.removeLast() }
            return kept
        }
    }
}
