import Foundation
import PromoteTestSupport
import Testing

/// Applications that a program of the policy renders.
@Suite struct RendererTests {
    private static let script = """
        #!/bin/sh
        # A stand-in for any templating: it reads the file of the environment.
        . ./env/$1.sh
        printf 'apiVersion: v1\\nkind: Pod\\nmetadata: {name: web}\\nspec: {containers: [{name: web, image: "%s"}]}\\n' "$IMAGE"
        env > "$HOME/seen" && grep -q SECRET "$HOME/seen" && echo "# a secret was seen"
        exit 0

        """

    private func playground(
        script: String = Self.script, change: (URL) throws -> Void = { _ in }
    ) throws -> Playground {
        try Playground { seed in
            try Playground.replace(
                "  overlay: overlays/{environment}",
                "  renderer: {command: [./render, \"{environment}\"], files: [render, \"env/{environment}.sh\"]}",
                below: seed.appending(path: "environments"))
            var files = ["render": script]
            for environment in ["dev", "staging", "prod"] {
                files["env/\(environment).sh"] = "IMAGE=registry.example/web:0.1 # {\"$promote\": \"web\"}\n"
            }
            for (path, text) in files {
                let file = seed.appending(path: path)
                try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            try change(seed)
        }
    }

    @Test func `What a permitted program prints is promoted through all environments`() throws {
        let alice = try playground().promoteToProd { person in
            var person = person.runningGates()
            person.environment["SECRET_TOKEN"] = "x"
            return person
        }
        let rendered = try alice.promote.succeed("render", "web", "prod")
        #expect(rendered.contains("image: \"registry.example/web:1.4.0@\(Playground.digest("1"))\""), "\(rendered)")
        #expect(!rendered.contains("secret"))
    }

    @Test func `A file that all environments share is part of the program`() throws {
        let playground = try playground(script: Self.script.replacing("# A stand-in", with: ". ./lib.sh\n# A stand-in")) { seed in
            try Playground.replace("files: [render,", "files: [render, lib.sh,", below: seed.appending(path: "environments"))
            try Data("true\n".utf8).write(to: seed.appending(path: "lib.sh"))
        }
        let alice = try playground.person("alice")
        #expect(try alice.ask("trust").status == 0)
        #expect(try alice.promote.run("render", "web", "dev").status == 0)
        let trace = alice.directory + "/ran"
        try Data("echo > \(trace)\n".utf8).write(to: URL(filePath: alice.directory + "/lib.sh"))
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
        #expect(try alice.promote.run("gate", "--base", "origin/main", "--head", "HEAD").status == 69)
        #expect(!FileManager.default.fileExists(atPath: trace))
    }

    @Test func `Doctor goes on where a program is not permitted, and tells it`() throws {
        let alice = try playground().person("alice")
        let doctor = try alice.promote.run("doctor")
        #expect(doctor.status == 0 && doctor.output.contains("is not permitted here"), "\(doctor.output)\(doctor.errors)")
        let broken = try playground(script: "#!/bin/sh\nexit 3\n").person("alice").runningGates()
        let told = try broken.promote.run("doctor")
        #expect(told.status == 65 && told.output.contains("ended with 3"), "\(told.output)\(told.errors)")
    }

    @Test func `It runs only where it was permitted, in the version that was looked at`() throws {
        let playground = try playground()
        let alice = try playground.person("alice")
        let refused = try alice.promote.run("render", "web", "dev")
        #expect(refused.status == 69 && refused.errors.contains("promote trust"), "\(refused.errors)")
        let shown = try alice.ask("trust", "--dry-run")
        #expect(shown.text("programs", 0, "renderer") == "web", "\(shown.result.output)")
        #expect(try alice.ask("trust").status == 0)
        #expect(try alice.promote.run("render", "web", "dev").status == 0)
        // A change of the program is another program, and is not run to judge it.
        let file = URL(filePath: alice.directory + "/render")
        try Data((Self.script + "touch /tmp/never-run\n").utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
        let judged = try alice.promote.run("gate", "--base", "origin/main", "--head", "HEAD")
        #expect(judged.status == 69 && judged.errors.contains("not permitted"), "\(judged.output)\(judged.errors)")
    }

    @Test(arguments: [
        ("exit 3\n", "ended with 3"), ("echo 'a: [' \n", "render:2:1: did not find"),
        ("echo 'kind: Pod'; echo ---; echo 'a: b'\n", "no kind"), ("echo\n", "prints nothing"),
        ("echo \"{kind: Pod, metadata: {name: a$(date +%N)}}\"\n", "not print the same twice"),
    ])
    func `A program that fails is an error with what it said`(_ script: String, _ message: String) throws {
        let alice = try playground(script: "#!/bin/sh\n" + script).person("alice").runningGates()
        let refused = try alice.promote.run("render", "web", "dev")
        #expect(refused.status == 65 && refused.errors.contains(message), "\(refused.errors)")
    }
}
