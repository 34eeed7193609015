import Foundation
import PromoteTestSupport
import Testing

/// A repository that knew nothing of promote, with a bare remote, and alice with a clone of it.
struct AdoptedRepository {
    let scratch: ScratchDirectory
    let person: Person
    private let playground: Playground

    /// - Parameters:
    ///   - files: what is committed, by path.
    ///   - signs: whether alice has a key.
    ///   - helm: the release of Helm that she has.
    init(_ files: [String: String], signs: Bool = true, helm: String? = nil) throws {
        playground = try Playground()
        scratch = playground.scratch
        let directory = scratch.path + "/adopted"
        try Tool("git", in: "/").succeed("init", "-q", "--bare", "-b", "main", directory + ".git")
        try Tool("git", in: "/").succeed("clone", "-q", directory + ".git", directory)
        let git = Tool("git", in: directory)
        let alice = try playground.person("alice")
        let key = [("gpg.format", "ssh"), ("user.signingkey", alice.keyFile)]
        for (name, value) in [("user.email", alice.principal), ("user.name", "alice")] + (signs ? key : []) {
            try git.succeed("config", name, value)
        }
        try git.succeed("checkout", "-q", "-b", "main")
        let working = alice.working(in: directory)
        person = helm.map(working.having) ?? working
        for (path, text) in files { try write(text, to: path) }
        if !files.isEmpty { try push("Manifests") }
    }

    func write(_ text: String, to path: String) throws {
        let file = URL(filePath: person.directory).appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func push(_ message: String) throws {
        try person.git.succeed("add", "-A")
        try person.git.succeed("commit", "-q", "-m", message)
        try person.git.succeed("push", "-q", "-u", "origin", "main")
    }

    /// What stands in the work tree besides the configuration, and what it is.
    func contents(besides folder: String = "environments") throws -> String {
        try person.git.succeed("ls-files", "-s", "--", ".", ":!\(folder)")
            + person.git.succeed("status", "--porcelain", "--", ".", ":!\(folder)")
    }

    /// Init, and what is needed for the first promotion through `environments`: nothing is written by hand.
    func promote(
        _ image: String, of application: String, through environments: [String], tag: String? = nil,
        folder: String = "environments", _ flags: [String] = []
    ) throws {
        let before = try contents(besides: folder)
        let written = try person.ask(["init"] + flags)
        #expect(written.status == 0, "\(written.result.output)\(written.result.errors)")
        #expect(try contents(besides: folder) == before)
        try push("Start promoting")
        let doctor = try person.ask("doctor")
        #expect(doctor.status == 0, "\(doctor.result.output)")
        let registered = try person.ask(
            "register", "\(image)\(tag.map { ":\($0)" } ?? "")@\(Playground.digest("1"))", "--app", application, "--no-registry")
        #expect(registered.status == 0, "\(registered.result.output)")
        for (source, environment) in zip(["build"] + environments, environments) {
            let merged = try person.ask(source, environment, "--app", application, "--merge")
            #expect(merged.status == 0, "\(merged.result.output)")
            let verified = try person.ask("verify", environment, "--app", application, "--result", "passed")
            #expect(verified.status == 0, "\(verified.result.output)")
        }
        let again = try person.ask(["init"] + flags)
        #expect(again.status == 0)
        #expect((again["files"] as? [Any])?.isEmpty == true, "\(again.result.output)")
    }
}
