import Foundation
import PromoteTestSupport
import Testing

/// Windows go by the machine's time zone database, whichever that is.
@Suite struct TimeZoneDatabaseTests {
    private func playground(_ zone: String) throws -> Playground {
        let playground = try Playground { seed in
            let file = seed.appending(path: "environments/environments.yaml")
            let window = "{ allow: { cron: \"0 0 1 1 *\", duration: 1m, timeZone: \(zone) } }"
            let text = try String(contentsOf: file, encoding: .utf8)
                .replacing("  promotesFrom: [build]\n", with: "  promotesFrom: [build]\n  windows: [\(window)]\n")
            try Data(text.utf8).write(to: file)
        }
        return playground
    }

    /// A database of the named zones, each with the clocks of another; and its version.
    private func database(_ zones: [String: String], in playground: Playground, version: String? = "2031c") throws -> String {
        let folder = playground.scratch.url.appending(component: "zones-\(UUID().uuidString)")
        for (name, original) in zones.merging(["Etc/UTC": "Etc/UTC"], uniquingKeysWith: { $1 }) {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            let data = FileManager.default.contents(atPath: "/usr/share/zoneinfo/\(original)") ?? Data(original.utf8)
            try data.write(to: file)
        }
        if let version { try Data("# version \(version)\n".utf8).write(to: folder.appending(component: "tzdata.zi")) }
        return folder.path
    }

    private func opening(_ person: Person) throws -> String {
        try person.ask("plan", "build", "dev").check("windows")?.detail ?? ""
    }

    @Test func `The clocks of a zone are those of the database that TZDIR names, or of the system's`() throws {
        let playground = try playground("Europe/Berlin")
        #expect(try playground.person("ci").ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
        var alice = try playground.person("alice")
        #expect(try opening(alice).contains("-12-31T23:00:00Z on"))
        alice.environment["TZDIR"] = try database(["Europe/Berlin": "Asia/Tokyo"], in: playground)
        #expect(try opening(alice).contains("-12-31T15:00:00Z on"))
        let doctor = try alice.promote.run("doctor")
        #expect(doctor.output.contains("tzdata 2031c in"))
    }

    @Test func `doctor tells of a database that is old or says no version`() throws {
        let playground = try playground("Europe/Berlin")
        var alice = try playground.person("alice")
        for (version, word) in [("1999a", "tzdata 1999a is old"), (nil, "does not tell its version")] {
            alice.environment["TZDIR"] = try database(["Europe/Berlin": "Europe/Berlin"], in: playground, version: version)
            let doctor = try alice.promote.run("doctor")
            #expect(doctor.output.contains(word), "\(doctor.output)")
            #expect(doctor.output.contains("apt-get install tzdata"))
        }
    }

    @Test(arguments: [
        ("Europe/Berlln", "is not in tzdata", "did you mean “Europe/Berlin”?"),
        ("berlin", "is not a time zone", "did you mean “Europe/Berlin”?"),
        ("europe/berlin", "is not a time zone", "did you mean “Europe/Berlin”?"),
        ("CET", "is not a time zone", "IANA"), ("Atlantis/Poseidonis", "is not in tzdata", "newer tzdata"),
        ("\"../../etc/passwd\"", "is not a time zone", "IANA"),
        ("right/Europe/Berlin", "is not a time zone", "did you mean “Europe/Berlin”?"),
    ])
    func `A zone that is none is an error of the configuration, with its place`(
        _ zone: String, _ message: String, _ hint: String
    ) throws {
        let answer = try playground(zone).person("alice").ask("status")
        #expect(answer.status == 65)
        #expect(answer.message?.contains("environments/environments.yaml:") == true)
        #expect(answer.message?.contains(message) == true, "\(answer.message ?? "")")
        #expect(answer.text("error", "hint")?.contains(hint) == true, "\(answer.text("error", "hint") ?? "")")
    }

    @Test func `Without a database, or with a broken one, nothing is judged; and UTC needs none`() throws {
        let playground = try playground("Europe/Berlin")
        #expect(try playground.person("ci").ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
        var alice = try playground.person("alice")
        alice.environment["TZDIR"] = playground.scratch.path + "/nowhere"
        let missing = try alice.ask("plan", "build", "dev")
        #expect(missing.status == 65)
        #expect(missing.text("error", "hint")?.contains("apt-get install tzdata") == true)
        alice.environment["TZDIR"] = try database(["Europe/Berlin": "no such original"], in: playground)
        let broken = try alice.ask("plan", "build", "dev")
        #expect(broken.status == 65)
        #expect(broken.message?.contains("cannot be read") == true)
        // What is past counts all the same: the ledger is read by the policies of its time.
        try alice.git.succeed("pull", "-q", "origin", "main")
        let file = URL(filePath: alice.directory + "/environments/environments.yaml")
        let text = try String(contentsOf: file, encoding: .utf8).replacing("Europe/Berlin", with: "UTC")
        try Data(text.utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "UTC")
        alice.environment["TZDIR"] = nil
        try playground.consent(to: alice)
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        alice.environment["TZDIR"] = playground.scratch.path + "/nowhere"
        #expect(try opening(alice).contains("-01-01T00:00:00Z on"))
        #expect(try alice.ask("history").status == 0)
        #expect(try alice.ask("plan", "build", "dev").text("release") != nil)
    }
}
