import Foundation
import PromoteTestSupport
import Testing

/// Files that belong to an application though nothing renders them: they are promoted, compared and judged like manifests.
@Suite struct PromotedFileTests {
    private static let old = Playground.digest("0")

    private static func json(_ environment: String) -> String {
        "{\n\t\"stage\" : \"\(environment)\",\n\t\"web\": {\"digest\":\"\(old)\", \"tag\": \"0.1.0\"},\n\t\"list\": [1, {\"x\": \"registry.example/web:0.1.0\"}]\n}\n"
    }

    private func playground(files: String? = nil) throws -> Playground {
        try Playground { seed in
            try Playground.replace(
                "  overlay: overlays/{environment}",
                "  overlay: overlays/{environment}\n  files: "
                    + (files
                        ?? #"["terraform/{environment}.tfvars", {path: "config/{environment}/app.json", values: {/web/digest: "web:digest", /web/tag: "web:tag", /list/1/x: web}}]"#),
                below: seed.appending(path: "environments"))
            for environment in ["dev", "staging", "prod"] {
                for (path, text) in [
                    "terraform/\(environment).tfvars":
                        "size = \"\(environment)\"\nweb  = \"\(Self.old)\" # {\"$promote\": \"web:digest\"}\n",
                    "config/\(environment)/app.json": Self.json(environment),
                    "notes/web-\(environment).txt": "nothing\n",
                ] {
                    let file = seed.appending(path: path)
                    try FileManager.default.createDirectory(
                        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try Data(text.utf8).write(to: file)
                }
            }
        }
    }

    /// With a release in dev.
    private func promoted() throws -> (ci: Person, alice: Person) {
        let playground = try playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "registry.example/web:1.4.0@\(Playground.digest("1"))", "--no-registry").status == 0)
        let opened = try alice.ask("build", "dev", "--merge")
        #expect(opened.text("state") == "merged", "\(opened.result.output)")
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-B", "work", "origin/main")
        return (ci, alice)
    }

    private func change(_ path: String, _ old: String, _ new: String, by person: Person) throws {
        let file = URL(filePath: person.directory).appending(path: path)
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains(old))
        try Data(text.replacing(old, with: new).utf8).write(to: file)
        try person.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
    }

    @Test func `Their values are promoted, and no other byte`() throws {
        let (ci, alice) = try promoted()
        let digest = Playground.digest("1")
        let json = try String(contentsOf: URL(filePath: alice.directory + "/config/dev/app.json"), encoding: .utf8)
        #expect(
            json
                == Self.json("dev").replacing(Self.old, with: digest).replacing("\"0.1.0\"", with: "\"1.4.0\"")
                .replacing("registry.example/web:0.1.0", with: "registry.example/web:1.4.0@\(digest)"))
        let variables = try String(contentsOf: URL(filePath: alice.directory + "/terraform/dev.tfvars"), encoding: .utf8)
        #expect(variables == "size = \"dev\"\nweb  = \"\(digest)\" # {\"$promote\": \"web:digest\"}\n")
        #expect(
            try String(contentsOf: URL(filePath: alice.directory + "/terraform/prod.tfvars"), encoding: .utf8).contains(Self.old))
        #expect(try ci.ask("verify", "dev", "--result", "passed").status == 0)
        let planned = try alice.promote.succeed("plan", "dev", "staging")
        #expect(
            planned.contains("File terraform/{environment}.tfvars") && planned.contains("config/staging/app.json"), "\(planned)")
        #expect(try alice.ask("dev", "staging", "--merge").text("state") == "merged")
        #expect(try ci.ask("audit", "verify").status == 0)
        // What is rendered is what Kustomize renders.
        #expect(try !alice.promote.succeed("render", "web", "dev").contains("tfvars"))
    }

    @Test func `A digest that somebody types into one is a change without a promotion`() throws {
        let (_, alice) = try promoted()
        try change("terraform/dev.tfvars", Playground.digest("1"), Playground.digest("9"), by: alice)
        let judged = try alice.ask("gate", "--base", "origin/main", "--head", "HEAD")
        #expect(judged.status == 77, "\(judged.result.output)")
        #expect(judged.result.output.contains("built-once"))
    }

    @Test func `Another change of one is asked approvals for, as its environment wants them`() throws {
        let (_, alice) = try promoted()
        try change("config/prod/app.json", "\"stage\" : \"prod\"", "\"stage\" : \"production\"", by: alice)
        let judged = try alice.ask("gate", "--base", "origin/main", "--head", "HEAD")
        #expect(judged.status == 75, "\(judged.result.output)")
        #expect(judged.result.output.contains("\"prod\""))
    }

    @Test func `A digest in one that no release has is found`() throws {
        let (ci, alice) = try promoted()
        try change("terraform/dev.tfvars", Playground.digest("1"), Playground.digest("9"), by: alice)
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        let audited = try ci.ask("audit", "images")
        #expect(audited.status == 77)
        #expect(audited.result.output.contains("terraform/dev.tfvars:2"), "\(audited.result.output)")
    }

    /// Moves a file, and puts a link in its place.
    private func link(_ path: String, to target: String, by person: Person) throws {
        let file = person.directory + "/" + path
        try FileManager.default.createDirectory(atPath: person.directory + "/scratch", withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: file, toPath: person.directory + "/scratch/x")
        try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: target)
        try person.git.succeed("add", "-A")
        try person.git.succeed("commit", "-q", "-S", "-m", "a link")
    }

    @Test func `A link in the place of one hides nothing, and is not promoted through`() throws {
        let (ci, alice) = try promoted()
        try link("terraform/prod.tfvars", to: "../scratch/x", by: alice)
        let linked = try alice.ask("gate", "--base", "origin/main", "--head", "HEAD")
        #expect(linked.status == 75, "\(linked.result.output)")
        // Even if it got there: what is behind it is judged like the file.
        try change("scratch/x", Self.old, Playground.digest("9"), by: alice)
        let behind = try alice.ask("gate", "--base", "HEAD~1", "--head", "HEAD")
        #expect([75, 77].contains(behind.status), "\(behind.result.output)")
        // And where its own environment is promoted, it is refused.
        try alice.git.succeed("reset", "-q", "--hard", "origin/main")
        try link("terraform/dev.tfvars", to: "../scratch/x", by: alice)
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try ci.ask("register", "registry.example/web:1.5.0@\(Playground.digest("2"))", "--no-registry").status == 0)
        let refused = try alice.ask("build", "dev")
        #expect(refused.status == 65)
        #expect(
            refused.message?.contains("terraform/dev.tfvars: it is reached through a symbolic link") == true,
            "\(refused.message ?? "")")
    }

    @Test func `One that another environment has as a link is not changed for that, too`() throws {
        let (ci, alice) = try promoted()
        try FileManager.default.removeItem(atPath: alice.directory + "/terraform/staging.tfvars")
        try FileManager.default.createSymbolicLink(
            atPath: alice.directory + "/terraform/staging.tfvars", withDestinationPath: "dev.tfvars")
        try alice.git.succeed("add", "-A")
        try alice.git.succeed("commit", "-q", "-S", "-m", "a link")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try ci.ask("register", "registry.example/web:1.5.0@\(Playground.digest("2"))", "--no-registry").status == 0)
        let refused = try alice.ask("build", "dev")
        #expect(refused.refusedBy == "scope", "\(refused.result.output)")
        #expect(refused.message?.contains("staging") == true)
    }

    @Test func `A change of one is not let through because its overlay renders neither before nor after`() throws {
        let (_, alice) = try promoted()
        try change("overlays/prod/kustomization.yaml", "resources:", "resources: [none.yaml]\nx:", by: alice)
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        try alice.git.succeed("fetch", "-q", "origin")
        try change("terraform/prod.tfvars", Self.old, Playground.digest("9"), by: alice)
        let judged = try alice.ask("gate", "--base", "origin/main", "--head", "HEAD")
        #expect(judged.status == 77, "\(judged.result.output)")
        #expect(judged.result.output.contains("\"prod\""), "\(judged.result.output)")
    }

    @Test func `One that cannot be read any more is a violation that is told, and mended by whoever mends it`() throws {
        let (ci, alice) = try promoted()
        #expect(try ci.ask("sync").status == 0)
        try change("config/dev/app.json", "\"stage\"", "\"stage", by: alice)
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        let found = try ci.ask("sync")
        #expect(found.result.output.contains("violation"), "\(found.result.output)\(found.result.errors)")
        try alice.git.succeed("fetch", "-q", "origin")
        try change("config/dev/app.json", "\"stage ", "\"stage\" ", by: alice)
        let judged = try alice.ask("gate", "--base", "origin/main", "--head", "HEAD")
        #expect(judged.status == 0, "\(judged.result.output)")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try ci.ask("sync").status == 0)
        #expect(try ci.ask("sync").status == 0)
    }

    @Test func `A marker in one does not keep the overlay from being promoted`() throws {
        let playground = try Playground { seed in
            try Playground.replace(
                "  overlay: overlays/{environment}",
                "  overlay: overlays/{environment}\n  files: [\"terraform/{environment}.tfvars\"]",
                below: seed.appending(path: "environments"))
            try FileManager.default.createDirectory(at: seed.appending(path: "terraform"), withIntermediateDirectories: true)
            for environment in ["dev", "staging", "prod"] {
                try Data("tag = \"0\" # {\"$promote\": \"web:tag\"}\n".utf8).write(
                    to: seed.appending(path: "terraform/\(environment).tfvars"))
            }
            let overlay = seed.appending(path: "overlays/dev/kustomization.yaml")
            let text = try String(contentsOf: overlay, encoding: .utf8)
            let without = text.replacing(/images:\n(?:[ -].*\n)+/, with: "")
            #expect(without != text)
            try Data(without.utf8).write(to: overlay)
        }
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "registry.example/web:1.4.0@\(Playground.digest("1"))", "--no-registry").status == 0)
        let opened = try alice.ask("build", "dev")
        #expect(opened.check("digest-exact")?.status == "pass", "\(opened.result.output)")
    }

    @Test(arguments: [
        (
            #"["overlays/{environment}/kustomization.yaml"]"#,
            "overlays/dev/kustomization.yaml: it is the overlay itself"
        ),
        (#"["terraform/{environment}.tfvars", "terraform/{environment}.{application}", "terraform"]"#, "is not the path"),
        (#"["config/{environment}"]"#, "config/dev: it is no file"),
        (#"["notes/web-{environment}.txt", "notes/{application}-{environment}.txt"]"#, "notes/web-dev.txt: it is named twice"),
        (#"[{path: "config/{environment}/app.json", values: {/list/0: web}}]"#, "the value at /list/0 is no text"),
        (#"[{path: "config/{environment}/app.json", values: {/list/00: web}}]"#, "there is no value at /list/00"),
        (#"["config/{environment}/app.json", "config/dev{environment}/../x"]"#, "is not the path"),
        (#"["terraform/none/{environment}.tfvars"]"#, "terraform/none/dev.tfvars: it is not there"),
        (#"[{path: "config/{environment}/app.json", values: {/web/none: web}}]"#, "there is no value at /web/none"),
        (#"[{path: "config/{environment}/app.json", values: {/web: web}}]"#, "there is no value at /web"),
        (#"[{path: "config/{environment}/app.json", values: {web: web}}]"#, "“web” is no JSON pointer"),
        (#"[{path: "config/{environment}/app.json", values: {/web/tag: other}}]"#, "“other” names no image of web"),
        (#"["config/app.json"]"#, "is not the path of a file of every environment"),
        (#"["../{environment}/app.json"]"#, "is not the path of a file of every environment"),
        (#"["a/{environment}", "a/{environment}"]"#, "is listed twice"),
        (#"[{path: "terraform/{environment}.tfvars", values: {/web: web}}]"#, "terraform/dev.tfvars"),
    ])
    func `A file that is not there, or a place in one, is told`(_ files: String, _ reason: String) throws {
        let playground = try playground(files: files)
        let ci = try playground.person("ci")
        _ = try ci.ask("register", "registry.example/web:1.4.0@\(Playground.digest("1"))", "--no-registry")
        let refused = try playground.person("alice").ask("build", "dev")
        #expect(refused.status == 65, "\(refused.result.output)")
        #expect(refused.message?.contains(reason) == true, "\(refused.message ?? "")")
    }
}
