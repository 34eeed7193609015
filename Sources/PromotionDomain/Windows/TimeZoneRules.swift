/// When the clocks of one place show what: how far local time is ahead of UTC, from which moment on.
///
/// Source: RFC 9636, "The Time Zone Information Format (TZif)", versions 2 to 4, which `zic` writes.
public struct TimeZoneRules: Hashable, Sendable {
    /// Seconds ahead of UTC before the first change.
    private let initial: Int64
    /// The moments of changes, ascending, and the seconds ahead of UTC from each on.
    private let moments: [Int64]
    private let offsets: [Int64]
    /// What holds from the last change on.
    private let rest: RecurringClockChange

    /// Universal time, for which no database is needed.
    public static let utc = TimeZoneRules(initial: 0, moments: [], offsets: [], rest: RecurringClockChange(offset: 0))

    /// What is wrong with a file that cannot be read.
    public struct Malformed: Error, Hashable, Sendable {
        public let reason: String
    }

    private init(initial: Int64, moments: [Int64], offsets: [Int64], rest: RecurringClockChange) {
        self.initial = initial
        self.moments = moments
        self.offsets = offsets
        self.rest = rest
    }

    /// - Parameter bytes: the file of one zone.
    /// - Throws: `Malformed`, also for a file that counts leap seconds, or does not tell what follows its last change.
    public init(tzif bytes: [UInt8]) throws(Malformed) {
        var reader = TimeZoneFileReader(bytes)
        let first = try reader.header()
        guard first.version >= UInt8(ascii: "2") else { throw Malformed(reason: "it is of version 1, which ends in 2037") }
        try reader.skip(first.length(timeSize: 4))
        let header = try reader.header()
        guard header.leapSeconds == 0 else { throw Malformed(reason: "it counts leap seconds") }
        let body = try reader.body(header)
        let footer = try reader.footer()
        guard let rest = RecurringClockChange(footer) else {
            throw Malformed(reason: "“\(footer)” does not tell what follows its last change")
        }
        self.init(initial: body.initial, moments: body.moments, offsets: body.offsets, rest: rest)
    }

    /// Seconds that local time is ahead of UTC at a moment.
    func offset(at seconds: Int64) -> Int64 {
        guard let last = moments.last else { return rest.offset(at: seconds) }
        if seconds >= last { return rest.offset(at: seconds) }
        var (low, high) = (0, moments.count)
        while low < high {
            let middle = (low + high) / 2
            if moments[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? initial : offsets[low - 1]
    }
}

/// Reads the parts of a TZif file in their order.
private struct TimeZoneFileReader {
    private let bytes: [UInt8]
    private var position = 0

    /// Of the files of today, the largest has four thousand bytes.
    private static let maximumCount = 100_000

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    struct Header {
        let version: UInt8
        let isUTCFlags: Int
        let isStandardFlags: Int
        let leapSeconds: Int
        let transitions: Int
        let types: Int
        let characters: Int

        /// Of the data that follows it.
        func length(timeSize: Int) -> Int {
            transitions * (timeSize + 1) + types * 6 + characters + leapSeconds * (timeSize + 4) + isStandardFlags + isUTCFlags
        }
    }

    /// Source: RFC 9636, 3.1.
    mutating func header() throws(TimeZoneRules.Malformed) -> Header {
        guard try take(4).elementsEqual("TZif".utf8), let version = try take(1).first else {
            throw TimeZoneRules.Malformed(reason: "it is no file of a time zone")
        }
        try skip(15)
        var counts: [Int] = []
        for _ in 0..<6 {
            let count = Int(try number(4))
            guard (0...Self.maximumCount).contains(count) else { throw truncated }
            counts.append(count)
        }
        return Header(
            version: version, isUTCFlags: counts[0], isStandardFlags: counts[1], leapSeconds: counts[2],
            transitions: counts[3], types: counts[4], characters: counts[5])
    }

    /// Source: RFC 9636, 3.2.
    mutating func body(
        _ header: Header
    ) throws(TimeZoneRules.Malformed) -> (initial: Int64, moments: [Int64], offsets: [Int64]) {
        var moments: [Int64] = []
        for _ in 0..<header.transitions { moments.append(try number(8)) }
        let indices = try take(header.transitions).map { Int($0) }
        var types: [Int64] = []
        for _ in 0..<header.types {
            types.append(try number(4))
            try skip(2)
        }
        try skip(header.characters + header.isStandardFlags + header.isUTCFlags)
        guard let initial = types.first, indices.allSatisfy({ $0 < types.count }),
            zip(moments, moments.dropFirst()).allSatisfy({ $0 < $1 }), types.allSatisfy({ abs($0) <= 26 * 3600 })
        else { throw TimeZoneRules.Malformed(reason: "its changes are out of order") }
        return (initial, moments, indices.map { types[$0] })
    }

    /// Source: RFC 9636, 3.3.
    mutating func footer() throws(TimeZoneRules.Malformed) -> String {
        guard try take(1).first == UInt8(ascii: "\n"), let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else {
            throw truncated
        }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }

    mutating func skip(_ count: Int) throws(TimeZoneRules.Malformed) { _ = try take(count) }

    private mutating func take(_ count: Int) throws(TimeZoneRules.Malformed) -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else { throw truncated }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// A signed number of four or eight bytes, the highest first.
    private mutating func number(_ size: Int) throws(TimeZoneRules.Malformed) -> Int64 {
        let bits = try take(size).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return size == 4 ? Int64(Int32(truncatingIfNeeded: bits)) : Int64(bitPattern: bits)
    }

    private var truncated: TimeZoneRules.Malformed { TimeZoneRules.Malformed(reason: "it is cut off") }
}
