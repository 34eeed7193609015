import SSHSignatures
import Testing

/// Keys of a list that is another's, of which some may be none.
@Suite struct ListedKeyTests {
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOkjUuigsR9ttJnNNRETSRFyCkm4D3xhqxCRbim3fTvd"

    @Test(arguments: ["\n", "\r\n"])
    func `Every line that is understood is one, as it stands there`(_ end: String) {
        let lines = [
            "# you@example.org \(Self.key)", "", "a@example.org \(Self.key) laptop", "\t\"b@example.org\" \(Self.key)",
            "c@example.org namespaces=\"git\" \(Self.key)", "d@example.org,e@example.org \(Self.key)",
            "*@example.org \(Self.key)", "f@example.org cert-authority \(Self.key)", "g@example.org ssh-ed25519 AAAA",
            "h@example.org",
        ]
        let keys = ListedKey.all(in: lines.joined(separator: end) + end)
        #expect(keys.map(\.line) == Array(lines[2...5]))
        #expect(
            keys.map(\.entry.principals) == [
                ["a@example.org"], ["b@example.org"], ["c@example.org"], ["d@example.org", "e@example.org"],
            ])
    }
}
