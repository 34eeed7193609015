import Foundation
import PromoteTestSupport
import Testing

/// How often a command asks the remote.
@Suite struct LookTests {
    /// A person whose git writes down what it is started for.
    private struct Watched {
        let person: Person
        private let log: ScratchDirectory

        init(_ person: Person) throws {
            log = try ScratchDirectory()
            let path = Tool.hermeticEnvironment["PATH"] ?? "/usr/bin:/bin"
            try log.write(
                "#!/bin/sh\necho \"$1\" >> '\(log.path)/log'\nPATH='\(path)' exec git \"$@\"\n", to: "bin/git")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(log.path)/bin/git")
            var person = person
            person.environment["PATH"] = "\(log.path)/bin:\(path)"
            self.person = person
        }

        /// What git was started for by a command that succeeds.
        func programs(_ arguments: [String]) throws -> [String] {
            try log.write("", to: "log")
            let result = try person.promote.run(arguments)
            #expect(result.status == 0, "\(arguments): \(result.errors)")
            let text = try String(contentsOf: URL(filePath: log.path).appending(path: "log"), encoding: .utf8)
            return text.split(separator: "\n").map(String.init)
        }
    }

    @Test func `Every command asks the remote once, and pushes once where it records anything`() throws {
        let playground = try Playground()
        let (ci, alice) = (try Watched(try playground.person("ci")), try Watched(try playground.person("alice")))
        let image = "registry.example/web:v1@\(Playground.digest("1"))"
        func looks(_ programs: [String]) -> [String] { programs.filter { ["fetch", "push", "ls-remote"].contains($0) } }

        #expect(try looks(ci.programs(["register", image])) == ["fetch", "push"])
        #expect(try looks(alice.programs(["plan", "build", "dev"])) == ["fetch"])
        #expect(try looks(alice.programs(["build", "dev"])) == ["fetch", "push"])
        #expect(try looks(alice.programs(["build", "dev"])) == ["fetch"])
        #expect(try looks(alice.programs(["merge", "web-1"])) == ["fetch", "push"])
        #expect(try looks(ci.programs(["verify", "dev", "--result", "passed"])) == ["fetch", "push"])
        #expect(try looks(alice.programs(["hold", "prod", "--reason", "x"])) == ["fetch", "push"])
        #expect(try looks(alice.programs(["resume", "prod"])) == ["fetch", "push"])
        for query in [["status"], ["history"], ["gate"], ["show", "web-1"], ["explain", "staging"], ["reconcile"]] {
            let fetches = try looks(alice.programs(query)).filter { $0 == "fetch" }
            #expect(fetches == ["fetch"], "\(query)")
        }
        #expect(try alice.programs(["status"]).sorted() == ["config", "fetch", "rev-parse"])
    }
}
