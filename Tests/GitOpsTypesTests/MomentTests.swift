import GitOpsTypes
import Testing

/// Times as people write them.
@Suite struct MomentTests {
    private let now = Timestamp(seconds: 1_795_000_000)

    @Test(
        arguments: [
            ("2h ago", -7200), ("2h", -7200), ("in 30m", 1800), ("90s ago", -90), ("1d", -86_400), ("in 2w", 1_209_600),
            ("0s", 0),
        ] as [(String, Int64)])
    func `A distance is from now`(_ text: String, _ seconds: Int64) {
        #expect(Moment(text, now: now)?.first == now.adding(seconds: seconds))
        #expect(Moment(text, now: now)?.last == now.adding(seconds: seconds))
    }

    @Test func `A day has a first second and a last one, a time is itself`() throws {
        let day = try #require(Moment("2026-11-21", now: now))
        #expect(day.first.description == "2026-11-21T00:00:00Z")
        #expect(day.last.description == "2026-11-21T23:59:59Z")
        let time = try #require(Moment("2026-11-21T07:42:00+01:00", now: now))
        #expect(time.first == time.last && time.first.description == "2026-11-21T06:42:00Z")
    }

    @Test(arguments: [
        "", "h", "2", "2 h", "-2h", "2h later", "ago 2h", "in 2h ago", "2y", "1000000d", "२h", "yesterday", "2026-13-01",
    ])
    func `Anything else is no time`(_ text: String) { #expect(Moment(text, now: now) == nil) }
}
