import Foundation
import GitOpsTypes
import PromoteTestSupport
import SSHSignatures
import Testing

/// Lines of allowed_signers, read by us and by `ssh-keygen -Y verify`.
@Suite struct AllowedSignersCrossCheckTests {
    private let scratch: ScratchDirectory
    private let key: String
    private let other: String
    private let signer: SSHPublicKey
    /// 2026-11-21T07:42:00Z, when everything here is verified.
    private let now = Timestamp(seconds: 1_795_246_920)

    init() throws {
        scratch = try ScratchDirectory()
        let tool = Tool("ssh-keygen", in: scratch.path)
        for name in ["key", "other"] { try tool.run("-q", "-N", "", "-t", "ed25519", "-C", "", "-f", name) }
        func line(_ name: String, in scratch: ScratchDirectory) throws -> String {
            try String(contentsOf: scratch.url.appending(component: name + ".pub"), encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        key = try line("key", in: scratch)
        other = try line("other", in: scratch)
        signer = try #require(SSHPublicKey(base64: key.split(separator: " ")[1]))
        try scratch.write(
            try tool.succeed("-Y", "sign", "-n", "git", "-f", "key", input: "message") + "\n", to: "signature")
    }

    private func opensshAccepts(_ file: String, revoked: String?) throws -> Bool {
        try scratch.write(file, to: "allowed")
        var arguments = [
            "-Y", "verify", "-f", "allowed", "-I", "me@example.org", "-n", "git", "-s", "signature",
            "-Overify-time=20261121074200Z",
        ]
        if let revoked {
            try scratch.write(revoked, to: "revoked")
            arguments += ["-r", "revoked"]
        }
        return try Tool("ssh-keygen", in: scratch.path).run(arguments, input: "message").status == 0
    }

    private func weAccept(_ file: String, revoked: String?) -> Bool {
        do {
            let signers = AllowedSigners(
                entries: try AllowedSigners(file).entries, revoked: try revoked.map(AllowedSigners.revokedKeys) ?? [])
            return signers.allows(signer, as: "me@example.org", namespace: "git", at: now)
        } catch {
            return false
        }
    }

    /// KEY and OTHER stand for the keys.
    private func filled(_ text: String) -> String {
        text.replacing("KEY", with: key).replacing("OTHER", with: other)
    }

    @Test(arguments: [
        ("me@example.org KEY", true), ("me@example.org KEY a comment \"of\" mine", true), ("  me@example.org\tKEY", true),
        ("# me@example.org KEY", false), ("me@example.org OTHER", false), ("ME@example.org KEY", false),
        ("a@example.org,me@example.org KEY", true), ("\"me@example.org\" KEY", true),
        ("\"a@example.org,me@example.org\" KEY", true), ("m\"e@example.org\" KEY", true),
        ("m\"e@example.org KEY", false), ("\"me@example.org KEY", false),
        // Namespaces are patterns.
        ("me@example.org namespaces=\"git\" KEY", true), ("me@example.org namespaces=\"file\" KEY", false),
        ("me@example.org namespaces=\"file,git\" KEY", true), ("me@example.org namespaces=\"g*\" KEY", true),
        ("me@example.org namespaces=\"g?t\" KEY", true), ("me@example.org namespaces=\"?\" KEY", false),
        ("me@example.org namespaces=\"*\" KEY", true), ("me@example.org namespaces=\"*,!git\" KEY", false),
        ("me@example.org namespaces=\"!git,*\" KEY", false), ("me@example.org namespaces=\"!file,*\" KEY", true),
        ("me@example.org namespaces=\"!file\" KEY", false), ("me@example.org namespaces=\"\" KEY", false),
        ("me@example.org namespaces=\"GIT\" KEY", false), ("me@example.org NameSpaces=\"git\" KEY", true),
        ("me@example.org namespaces=\"**t\" KEY", true), ("me@example.org namespaces=\"*i*i*\" KEY", false),
        // Times.
        ("me@example.org valid-after=\"20261121Z\" KEY", true), ("me@example.org valid-after=\"20261122Z\" KEY", false),
        ("me@example.org valid-before=\"20261121Z\" KEY", false), ("me@example.org valid-before=\"20261122Z\" KEY", true),
        ("me@example.org valid-before=\"202611210743Z\" KEY", true),
        ("me@example.org valid-before=\"20261121074159Z\" KEY", false),
        ("me@example.org valid-after=\"20261121074201Z\" KEY", false),
        ("me@example.org valid-before=\"20261122z\" KEY", true), ("me@example.org valid-before=\"20261122UTC\" KEY", true),
        ("me@example.org valid-after=\"19700101Z\" KEY", false), ("me@example.org valid-before=\"2026112Z\" KEY", false),
        ("me@example.org valid-before=\"20261322Z\" KEY", false), ("me@example.org valid-before=\"\" KEY", false),
        ("me@example.org valid-after=\"20260101Z\",valid-before=\"20270101Z\",namespaces=\"git\" KEY", true),
        // What is given twice, or is not understood, is an error.
        ("me@example.org namespaces=\"git\",namespaces=\"git\" KEY", false),
        ("me@example.org namespaces=\"file\",namespaces=\"git\" KEY", false),
        ("me@example.org valid-before=\"20270101Z\",valid-before=\"20280101Z\" KEY", false),
        ("me@example.org valid-after=\"20200101Z\",VALID-AFTER=\"20200101Z\" KEY", false),
        ("me@example.org namespaces=git KEY", false), ("me@example.org namespaces=\"git KEY", false),
        ("me@example.org namespaces=\"git\", KEY", false), ("me@example.org ,,namespaces=\"git\" KEY", true),
        ("me@example.org namespaces=\"git\"x KEY", false), ("me@example.org frobnicate KEY", false),
        ("me@example.org cert-authority KEY", false), ("me@example.org namespaces=\"g\\\"it\" KEY", false),
        ("me@example.org", false), ("me@example.org namespaces=\"git\"", false),
        // Any line that fits is enough.
        ("me@example.org namespaces=\"file\" KEY\nme@example.org KEY", true),
        ("me@example.org OTHER\nme@example.org KEY\r", true),
    ])
    func `A line counts with us as it counts with ssh-keygen`(_ lines: String, _ counts: Bool) throws {
        let file = filled(lines) + "\n"
        #expect(try opensshAccepts(file, revoked: nil) == counts, "ssh-keygen: \(lines)")
        #expect(weAccept(file, revoked: nil) == counts, "promote: \(lines)")
    }

    @Test(arguments: ["KEY\n", "KEY", "# taken\nKEY\n", "# taken\r\nKEY\r\n", "OTHER\r\nKEY\r\n", "\n\n  KEY  \n", "OTHER\n"])
    func `A revoked key counts with neither, however the list's lines end`(_ list: String) throws {
        let (file, revoked) = (filled("me@example.org KEY\n"), filled(list))
        let counts = list == "OTHER\n"
        #expect(try opensshAccepts(file, revoked: revoked) == counts)
        #expect(weAccept(file, revoked: revoked) == counts)
    }
}
