import Foundation
import PromoteTestSupport
import Testing

/// Applications that are plain manifests, whose image fields are promoted where they stand.
@Suite struct PlainManifestTests {
    private static func deployment(_ environment: String) -> String {
        """
        # of \(environment)
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: \(environment)}
        spec:
          template:
            spec:
              initContainers: [{name: wait, image: 'registry.example/web:0.1'}, {name: other, image: busybox:1}]
              containers:
              - name: web
                image:   registry.example/web   # the image

        """
    }

    private func playground() throws -> Playground {
        try Playground { seed in
            try Playground.replace(
                "  overlay: overlays/{environment}", "  manifests: \"deploy/{environment}\"",
                below: seed.appending(path: "environments"))
            for environment in ["dev", "staging", "prod"] {
                for (path, text) in [
                    "deploy/\(environment)/web/deployment.yaml": Self.deployment(environment),
                    "deploy/\(environment)/list.json":
                        #"{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}]}"#,
                    "deploy/\(environment)/README.md": "registry.example/web:0.1\n",
                ] {
                    let file = seed.appending(path: path)
                    try FileManager.default.createDirectory(
                        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try Data(text.utf8).write(to: file)
                }
            }
        }
    }

    private func register(_ person: Person) throws {
        let registered = try person.ask("register", "registry.example/web:1.4.0@\(Playground.digest("1"))", "--no-registry")
        #expect(registered.status == 0, "\(registered.result.errors)")
    }

    @Test func `Plain manifests are promoted through all environments, and no other byte`() throws {
        let alice = try playground().promoteToProd()
        let text = try String(contentsOf: URL(filePath: alice.directory + "/deploy/prod/web/deployment.yaml"), encoding: .utf8)
        let reference = "registry.example/web:1.4.0@\(Playground.digest("1"))"
        #expect(
            text
                == Self.deployment("prod").replacing("'registry.example/web:0.1'", with: "'\(reference)'")
                .replacing("registry.example/web   #", with: "\(reference)   #"))
        #expect(try alice.git.succeed("diff", "--name-only", "HEAD~1") == "deploy/prod/web/deployment.yaml")
        #expect(try alice.promote.succeed("render", "web", "prod").contains("kind: ConfigMap"))
    }

    @Test(arguments: [
        ("deploy/prod/web/deployment.yaml", "registry.example/web   #", "registry.example/web@\(Playground.digest("9"))   #", 77),
        ("deploy/prod/list.json", #""name": "a""#, #""name": "b""#, 75), ("deploy/prod/README.md", "web", "wab", 0),
    ])
    func `A change by hand is judged by what an agent would apply`(
        _ path: String, _ old: String, _ new: String, _ status: Int32
    ) throws {
        let alice = try playground().person("alice")
        let file = URL(filePath: alice.directory).appending(path: path)
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains(old))
        try Data(text.replacing(old, with: new).utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
        let judged = try alice.ask("gate", "--base", "origin/main", "--head", "HEAD")
        #expect(judged.status == status, "\(judged.result.output)")
    }

    @Test func `An image of Docker Hub is found under each of its names`() throws {
        let playground = try Playground { seed in
            try Playground.replace(
                "  overlay: overlays/{environment}", "  manifests: \"deploy/{environment}.yaml\"",
                below: seed.appending(path: "environments"))
            try Playground.replace("registry.example/web", "docker.io/library/web", below: seed.appending(path: "environments"))
            try FileManager.default.createDirectory(at: seed.appending(path: "deploy"), withIntermediateDirectories: true)
            for environment in ["dev", "staging", "prod"] {
                let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: 'web:1'}]}\n"
                try Data(pod.utf8).write(to: seed.appending(path: "deploy/\(environment).yaml"))
            }
        }
        let alice = try playground.person("alice")
        let image = "docker.io/library/web:1.4.0@\(Playground.digest("1"))"
        #expect(try playground.person("ci").ask("register", image, "--no-registry").status == 0)
        #expect(try alice.ask("build", "dev", "--merge").text("state") == "merged")
        #expect(try alice.promote.succeed("render", "web", "dev").contains("image: \(image)"))
    }

    @Test(arguments: ["link", "folder"])
    func `A link in a folder is not passed over`(_ kind: String) throws {
        let playground = try playground()
        let alice = try playground.person("alice")
        try register(playground.person("ci"))
        let place = alice.directory + "/deploy/dev/more" + (kind == "link" ? ".yaml" : "")
        try FileManager.default.createSymbolicLink(
            atPath: place, withDestinationPath: kind == "link" ? "/etc/passwd" : "../prod")
        try alice.git.succeed("add", "-A")
        try alice.git.succeed("commit", "-q", "-S", "-m", "link")
        let judged = try alice.ask("gate", "--base", "origin/main", "--head", "HEAD")
        #expect(judged.status == 77, "\(judged.result.output)")
    }
}
