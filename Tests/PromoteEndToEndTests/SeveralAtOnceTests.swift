import Foundation
import PromoteTestSupport
import Testing

/// Commands about several applications or promotions, each of which goes by itself.
@Suite struct SeveralAtOnceTests {
    private let playground: Playground
    private let (ci, alice): (Person, Person)

    /// `shop-api` and `shop-web` beside `web`, in one overlay.
    init() throws {
        playground = try Playground { seed in
            let file = seed.appending(path: "environments/application.yaml")
            var documents = [try String(contentsOf: file, encoding: .utf8)]
            for name in ["shop-api", "shop-web"] {
                documents.append(
                    documents[0].replacing("name: web\n", with: "name: \(name)\n").replacing(
                        "example/web", with: "example/\(name)"
                    )
                    .replacing("overlays/{environment}", with: "services/\(name)/{environment}"))
                for environment in ["dev", "staging", "prod"] {
                    let folder = seed.appending(path: "services/\(name)/\(environment)")
                    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                    let deployment = """
                        apiVersion: apps/v1
                        kind: Deployment
                        metadata: {name: \(name)}
                        spec: {template: {spec: {containers: [{name: main, image: registry.example/\(name)}]}}}

                        """
                    try Data(deployment.utf8).write(to: folder.appending(path: "deployment.yaml"))
                    let kustomization = """
                        resources: [deployment.yaml]
                        images:
                          - name: registry.example/\(name)
                            digest: sha256:\(String(repeating: "0", count: 64))

                        """
                    try Data(kustomization.utf8).write(to: folder.appending(path: "kustomization.yaml"))
                }
            }
            try Data(documents.joined(separator: "---\n").utf8).write(to: file)
        }
        (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        for (name, digit) in [("web", "1"), ("shop-api", "2"), ("shop-web", "3")] {
            let image = "registry.example/\(name):v1@\(Playground.digest(Character(digit)))"
            #expect(try ci.ask("register", image, "--app", name).status == 0)
        }
    }

    private func names(_ answer: JSONAnswer, _ list: String, _ key: String) -> [String] {
        (answer[list] as? [[String: Any]] ?? []).compactMap { $0[key] as? String }
    }

    @Test func `A pattern means each application, promotion and environment that it matches`() throws {
        let opened = try alice.ask("build", "dev", "--app", "shop-*")
        #expect(opened.status == 0, "\(opened.result.output)")
        #expect(names(opened, "promotions", "promotion") == ["shop-api-1", "shop-web-1"])
        let merged = try alice.ask("merge", "shop-*")
        #expect(names(merged, "promotions", "state") == ["merged", "merged"])
        let verified = try ci.ask("verify", "dev", "--app", "shop-*", "--result", "passed")
        #expect(verified.status == 0)
        #expect(names(verified, "verifications", "application") == ["shop-api", "shop-web"])
        #expect(try alice.ask("build", "dev", "--app", "none-*").status == 64)
        #expect(try alice.ask("merge", "shop-*").message == "no open promotion matches “shop-*”")
        #expect(try alice.ask("build", "dev", "--app", "shop-*", "--release", "1").status == 64)
        #expect(try alice.ask("build", "dev", "--app", "Shop*").status == 64)
    }

    @Test func `What is refused of one does not stop the others, and is what the command ends with`() throws {
        for app in ["web", "shop-api"] { #expect(try alice.ask("build", "dev", "--app", app).status == 0) }
        let answer = try alice.ask("merge", "web-1", "shop-web-7", "shop-api-1")
        #expect(answer.status == 64)
        #expect(names(answer, "promotions", "state") == ["merged", "merged"])
        #expect(names(answer, "promotions", "promotion").contains("shop-web-7"))
        // Approvals are of each, by its own head.
        for app in ["web", "shop-api"] { #expect(try ci.ask("verify", "dev", "--app", app, "--result", "passed").status == 0) }
        for name in ["web", "shop-api"] { #expect(try alice.ask("dev", "staging", "--app", name, "--merge").status == 0) }
        for app in ["web", "shop-api"] {
            #expect(try ci.ask("verify", "staging", "--app", app, "--result", "passed").status == 0)
        }
        for name in ["web", "shop-api"] { #expect(try alice.ask("staging", "prod", "--app", name).status == 0) }
        let bob = try playground.person("bob")
        let approved = try bob.ask("approve", "web-3", "shop-api-3")
        #expect(approved.status == 0, "\(approved.result.output)")
        #expect(try alice.ask("show", "shop-api-3").text("approvals", 0, "by") == "bob@example.org")
        #expect(try bob.ask("revoke", "*-3").status == 0)
        #expect(try alice.ask("show", "web-3")["approvals"] as? [String] ?? [] == [])
        #expect(try bob.ask("approve", "web-3", "shop-api-3", "--head", "abcdef0").status == 64)
    }
}
