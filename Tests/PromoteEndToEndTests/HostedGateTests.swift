import ForgeServer
import Foundation
import PromoteTestSupport
import Testing

/// Gates that are services, and statuses on the forge.
@Suite struct HostedGateTests {
    private static func adding(_ gates: String) -> (URL) throws -> Void {
        { seed in
            let file = seed.appending(path: "environments/environments.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
                .replacing("  promotesFrom: [build]\n", with: "  promotesFrom: [build]\n  gates: \(gates)\n")
            try Data(text.utf8).write(to: file)
        }
    }

    /// `build dev` with a service that answers so.
    private func planned(_ status: Int, _ answer: String, manner: LoopbackServer.Outcome.Manner = .whole) throws -> JSONAnswer {
        let service = try LoopbackServer { method, uri, headers, body, done in
            let isAsked =
                method == "POST" && uri == "/judge" && headers["x-promote-environment"] == "dev"
                && headers["content-type"] == "application/yaml"
                && String(decoding: body, as: UTF8.self).contains("kind: Deployment")
            done(LoopbackServer.Outcome(status: isAsked ? status : 418, body: Array(answer.utf8), manner: manner))
        }
        let playground = try Playground(
            changing: Self.adding("[{ name: remote, url: 'http://127.0.0.1:\(service.port)/judge', timeout: 2s }]"))
        #expect(try playground.person("ci").ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
        return try withExtendedLifetime(service) { try playground.person("alice").ask("build", "dev") }
    }

    @Test func `A service lets it through, or refuses with its own words`() throws {
        let passed = try planned(200, #"{"allowed": true}"#)
        #expect(passed.status == 0)
        #expect(passed.check("gate/remote")?.status == "pass", "\(passed.result.output)")
        let refused = try planned(200, #"{"allowed": false, "message": "no replicas"}"#)
        #expect(refused.status == 77)
        #expect(refused.refusedBy == "gate/remote")
        #expect(refused.message?.contains("no replicas") == true)
    }

    @Test(arguments: [
        (500, "{}", LoopbackServer.Outcome.Manner.whole, "it answered 500"), (200, "yes", .whole, "its answer is not"),
        (302, "{}", .whole, "it answered 302"), (200, #"{"allowed": true}"#, .dropped, "closed"),
        (200, #"{"allowed": true}"#, .late(seconds: 4), "no answer within 2 seconds"),
    ])
    func `A service that gives no verdict keeps it waiting`(
        _ status: Int, _ answer: String, _ manner: LoopbackServer.Outcome.Manner, _ reason: String
    ) throws {
        let opened = try planned(status, answer, manner: manner)
        #expect(opened.status == 0)
        let check = try #require(opened.check("gate/remote"))
        #expect(check.status == "pending")
        #expect(check.detail.contains(reason), "\(check.detail)")
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `A status that the policy requires is awaited, and a failed one refuses`(_ kind: ForgeServer.Kind) throws {
        let hosted = try Hosted(kind, changing: Self.adding("[{ name: ci, status: integration }]"))
        let alice = try hosted.person("alice")
        #expect(try hosted.person("ci").ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
        #expect(try alice.ask("build", "dev").check("gate/ci")?.status == "pending")
        let head = try #require(hosted.server.pulls.first?.head)
        // Nobody can clear it yet: where a title can say so, it does.
        #expect(hosted.server.pulls.first?.title.hasPrefix("Promote") == (kind == .github))
        #expect(try alice.ask("merge", "web-1").status == 75)
        hosted.server.report("integration", isSuccess: false, on: head)
        let failed = try alice.ask("merge", "web-1")
        #expect(failed.status == 77)
        #expect(failed.refusedBy == "gate/ci", "\(failed.result.output)")
        hosted.server.report("integration", isSuccess: true, on: head)
        let merged = try alice.ask("merge", "web-1")
        #expect(merged.status == 0, "\(merged.result.output)")
        #expect(hosted.server.pulls.first?.title.hasPrefix("Promote") == true)
        #expect(hosted.server.violations == [])
    }

    @Test func `A forge with a certificate of one's own is trusted when its authority is named, and never otherwise`() throws {
        let scratch = try ScratchDirectory()
        let (key, certificate) = (scratch.path + "/key.pem", scratch.path + "/certificate.pem")
        try Tool("openssl", in: scratch.path).succeed(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate)
        let hosted = try Hosted(.gitea, tls: LoopbackServer.Identity(certificate: certificate, key: key))
        #expect(try hosted.person("ci").ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
        var alice = try hosted.person("alice")
        let refused = try alice.ask("build", "dev")
        #expect(refused.status == 69)
        #expect(refused.message?.contains("certificate") == true, "\(refused.message ?? "")")
        #expect(hosted.server.takeRequests() == [])
        alice.environment["PROMOTE_CA_FILE"] = certificate
        #expect(try alice.ask("build", "dev").status == 0)
        #expect(hosted.server.pulls.map(\.state) == ["open"])
    }
}
