import GitOpsTypes
import PromoteTestSupport
import Testing

@testable import GitStore

/// Digits name objects; whatever else somebody calls so is not meant.
@Suite struct CommitNamingTests {
    private let git: Tool
    private let scratch: ScratchDirectory
    private let repository: GitRepository
    private let first: CommitID
    private let second: CommitID

    init() throws {
        scratch = try ScratchDirectory()
        git = Tool("git", in: scratch.path)
        try git.succeed("init", "-q", "-b", "main")
        for (name, value) in [("user.name", "a"), ("user.email", "a@example.org")] { try git.succeed("config", name, value) }
        for message in ["first", "second"] { try git.succeed("commit", "-q", "--allow-empty", "-m", message) }
        first = try #require(CommitID(git.succeed("rev-parse", "HEAD~1")))
        second = try #require(CommitID(git.succeed("rev-parse", "HEAD")))
        repository = GitRepository(path: scratch.path + "/.git")
    }

    private func named(_ text: String) async throws -> CommitID? {
        try await repository.scratch { try $0.commit(named: text) }
    }

    @Test(arguments: ["tag", "branch", "annotated tag", "remote branch"])
    func `A ref that is called like the beginning of an id is not taken for it`(_ kind: String) async throws {
        for digits in [7, 10, 39, 40] {
            let name = String(first.hex.prefix(digits))
            switch kind {
            case "tag": try git.succeed("update-ref", "refs/tags/\(name)", second.hex)
            case "branch": try git.succeed("update-ref", "refs/heads/\(name)", second.hex)
            case "annotated tag": try git.succeed("tag", "-f", "-m", "x", name, second.hex)
            default: try git.succeed("update-ref", "refs/remotes/\(name)/HEAD", second.hex)
            }
            #expect(try await named(name) == first)
            #expect(try await named(name.uppercased()) == first)
            #expect(try await named(name + "~0") == first)
            #expect(try await named(name + "^{commit}") == first)
            #expect(try await named(String(second.hex.prefix(digits)) + "~1") == first)
        }
    }

    @Test func `A ref whose name is digits is named in full`() async throws {
        for name in ["cafe", "decade", "deadbeef01"] {
            try git.succeed("update-ref", "refs/heads/\(name)", first.hex)
            #expect(try await named(name) == nil)
            #expect(try await named("refs/heads/\(name)") == first)
            #expect(try await named("heads/\(name)") == first)
        }
        #expect(try await named("main") == second)
        #expect(try await named("HEAD~1") == first)
        #expect(try await named("promotion") == nil)
    }

    @Test func `What several objects begin with, and what leads to no commit, names none`() async throws {
        // Blobs until two share seven digits would take long: a loose object with a made-up name is enough to be ambiguous.
        let blob = try git.succeed("hash-object", "-w", "--stdin", input: "x")
        let twin = String(first.hex.prefix(8)) + String(repeating: "0", count: 32)
        let folder = scratch.path + "/.git/objects/\(twin.prefix(2))"
        try Tool("cp", in: scratch.path).succeed(
            ".git/objects/\(blob.prefix(2))/\(blob.dropFirst(2))", "\(folder)/\(twin.dropFirst(2))")
        let (short, long) = (
            try #require(CommitAbbreviation(first.hex.prefix(8))), try #require(CommitAbbreviation(first.hex))
        )
        #expect(try await repository.scratch { try $0.commit(short) } == .several)
        #expect(try await repository.scratch { try $0.commit(long) } == .found(first))
        let noCommit = try #require(CommitAbbreviation(blob))
        #expect(try await repository.scratch { try $0.commit(noCommit) } == .nothing)
        let unknown = try #require(CommitAbbreviation(String(repeating: "e", count: 40)))
        #expect(try await repository.scratch { try $0.commit(unknown) } == .nothing)
        let tooLong = try #require(CommitAbbreviation(String(repeating: "e", count: 65)))
        #expect(try await repository.scratch { try $0.commit(tooLong) } == .nothing)
    }

    @Test(arguments: ["", "abcdef", "main", "HEAD", "abcdefg", "abcdef01 ", "abcdef0~1", "ａｂｃｄｅｆ０１"])
    func `Fewer than seven digits, and what has others, is no id`(_ text: String) {
        #expect(CommitAbbreviation(text) == nil)
    }
}

/// The key that signs, as Git finds it.
@Suite struct SigningKeyTests {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    private func configuration(_ values: [String: String]) -> GitConfiguration {
        GitConfiguration(nullSeparated: Array(values.map { "\($0)\n\($1)\u{0}" }.joined().utf8))
    }

    @Test func `What Git is set up for is told`() {
        #expect(SigningSetup(configuration([:])) == .otherFormat(nil))
        #expect(SigningSetup(configuration(["user.signingkey": "0xDEADBEEF"])) == .otherFormat(nil))
        for format in ["openpgp", "x509", "SSH"] {
            #expect(SigningSetup(configuration(["gpg.format": format, "user.signingkey": "k"])) == .otherFormat(format))
        }
        #expect(SigningSetup(configuration(["gpg.format": "ssh"])) == .noKey)
        #expect(SigningSetup(configuration(["gpg.format": "ssh", "user.signingkey": ""])) == .noKey)
        #expect(SigningSetup(configuration(["gpg.format": "ssh", "user.signingkey": "k"])) == .ssh)
        #expect(SigningSetup(configuration(["gpg.format": "ssh", "gpg.ssh.defaultkeycommand": "ssh-add -L"])) == .ssh)
    }

    @Test(arguments: [
        ("printf 'ssh-ed25519 AAAA me'", "ssh-ed25519 AAAA me"),
        ("printf 'key::ecdsa-sha2-nistp256 AAAA'", "ecdsa-sha2-nistp256 AAAA"),
        ("printf \"ssh-rsa BBBB\\\\nssh-ed25519 AAAA\\\\n\"", "ssh-rsa BBBB"),
        ("sh -c 'echo ssh-ed25519 $0' AAAA", "ssh-ed25519 AAAA"),
    ])
    func `The first line of the default key command is the key, without a shell`(_ command: String, _ key: String) async throws {
        let signer = try #require(
            CommitSigner(
                configuration(["gpg.format": "ssh", "gpg.ssh.defaultkeycommand": command]), homeDirectory: nil,
                directory: scratch.path))
        #expect(try await signer.publicKey() == key)
    }

    @Test(arguments: [
        "true", "false", "echo ecdsa-sha2-nistp256 AAAA", "echo; echo ssh-ed25519 AAAA", "printf 'ssh-ed25519", "",
        "no-such-program",
    ])
    func `A command that gives no key is an error that says what is wanted`(_ command: String) async throws {
        guard
            let signer = CommitSigner(
                configuration(["gpg.format": "ssh", "gpg.ssh.defaultkeycommand": command]), homeDirectory: nil,
                directory: scratch.path)
        else { return #expect(command.isEmpty) }
        await #expect(throws: GitError.self) { try await signer.publicKey() }
    }

    @Test func `A key that is set is asked for no command`() async throws {
        let signer = try #require(
            CommitSigner(
                configuration([
                    "gpg.format": "ssh", "user.signingkey": "key::ssh-ed25519 AAAA", "gpg.ssh.defaultkeycommand": "false",
                ]), homeDirectory: nil, directory: scratch.path))
        #expect(try await signer.publicKey() == "ssh-ed25519 AAAA")
    }

    @Test(arguments: [
        ("a b", ["a", "b"]), ("  a\tb\n", ["a", "b"]), ("a 'b c' \"d e\"", ["a", "b c", "d e"]), ("a\\ b", ["a b"]),
        ("'a\\'", ["a\\"]), ("\"a\\\"b\"", ["a\"b"]), ("a'b'c", ["abc"]), ("''", [""]), ("", []),
    ])
    func `A command line is taken apart as Git does it`(_ text: String, _ words: [String]) {
        #expect(CommandLineWords(text)?.words == words)
    }

    @Test(arguments: ["'a", "\"a", "a\\"])
    func `A command line that does not end is none`(_ text: String) {
        #expect(CommandLineWords(text) == nil)
    }
}
