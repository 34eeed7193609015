import Foundation
import PromoteTestSupport
import Testing

/// Applications that have no document of their own, and applications that have not every environment, from build to prod.
@Suite struct ApplicationSetScenarioTests {
    private static let set = """
        apiVersion: promote/v1alpha1
        kind: ApplicationSet
        metadata: { name: services }
        spec:
          overlay: "apps/{application}/{environment}"
          images: [{ name: "registry.example/{application}" }]
          builders: [ci@example.org]
          exclude: [sandbox-*]
        """

    private static func write(_ text: String, to path: String, _ root: URL) throws {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private static func service(_ name: String, in environments: [String] = ["dev", "staging", "prod"], _ root: URL) throws {
        for environment in environments {
            try write(
                "resources: [../base]\nnamespace: \(environment)\n", to: "apps/\(name)/\(environment)/kustomization.yaml", root)
        }
        try write("resources: [d.yaml]\n", to: "apps/\(name)/base/kustomization.yaml", root)
        try write(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: \(name)}\n"
                + "spec: {template: {spec: {containers: [{name: c, image: registry.example/\(name)}]}}}\n",
            to: "apps/\(name)/base/d.yaml", root)
    }

    private func commit(_ person: Person, _ message: String) throws -> String {
        try person.git.succeed("add", "-A")
        try person.git.succeed("commit", "-q", "-S", "-m", message)
        return try person.git.succeed("rev-parse", "HEAD")
    }

    private func playground() throws -> Playground {
        try Playground { seed in
            try Self.write(Self.set, to: "environments/services.yaml", seed)
            for name in ["cart", "shop", "sandbox-x"] { try Self.service(name, seed) }
        }
    }

    @Test func `What is in the tree is promoted, each application by itself`() throws {
        let playground = try playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        let status = try alice.ask("status")
        let names = (status["applications"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
        #expect(names == ["cart", "shop", "web"])
        #expect(
            try ci.ask("register", "registry.example/shop:1@\(Playground.digest("1"))", "--app", "shop", "--no-registry").status
                == 0)
        let opened = try alice.ask("build", "dev", "--app", "shop", "--merge")
        #expect(opened.text("state") == "merged", "\(opened.result.output)\(opened.result.errors)")
        #expect(try ci.ask("sync").status == 0)
        #expect(try ci.ask("audit", "verify").status == 0)
        #expect(try alice.promote.succeed("render", "shop", "dev").contains(Playground.digest("1")))
        let excluded = try alice.ask("build", "dev", "--app", "sandbox-x")
        #expect(excluded.status == 64)
        // A clone that knows nothing yet judges its ledger alike.
        let carol = try playground.person("carol")
        let applications = try carol.ask("status")["applications"] as? [[String: Any]] ?? []
        let shop = applications.first { $0["name"] as? String == "shop" }
        let dev = (shop?["environments"] as? [[String: Any]])?.first
        #expect(dev?["release"] as? String == "shop-\(try Self.release(alice))")
    }

    private static func release(_ person: Person) throws -> String {
        let history = try person.ask("history", "--app", "shop")
        let events = history["events"] as? [[String: Any]] ?? []
        return try #require(events.compactMap { $0["release"] as? String }.first?.split(separator: "-").last.map(String.init))
    }

    @Test func `A service that is added asks for the consent of each environment, and is there once it is merged`() throws {
        let playground = try playground()
        let alice = try playground.person("alice")
        try Self.service("mail", URL(filePath: alice.directory))
        let head = try commit(alice, "Add mail")
        let gate = try alice.ask("gate", "--head", head)
        #expect(gate.status == 75, "\(gate.result.output)")
        let entries = (gate["environments"] as? [[String: Any]] ?? []).filter { $0["application"] as? String == "mail" }
        #expect(Set(entries.compactMap { $0["name"] as? String }) == ["dev", "staging", "prod"])
        #expect(entries.allSatisfy { $0["changed"] as? Bool == true })
        try playground.consent(to: alice)
        #expect(try alice.ask("gate", "--head", head).status == 0)
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        let names = (try alice.ask("status")["applications"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
        #expect(names == ["cart", "mail", "shop", "web"])
        #expect(try alice.ask("sync").status == 0)
    }

    @Test func `A service that is taken away is no small matter, unless the policy leaves it out`() throws {
        let playground = try playground()
        let alice = try playground.person("alice")
        try FileManager.default.removeItem(atPath: alice.directory + "/apps/cart")
        let removal = try commit(alice, "Remove cart")
        #expect(try alice.ask("gate", "--head", removal).status == 77)
        try Self.write(
            Self.set.replacing("[sandbox-*]", with: "[sandbox-*, cart]"), to: "environments/services.yaml",
            URL(filePath: alice.directory))
        let head = try commit(alice, "Leave cart out")
        #expect(try alice.ask("gate", "--head", head).status == 75)
        try playground.consent(to: alice)
        #expect(try alice.ask("gate", "--head", head).status == 0)
    }

    @Test func `What came into a service past the ledger is found, also once its folder is gone`() throws {
        let playground = try playground()
        let (ci, mallory) = (try playground.person("ci"), try playground.person("mallory"))
        #expect(
            try ci.ask("register", "registry.example/cart:1@\(Playground.digest("1"))", "--app", "cart", "--no-registry").status
                == 0)
        #expect(try playground.person("alice").ask("build", "dev", "--app", "cart", "--merge").text("state") == "merged")
        try mallory.git.succeed("pull", "-q")
        try FileManager.default.removeItem(atPath: mallory.directory + "/apps/cart")
        _ = try commit(mallory, "Remove cart")
        try mallory.git.succeed("push", "-q", "origin", "HEAD:main")
        let found = try ci.ask("sync")
        #expect(found.status == 77, "\(found.result.output)")
        #expect(found.result.output.contains("\"cart\""))
    }

    @Test func `A service that lacks an environment is promoted past it, and the check says so`() throws {
        let playground = try Playground { seed in
            try Self.write(
                "apiVersion: promote/v1alpha1\nkind: Application\nmetadata: { name: cart }\nspec:\n  environments: [dev, prod]\n"
                    + "  overlay: \"apps/cart/{environment}\"\n  images: [{ name: registry.example/cart }]\n",
                to: "environments/cart.yaml", seed)
            try Self.service("cart", in: ["dev", "prod"], seed)
        }
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(
            try ci.ask("register", "registry.example/cart:1@\(Playground.digest("1"))", "--app", "cart", "--no-registry").status
                == 0)
        #expect(try alice.ask("build", "dev", "--app", "cart", "--merge").text("state") == "merged")
        let refused = try alice.ask("staging", "prod", "--app", "cart")
        #expect(refused.status == 64)
        #expect(refused.message == "cart has no environment staging", "\(refused.message ?? "")")
        #expect(refused.text("error", "hint")?.contains("dev, prod") == true)
        let missing = try alice.ask("dev", "staging", "--app", "cart")
        #expect(missing.status == 64)
        #expect(missing.message == "cart has no environment staging", "\(missing.message ?? "")")
        let early = try alice.ask("dev", "prod", "--app", "cart")
        #expect(early.status == 77)
        #expect(early.message?.contains("is not verified in dev") == true, "\(early.message ?? "")")
        #expect(try ci.ask("verify", "dev", "--app", "cart", "--result", "passed").status == 0)
        let opened = try alice.ask("dev", "prod", "--app", "cart")
        let checks = opened["checks"] as? [[String: Any]] ?? []
        let upstream = checks.first { $0["rule"] as? String == "verified-upstream" }
        #expect((upstream?["detail"] as? String)?.contains("cart has no staging") == true, "\(opened.result.output)")
        let promotion = try #require(opened.text("promotion"))
        for name in ["bob", "carol"] { #expect(try playground.person(name).ask("approve", promotion).status == 0) }
        #expect(try alice.ask("merge", promotion).text("state") == "merged")
        let status = try alice.ask("status", "--app", "cart")
        let environments = (status["applications"] as? [[String: Any]])?.first?["environments"] as? [[String: Any]] ?? []
        #expect(environments.compactMap { $0["name"] as? String } == ["dev", "prod"])
        #expect(try ci.ask("sync").status == 0)
        #expect(try ci.ask("audit", "verify").status == 0)
        // What an application has not is nothing that --all fails at.
        let all = try alice.ask("dev", "staging", "--all")["promotions"] as? [[String: Any]] ?? []
        #expect(all.count == 1 && !"\(all)".contains("cart"), "\(all)")
        let hold = try alice.ask("hold", "staging", "--app", "cart", "--reason", "why")
        #expect(hold.status == 64)
    }
}
