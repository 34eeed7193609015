import Foundation
import GitOpsTypes
import PromoteTestSupport
import Testing

@testable import PromotionDomain

/// What clocks show, by the files of the time zone database.
@Suite struct TimeZoneTests {
    private func offset(_ zone: String, _ time: String) throws -> Int64 {
        try InstalledTimeZones.rules(zone).offset(at: try #require(Timestamp(time)).seconds)
    }

    /// In winter and in summer, before and after the last change that files list one by one.
    @Test(arguments: [
        ("Europe/Berlin", "2026-01-15T12:00:00Z", 3600), ("Europe/Berlin", "2026-03-29T00:59:59Z", 3600),
        ("Europe/Berlin", "2026-03-29T01:00:00Z", 7200), ("Europe/Berlin", "2026-10-25T00:59:59Z", 7200),
        ("Europe/Berlin", "2026-10-25T01:00:00Z", 3600), ("Europe/Berlin", "2199-07-01T00:00:00Z", 7200),
        ("America/New_York", "2026-07-01T00:00:00Z", -14400), ("America/New_York", "2039-12-01T00:00:00Z", -18000),
        ("Australia/Lord_Howe", "2026-01-01T00:00:00Z", 39600), ("Australia/Lord_Howe", "2026-07-01T00:00:00Z", 37800),
        ("Asia/Kathmandu", "2026-07-01T00:00:00Z", 20700), ("America/Santiago", "2026-09-06T03:59:59Z", -14400),
        ("America/Santiago", "2026-09-06T04:00:00Z", -10800), ("Pacific/Apia", "2011-12-30T09:59:59Z", -36000),
        ("Pacific/Apia", "2011-12-30T10:00:00Z", 50400), ("Europe/Dublin", "2026-01-01T00:00:00Z", 0),
        ("Europe/Dublin", "2026-07-01T00:00:00Z", 3600), ("Africa/Casablanca", "2025-07-01T00:00:00Z", 3600),
        ("Etc/GMT+5", "2026-01-01T00:00:00Z", -18000), ("America/Nuuk", "2040-07-01T00:00:00Z", -3600),
        ("Antarctica/Troll", "2026-07-01T00:00:00Z", 7200), ("Europe/Berlin", "1880-01-01T00:00:00Z", 3208),
    ])
    func `Local time is so far ahead of UTC`(_ zone: String, _ time: String, _ seconds: Int64) throws {
        #expect(try offset(zone, time) == seconds)
    }

    /// Texts at the end of files, some of which no place has today.
    @Test(arguments: [
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-07-01T00:00:00Z", 7200), ("<-03>3", "2026-07-01T00:00:00Z", -10800),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -18000), ("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -14400),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01T00:00:00Z", 0), ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00:00Z", 3600),
        // All of the year, as RFC 9636 has it.
        ("XXX3EDT4,0/0,J365/23", "2026-01-01T00:00:00Z", -14400), ("XXX3EDT4,0/0,J365/23", "2028-12-31T23:59:59Z", -14400),
        ("XXX3EDT4,0/0,J365/23", "2027-01-01T04:00:00Z", -14400),
        // Hours before and after the day.
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600),
        ("EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-28T00:00:00Z", 10800),
        // The 29th of February is counted by one way of writing, and not by the other.
        ("AAA0BBB-1,J60/0,J365/0", "2028-02-29T23:59:59Z", 0),
        ("AAA0BBB-1,J60/0,J365/0", "2028-03-01T00:00:00Z", 3600), ("AAA0BBB-1,59/0,364/0", "2028-02-29T00:00:00Z", 3600),
        ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-07-01T00:00:00Z", 37800),
    ])
    func `What follows the last change is read from the end of a file`(
        _ text: String, _ time: String, _ seconds: Int64
    ) throws {
        let rule = try #require(RecurringClockChange(text))
        #expect(rule.offset(at: try #require(Timestamp(time)).seconds) == seconds)
    }

    @Test(arguments: [
        "", "UTC", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x", "CET-1CEST,M13.5.0,M10.5.0", "<-03>", "<-03 3",
        "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,J0,J365", "CET-1CEST,366,J1", "CET-200", "A0BBB-1,J60,J365",
    ])
    func `A text that is no such rule is none`(_ text: String) { #expect(RecurringClockChange(text) == nil) }

    @Test func `A file that is cut off anywhere, or is something else, is refused`() throws {
        let bytes = Array(try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Europe/Berlin")))
        for length in 0..<bytes.count {
            #expect(throws: TimeZoneRules.Malformed.self) { try TimeZoneRules(tzif: Array(bytes[..<length])) }
        }
        var first = bytes
        first[4] = 0
        #expect(throws: TimeZoneRules.Malformed.self) { try TimeZoneRules(tzif: first) }
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            var changed = bytes
            for _ in 0..<3 {
                changed[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            // Whatever it says, reading ends, and so does asking.
            if let rules = try? TimeZoneRules(tzif: changed) { _ = rules.offset(at: 4_000_000_000) }
        }
    }

    @Test func `Files with leap seconds are refused`() {
        let file = "/usr/share/zoneinfo/right/Europe/Berlin"
        guard let data = FileManager.default.contents(atPath: file) else { return }
        #expect(throws: TimeZoneRules.Malformed.self) { try TimeZoneRules(tzif: Array(data)) }
    }

    @Test func `Names of zones that mean different things to different people are refused`() {
        for name in [
            "CET", "EST", "GMT+2", "Berlin", "+01:00", "", "europe/berlin", "right/Europe/Berlin", "posix/UTC", "/Europe/Berlin",
            "Europe/", "Europe//Berlin", "Europe/../Etc/UTC", "Europe/Ber lin", "Europe/Bérlin", "../../etc/passwd",
        ] { #expect(TimeZoneName(name) == nil, "\(name)") }
        for name in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "America/Port-au-Prince"] {
            #expect(TimeZoneName(name)?.text == name)
        }
    }

    /// All zones against Python's reader, hour by hour around every change from 1970 to 2040 and day by day besides: minutes, so only
    /// with `TIME_ZONES=all`. `TZDIR` names another database.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["TIME_ZONES"] == "all"))
    func `Every zone of the machine shows what Python shows`() throws {
        let folder = ProcessInfo.processInfo.environment["TZDIR"] ?? InstalledTimeZones.folder
        let script = Playground.repositoryRoot.appending(path: "scripts/list-clock-changes").path
        let listing = try Tool(Tool.python, in: "/").succeed(script, folder)
        var rules: (name: String, rules: TimeZoneRules)?
        var (zones, samples) = (0, 0)
        for line in listing.split(separator: "\n") {
            let fields = line.split(separator: " ")
            let name = String(fields[0])
            if rules?.name != name {
                rules = (name, try TimeZoneRules(tzif: Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)")))))
                zones += 1
            }
            let (moment, wanted) = (try #require(Int64(fields[1])), try #require(Int64(fields[2])))
            samples += 1
            let found = rules?.rules.offset(at: moment)
            if found != wanted { Issue.record("\(name) at \(Timestamp(seconds: moment)): \(found ?? 0), and not \(wanted)") }
        }
        #expect(zones > 300 && samples > 1_000_000, "\(zones) zones, \(samples) moments")
    }
}
