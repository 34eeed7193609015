import GitOpsTypes
import PromoteTestSupport
import Testing

@testable import PromotionDomain

/// Windows by real calendars, changes of clocks included.
@Suite struct ReleaseWindowTests {
    private func window(
        _ cron: String, hours: Int64 = 1, _ zone: String = "UTC", _ effect: ReleaseWindow.Effect = .exclude
    ) throws -> ReleaseWindow {
        ReleaseWindow(
            effect: effect, begin: try CronExpression(cron), duration: hours * 3600,
            timeZone: try InstalledTimeZones.zone(zone), reason: nil)
    }

    private func time(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }

    private func isOpen(_ windows: [ReleaseWindow], _ text: String) throws -> Bool {
        WindowSchedule(windows).verdict(at: try time(text)).isOpen
    }

    private func next(_ windows: [ReleaseWindow], _ text: String) throws -> String? {
        WindowSchedule(windows).nextTransition(after: try time(text))?.description
    }

    @Test func `A weekend is excluded from Friday afternoon to Monday morning, by local clocks`() throws {
        let weekend = [try window("0 16 * * FRI", hours: 64, "Europe/Berlin")]
        // Winter: Berlin is an hour ahead.
        #expect(try isOpen(weekend, "2026-11-20T14:59:59Z"))
        #expect(try !isOpen(weekend, "2026-11-20T15:00:00Z"))
        #expect(try !isOpen(weekend, "2026-11-23T06:59:59Z"))
        #expect(try isOpen(weekend, "2026-11-23T07:00:00Z"))
        // Summer: two hours.
        #expect(try isOpen(weekend, "2026-07-03T13:59:59Z"))
        #expect(try !isOpen(weekend, "2026-07-03T14:00:00Z"))
        #expect(try next(weekend, "2026-11-18T00:00:00Z") == "2026-11-20T15:00:00Z")
        #expect(try next(weekend, "2026-11-21T00:00:00Z") == "2026-11-23T07:00:00Z")
    }

    @Test func `A time that the clocks jump over is the moment of the jump`() throws {
        // 2026-03-29, 02:00 becomes 03:00 in Berlin: 01:00 UTC.
        let night = [try window("30 2 * * *", hours: 1, "Europe/Berlin")]
        #expect(try isOpen(night, "2026-03-29T00:59:59Z"))
        #expect(try !isOpen(night, "2026-03-29T01:00:00Z"))
        #expect(try !isOpen(night, "2026-03-29T01:59:59Z"))
        #expect(try isOpen(night, "2026-03-29T02:00:00Z"))
        #expect(try !isOpen(night, "2026-03-30T00:30:00Z"))
    }

    @Test func `A time that comes twice counts once, and the window is as long as ever`() throws {
        // 2026-10-25, 03:00 becomes 02:00 in Berlin: 02:30 is at 00:30 and at 01:30 UTC.
        let night = [try window("30 2 * * *", hours: 1, "Europe/Berlin")]
        #expect(try isOpen(night, "2026-10-25T00:29:59Z"))
        #expect(try !isOpen(night, "2026-10-25T00:30:00Z"))
        #expect(try !isOpen(night, "2026-10-25T01:29:59Z"))
        #expect(try isOpen(night, "2026-10-25T01:30:00Z"))
        #expect(try isOpen(night, "2026-10-25T02:00:00Z"))
    }

    @Test func `Zones with half hours, and clocks that turn at other times, are right, too`() throws {
        // Lord Howe Island turns by half an hour.
        let howe = [try window("0 9 * * *", hours: 1, "Australia/Lord_Howe")]
        #expect(try !isOpen(howe, "2026-06-30T22:30:00Z"))
        #expect(try !isOpen(howe, "2026-12-31T22:00:00Z"))
        #expect(try isOpen(howe, "2026-12-31T23:00:00Z"))
        // In Santiago, midnight itself is jumped over: 2026-09-06 begins at 01:00, 04:00 UTC.
        let midnight = [try window("0 0 * * *", hours: 1, "America/Santiago")]
        #expect(try isOpen(midnight, "2026-09-06T03:59:59Z"))
        #expect(try !isOpen(midnight, "2026-09-06T04:00:00Z"))
    }

    @Test func `An exclusion wins over an allowance, and without any allowance all is allowed`() throws {
        let hours = try window("0 9 * * MON-FRI", hours: 8, "UTC", .allow)
        let lunch = try window("0 12 * * *", hours: 1)
        #expect(try isOpen([hours, lunch], "2026-11-20T11:59:59Z"))
        #expect(try !isOpen([hours, lunch], "2026-11-20T12:00:00Z"))
        #expect(try isOpen([hours, lunch], "2026-11-20T13:00:00Z"))
        #expect(try !isOpen([hours, lunch], "2026-11-20T17:00:00Z"))
        #expect(try !isOpen([hours, lunch], "2026-11-21T10:00:00Z"))
        #expect(try isOpen([lunch], "2026-11-21T10:00:00Z"))
        #expect(try isOpen([], "2026-11-21T10:00:00Z"))
        #expect(try next([hours, lunch], "2026-11-20T17:00:00Z") == "2026-11-23T09:00:00Z")
        #expect(try next([hours, lunch], "2026-11-20T11:00:00Z") == "2026-11-20T12:00:00Z")
        #expect(try next([hours, lunch], "2026-11-20T12:30:00Z") == "2026-11-20T13:00:00Z")
        #expect(try next([], "2026-11-20T12:30:00Z") == nil)
    }

    @Test func `Windows that meet or overlap are one`() throws {
        let always = [try window("0 * * * *", hours: 1)]
        #expect(try next(always, "2026-11-20T12:30:00Z") == nil)
        let two = [try window("0 0 * * *", hours: 12), try window("0 11 * * *", hours: 3)]
        #expect(try next(two, "2026-11-20T10:00:00Z") == "2026-11-20T14:00:00Z")
    }

    @Test func `The next transition is the first moment with another verdict`() throws {
        var random = SeededGenerator(seed: 11)
        let zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
        let crons = ["0 16 * * FRI", "30 2 * * *", "*/20 9-17 * * MON-FRI", "0 0 1 * *", "15 1 25 10 *", "0 6 13 * FRI"]
        for _ in 0..<60 {
            let windows = try (0..<Int.random(in: 1...3, using: &random)).map { _ in
                try window(
                    crons.randomElement(using: &random) ?? "", hours: Int64.random(in: 1...70, using: &random),
                    zones.randomElement(using: &random) ?? "", Bool.random(using: &random) ? .allow : .exclude)
            }
            let schedule = WindowSchedule(windows)
            let start = Timestamp(seconds: 1_790_000_000 + Int64.random(in: 0..<31_536_000, using: &random))
            let verdict = schedule.verdict(at: start).isOpen
            guard let next = schedule.nextTransition(after: start) else { continue }
            #expect(schedule.verdict(at: next).isOpen != verdict)
            #expect(schedule.verdict(at: next.adding(seconds: -1)).isOpen == verdict)
            // Beginnings are whole minutes, so nothing in between is missed by looking at some.
            let span = next.seconds - start.seconds
            for _ in 0..<50 where span > 1 {
                let between = start.adding(seconds: Int64.random(in: 0..<span, using: &random))
                #expect(schedule.verdict(at: between).isOpen == verdict, "\(windows) \(between)")
            }
        }
    }

    @Test(arguments: [
        ("* * * *", "4 fields"), ("60 * * * *", "0 to 59"), ("* * * * 8", "0 to 7"), ("* * * * MOO", "SUN"),
        ("5-1 * * * *", "back"), ("*/0 * * * *", "step"), ("* * 31 2,4 *", "no year"), ("1,, * * * *", "not a number"),
        ("-1 * * * *", "not a number"), ("* * * FOO *", "JAN"), ("", "0 fields"), ("@often", "1 fields"),
    ])
    func `What is no cron expression is refused with why`(_ text: String, _ reason: String) throws {
        #expect { try CronExpression(text) } throws: { error in
            (error as? CronExpression.Malformed)?.reason.contains(reason) == true
        }
    }

    @Test func `Days of the month and of the week are either-or where both are restricted`() throws {
        let both = try CronExpression("0 0 13 * FRI")
        #expect(both.matches(CivilDate(year: 2026, month: 11, day: 13)))
        #expect(both.matches(CivilDate(year: 2026, month: 11, day: 20)))
        #expect(both.matches(CivilDate(year: 2026, month: 12, day: 13)))
        #expect(!both.matches(CivilDate(year: 2026, month: 12, day: 14)))
        #expect(try CronExpression("0 0 * * 7").matches(CivilDate(year: 2026, month: 11, day: 22)))
        #expect(try CronExpression("0 0 29 2 *").matches(CivilDate(year: 2028, month: 2, day: 29)))
        #expect(try !CronExpression("0 0 29 2 *").matches(CivilDate(year: 2028, month: 3, day: 1)))
    }

    @Test func `A window in a zone that this machine does not know is not open`() throws {
        let name = try #require(TimeZoneName("Europe/Atlantis"))
        let windows = [
            try window("0 * * * *", hours: 1, "UTC", .allow),
            ReleaseWindow(
                effect: .exclude, begin: try CronExpression("0 0 1 1 *"), duration: 3600,
                timeZone: LocalTimeZone(name, rules: nil), reason: nil),
        ]
        #expect(try !isOpen(windows, "2026-06-01T00:00:00Z"))
        #expect(WindowSchedule(windows).unknownTimeZone?.text == "Europe/Atlantis")
        #expect(try next(windows, "2026-06-01T00:00:00Z") == nil)
    }
}
