import Foundation
import PromoteTestSupport
import Testing

/// What `render`, `diff` and `plan` show of manifests, through the built program.
@Suite struct RenderingTests {
    private let image = "registry.example/web"

    private func write(_ text: String, to path: String, of person: Person) throws {
        let file = URL(filePath: person.directory).appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private func append(_ text: String, to path: String, of person: Person) throws {
        let file = URL(filePath: person.directory).appending(path: path)
        try Data((String(contentsOf: file, encoding: .utf8) + text).utf8).write(to: file)
    }

    private func push(_ person: Person) throws {
        try person.git.succeed("add", "-A")
        try person.git.succeed("commit", "-q", "-m", "change")
        try person.git.succeed("push", "-q", "origin", "HEAD:main")
    }

    private func store(_ person: Person, _ statement: String) throws -> String {
        try Tool("sqlite3", in: person.directory).succeed(".git/promote/state.sqlite", statement)
    }

    // MARK: diff

    @Test func `diff says what differs between two environments, and exits 2 when asked to`() throws {
        let alice = try Playground().person("alice")
        let differing = try alice.promote.run("diff", "dev", "prod", "--exit-code")
        #expect(differing.status == 2)
        #expect(differing.output.contains("namespace: storefront-dev → storefront-prod, everywhere"))
        #expect(differing.output.contains("spec.replicas: 1 → 6"))
        #expect(differing.output.contains("+ PodDisruptionBudget storefront-prod/web"))
        #expect(try alice.promote.run("diff", "dev", "prod").status == 0)
        let same = try alice.promote.run("diff", "dev", "dev", "--exit-code")
        #expect(same.status == 0)
        #expect(same.output.contains("web renders the same in dev and dev."))
    }

    @Test func `A unified diff shows the lines, with a hunk's numbers that patch would take`() throws {
        let alice = try Playground().person("alice")
        let output = try alice.promote.run("diff", "dev", "prod", "--unified").output
        #expect(output.contains("-  replicas: 1\n"))
        #expect(output.contains("+  replicas: 6\n"))
        #expect(output.contains("@@ -5,9 +5,9 @@"))
    }

    @Test func `A secret's values are in no diff and no plan, only that they changed`() throws {
        let alice = try Playground().person("alice")
        for (environment, password) in [("dev", "hunter2"), ("prod", "correct-horse")] {
            try append(
                "secretGenerator:\n- name: token\n  literals: [password=\(password), user=web]\n",
                to: "overlays/\(environment)/kustomization.yaml", of: alice)
        }
        try push(alice)
        for form in [[], ["--unified"], ["--json"]] {
            let output = try alice.promote.run(["diff", "dev", "prod"] + form).output
            #expect(output.contains("token"))
            #expect(output.contains("hidden"))
            for secret in ["hunter2", "correct-horse"] {
                #expect(!output.contains(secret))
                #expect(!output.contains(Data(secret.utf8).base64EncodedString()))
            }
        }
    }

    // MARK: Cache

    @Test func `An overlay is rendered once for each state of what it reads`() throws {
        let alice = try Playground().person("alice")
        let first = try alice.promote.run("render", "web", "dev").output
        #expect(try store(alice, "SELECT count(*) FROM rendering") == "1")
        // Nothing that dev reads: its rendering is taken from the store, as a mark left in it shows.
        _ = try store(alice, "UPDATE rendering SET manifests = replace(manifests, 'replicas: 1', 'replicas: 41')")
        try write("unrelated\n", to: "overlays/prod/notes.txt", of: alice)
        try push(alice)
        #expect(try alice.promote.run("render", "web", "dev").output == first.replacing("replicas: 1", with: "replicas: 41"))
        // Something that it reads.
        try append("commonAnnotations: {changed: 'yes'}\n", to: "base/kustomization.yaml", of: alice)
        try push(alice)
        let changed = try alice.promote.run("render", "web", "dev").output
        #expect(changed.contains("changed: \"yes\"") && changed.contains("replicas: 1\n"))
        #expect(try store(alice, "SELECT count(*) FROM rendering") == "2")
    }

    @Test func `A file that appears where an overlay looked in vain ends the rendering's use`() throws {
        let alice = try Playground().person("alice")
        #expect(try alice.promote.run("render", "web", "dev").status == 0)
        try write("resources: []\n", to: "overlays/dev/kustomization.yml", of: alice)
        try push(alice)
        let refused = try alice.promote.run("render", "web", "dev")
        #expect(refused.status == 65)
        #expect(refused.errors.contains("stands beside it"))
    }

    // MARK: digest-exact

    @Test func `digest-exact names a custom resource's image that the overlay's transformer does not reach`() throws {
        let playground = try Playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        try write(
            "apiVersion: serving.example/v1\nkind: Runner\nmetadata: {name: web}\nspec: {wanted: \(image):latest, main: {image: \(image):latest}}\n",
            to: "base/runner.yaml", of: alice)
        try write("images:\n- path: spec/main/image\n  kind: Runner\n", to: "base/fields.yaml", of: alice)
        try append("  - runner.yaml\n", to: "base/kustomization.yaml", of: alice, after: "resources:")
        try append("configurations: [fields.yaml]\n", to: "base/kustomization.yaml", of: alice)
        try push(alice)
        #expect(try ci.ask("register", "\(image)@\(Playground.digest("1"))").status == 0)
        // The configuration reaches it, from the base up into every overlay.
        #expect(try alice.promote.run("plan", "build", "dev").output.contains("Runner"))
        #expect(try alice.promote.run("plan", "build", "dev").status == 0)
        // Something writes to it after the images were set.
        try append(
            "replacements:\n- source: {kind: Runner, fieldPath: spec.wanted}\n  targets: [{select: {kind: Runner}, fieldPaths: [spec.main.image]}]\n",
            to: "overlays/dev/kustomization.yaml", of: alice)
        try push(alice)
        let refused = try alice.ask("plan", "build", "dev")
        #expect(refused.status == 77)
        #expect(refused.refusedBy == "digest-exact")
        #expect(refused.message?.contains("Runner storefront-dev/web") == true)
    }

    private func append(_ line: String, to path: String, of person: Person, after mark: String) throws {
        let file = URL(filePath: person.directory).appending(path: path)
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains(mark + "\n"))
        try Data(text.replacing(mark + "\n", with: mark + "\n" + line, maxReplacements: 1).utf8).write(to: file)
    }

    // MARK: Hostile files

    @Test func `A file of a gibibyte, a pipe and a link out of the repository are refused at once`() throws {
        let alice = try Playground().person("alice")
        let folder = URL(filePath: alice.directory).appending(path: "hostile")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, make, message) in [
            ("huge.yaml", ["truncate", "-s", "1G", "huge.yaml"], "has 1073741824 bytes; at most 67108864 are read"),
            ("pipe.yaml", ["mkfifo", "pipe.yaml"], "leads out of the repository"),
            ("link.yaml", ["ln", "-s", "/etc/hostname", "link.yaml"], "leads out of the repository"),
            ("up.yaml", ["ln", "-s", "../base/deployment.yaml", "up.yaml"], "outside of the kustomization's directory"),
            ("loop.yaml", ["ln", "-s", "loop.yaml", "loop.yaml"], "leads out of the repository"),
            ("folder", ["mkdir", "folder"], "folder has no kustomization.yaml"),
        ] {
            try Tool(make[0], in: folder.path).run(Array(make.dropFirst()))
            try write("resources: [\(name)]\n", to: "hostile/kustomization.yaml", of: alice)
            let refused = try alice.promote.run("render", "hostile")
            #expect(refused.status == 65, "\(name): \(refused.errors)")
            #expect(refused.errors.contains(message), "\(name): \(refused.errors)")
        }
    }

    // MARK: Whole folders, hostile folders

    @Test func `render --all renders every kustomization but components, and goes on after one that fails`() throws {
        let folder = try ScratchDirectory()
        let overlay = "resources: [../../base]\nnamePrefix: "
        for (path, text) in [
            "base/kustomization.yaml": "resources: [r.yaml]\n",
            "base/r.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
            "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
            "overlays/one/kustomization.yml": overlay + "one-\n", "overlays/two/Kustomization": overlay + "two-\n",
            "overlays/wrong/kustomization.yaml": "resources: [missing.yaml]\n",
        ] { try folder.write(text, to: path) }
        let result = try Tool(Playground.builtProgram.path, in: folder.path).run("render", "--all", ".")
        #expect(result.status == 65)
        #expect(result.errors.contains("overlays/wrong/missing.yaml does not exist"))
        func manifest(_ name: String) -> String { "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \(name)\n" }
        #expect(
            result.output
                == "# base\n\(manifest("a"))---\n# overlays/one\n\(manifest("one-a"))---\n# overlays/two\n\(manifest("two-a"))")
    }

    /// The files of an overlay in `o`, and what is said of it.
    private static let hostile: [(files: [String: String], message: String)] = [
        (
            ["o/kustomization.yaml": "resources: [r.yaml]\n", "o/r.yaml": bomb],
            "aliases expand to more than"
        ),
        (
            ["o/kustomization.yaml": "resources: [r.yaml]\n", "o/r.yaml": "a: " + String(repeating: "[", count: 10_000)],
            "nested deeper than"
        ),
        (["o/kustomization.yaml": "resources: [../../../../etc]\n"], "leads out of the repository"),
        (["o/kustomization.yaml": "resources: [/etc/passwd]\n"], "leads out of the repository"),
        (
            ["o/kustomization.yaml": "patches: [{path: ../secret.yaml}]\n", "secret.yaml": "a: b\n"],
            "outside of the kustomization"
        ),
        (
            [
                "o/kustomization.yaml": "resources: [../base]\n", "base/kustomization.yaml": "components: [../part]\n",
                "part/kustomization.yaml":
                    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [../base]\n",
            ], "in a circle"
        ),
        (["o/kustomization.yaml": "configMapGenerator: [{name: a, files: [d]}]\n", "o/d/x": "x"], "“d” is a directory"),
        (["o/kustomization.yaml/x": "x"], "o has no kustomization.yaml"),
    ]

    private static let bomb =
        "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + (1...9).map { "a\($0): &a\($0) [" + Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ", ") + "]\n" }.joined()

    @Test(arguments: hostile.indices)
    func `A hostile overlay is refused with what is wrong, in bounded time and memory`(_ index: Int) throws {
        let folder = try ScratchDirectory()
        try folder.write("", to: ".git/HEAD")
        for (path, text) in Self.hostile[index].files { try folder.write(text, to: path) }
        // Five seconds of processor time and a gibibyte; the shell ends what takes more.
        let shell = "ulimit -t 5 -v 1048576; exec \"$0\" render o"
        let result = try Tool("bash", in: folder.path).run("-c", shell, Playground.builtProgram.path)
        #expect(result.status == 65, "\(result.errors)")
        #expect(result.errors.contains(Self.hostile[index].message), "\(result.errors)")
    }

    @Test func `Bytes that are not UTF-8 are refused with their place`() throws {
        let folder = try ScratchDirectory()
        try folder.write("resources: [r.yaml]\n", to: "kustomization.yaml")
        try Data([0x61, 0x3A, 0x20, 0xFF, 0xFE, 0x0A]).write(to: URL(filePath: folder.path).appending(path: "r.yaml"))
        let result = try Tool(Playground.builtProgram.path, in: folder.path).run("render", ".")
        #expect(result.status == 65)
        #expect(result.errors.contains("r.yaml:1:4: the file is not UTF-8"))
    }
}
