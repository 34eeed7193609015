import ForgeServer
import Foundation
import PromoteTestSupport
import Testing

/// A playground whose pull requests are on a forge.
struct Hosted {
    let server: ForgeServer
    let playground: Playground

    static let repository = "acme/config"

    /// - Parameter change: changes the configuration before it is pushed.
    init(_ kind: ForgeServer.Kind, tls: LoopbackServer.Identity? = nil, changing change: (URL) throws -> Void = { _ in }) throws {
        var server: ForgeServer?
        playground = try Playground { seed in
            let bare = seed.deletingLastPathComponent().appending(component: "remote.git").path
            let forge = try ForgeServer(kind, hosting: bare, as: Self.repository, tls: tls)
            server = forge
            let identities = Playground.people.map { "\($0): \($0)@example.org" }.joined(separator: ", ")
            let text = """
                apiVersion: promote/v1alpha1
                kind: Forge
                metadata: { name: origin }
                spec: { type: \(kind.rawValue), api: "\(forge.api)", repository: \(Self.repository), identities: { \(identities) } }

                """
            try Data(text.utf8).write(to: seed.appending(path: "environments/forge.yaml"))
            try change(seed)
        }
        self.server = try #require(server)
        for name in Playground.people + ["mallory"] { self.server.add(token: Self.token(of: name), of: name) }
        self.server.rules.users = Set(Playground.people)
    }

    static func token(of name: String) -> String { "token-of-\(name)-\(String(repeating: "x", count: 20))" }

    /// - Parameter clone: where it goes, when one person has several.
    func person(_ name: String, clone: String? = nil) throws -> Person {
        var person = try playground.person(name, clone: clone)
        person.environment = ["PROMOTE_TOKEN": Self.token(of: name), "PROMOTE_HTTP_TIMEOUT": "3"]
        return person
    }

    /// web-3 is open into prod.
    func chainToProd() throws -> (ci: Person, alice: Person, bob: Person, carol: Person) {
        let (ci, alice) = (try person("ci"), try person("alice"))
        let (bob, carol) = (try person("bob"), try person("carol"))
        #expect(try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))").status == 0)
        for (from, to, id) in [("build", "dev", "web-1"), ("dev", "staging", "web-2")] {
            let opened = try alice.ask(from, to)
            try #require(opened.text("promotion") == id, "\(opened.result.errors)\(opened.result.output)")
            let merged = try alice.ask("merge", id)
            try #require(merged.status == 0, "\(merged.result.errors)\(merged.result.output)\(server.violations)")
            try #require(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
        let opened = try alice.ask("staging", "prod")
        try #require(opened.text("promotion") == "web-3", "\(opened.result.errors)")
        return (ci, alice, bob, carol)
    }

    /// The types of the ledger's events, oldest first.
    func history() throws -> [String] {
        let git = Tool("git", in: playground.remote)
        return try git.succeed("rev-list", "--reverse", "refs/heads/promote/ledger/web").split(separator: "\n").map { commit in
            let event = try git.succeed("show", "\(commit):event.json")
            return event.split(separator: "\"type\":\"").dropFirst().first.map { String($0.prefix { $0 != "\"" }) } ?? ""
        }
    }
}
