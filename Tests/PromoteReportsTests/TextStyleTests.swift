import GitOpsTypes
import Testing

@testable import PromoteReports

/// Times for people.
@Suite struct TextStyleTests {
    private static let now = Timestamp(seconds: 1_795_000_000)

    @Test(
        arguments: [
            (0, "just now"), (59, "just now"), (60, "1 minute ago"), (119, "1 minute ago"), (120, "2 minutes ago"),
            (7199, "119 minutes ago"), (7200, "2 hours ago"), (172_799, "47 hours ago"), (172_800, "2 days ago"),
            (-30, "just now"), (-90, "in 1 minute"), (-7200, "in 2 hours"),
        ] as [(Int64, String)])
    func `On a terminal a time is told by how long it is ago`(_ seconds: Int64, _ words: String) {
        let style = TextStyle(usesColour: false, now: Self.now)
        #expect(style.told(Self.now.adding(seconds: -seconds)) == words)
    }

    @Test func `Elsewhere it stands as it is`() {
        #expect(TextStyle.plain.told(Self.now) == Self.now.description)
    }
}
