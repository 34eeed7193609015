import PromoteTestSupport
import Testing

@Suite struct RaceTests {
    @Test func `Of two clones that promote the same at the same moment, one opens it and both know its number`() throws {
        for round in 0..<3 {
            let playground = try Playground()
            let ci = try playground.person("ci")
            _ = try ci.ask("register", "registry.example/web@\(Playground.digest("1"))")
            let people = try [playground.person("alice"), playground.person("bob")]
            let running = try people.map { try $0.promote.start(["build", "dev", "--json"]) }
            let results = running.map { $0.finish() }
            #expect(results.contains { $0.status == 0 })
            for result in results {
                #expect(result.status == 0 || result.status == 75, "round \(round): \(result.errors)")
                #expect(result.output.contains("web-1"))
                #expect(!result.output.contains("web-2"))
            }
            let events = try ci.ask("history")["events"] as? [[String: Any]] ?? []
            #expect(events.filter { $0["type"] as? String == "PromotionRequested" }.count == 1)
        }
    }

    @Test func `Many writers at once lose nothing and do nothing twice`() throws {
        let playground = try Playground()
        let people = try (0..<6).map { try playground.person("ci", clone: "ci-\($0)") }
        let digits = Array("123456")
        let running = try zip(people, digits).map { person, digit in
            try person.promote.start(["register", "registry.example/web@\(Playground.digest(digit))"])
        }
        #expect(running.map { $0.finish().status }.allSatisfy { $0 == 0 || $0 == 75 })
        for (person, digit) in zip(people, digits) {
            #expect(try person.promote.run("register", "registry.example/web@\(Playground.digest(digit))").status == 0)
        }
        let events = try people[0].ask("history")["events"] as? [[String: Any]] ?? []
        #expect(events.count == 6)
        #expect(events.allSatisfy { $0["rejection"] == nil || "\($0["rejection"] ?? "")" == "<null>" })
    }
}
