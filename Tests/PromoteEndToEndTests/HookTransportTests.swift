import Foundation
import PromoteTestSupport
import Testing

/// The hook guards a repository however people reach it.
@Suite struct HookTransportTests {
    private func guarded() throws -> Playground {
        let playground = try Playground()
        try Tool(Playground.builtProgram.path, in: "/").succeed("hook", "install", "--bare", playground.remote)
        return playground
    }

    /// A release goes to staging through `url`, and what nobody approved does not go to prod.
    private func expectGuard(_ playground: Playground, _ url: String, environment: [String: String] = [:]) throws {
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        for person in [ci, alice] {
            try person.git.succeed("remote", "set-url", "origin", url)
            if let command = environment["GIT_SSH_COMMAND"] { try person.git.succeed("config", "core.sshCommand", command) }
        }
        #expect(try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))").status == 0)
        for (from, to, id) in [("build", "dev", "web-1"), ("dev", "staging", "web-2")] {
            #expect(try alice.ask(from, to).text("promotion") == id)
            #expect(try alice.ask("merge", id).status == 0)
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-3")
        let before = try playground.remoteRefs()
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-B", "work", "origin/main")
        try alice.git.succeed("merge", "-q", "--no-ff", "-S", "-m", "by hand", "origin/promotion/web/prod/3")
        let result = try alice.git.run("push", "origin", "HEAD:main")
        #expect(result.status != 0)
        #expect(result.errors.contains("0 of 2 approvals from release-managers"), "\(result.errors)")
        #expect(try playground.remoteRefs() == before)
    }

    @Test func `Over file`() throws {
        let playground = try guarded()
        try expectGuard(playground, "file://" + playground.remote)
    }

    @Test func `Over SSH`() throws {
        let playground = try guarded()
        let folder = playground.scratch.path + "/sshd"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let shell = Tool("sh", in: folder)
        for name in ["host", "user"] {
            try Tool("ssh-keygen", in: folder).succeed("-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/\(name)")
        }
        let port = try Tool.freePort()
        try Data(
            """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(folder)/host
            AuthorizedKeysFile \(folder)/user.pub
            PidFile none
            StrictModes no
            UsePAM no
            PasswordAuthentication no

            """.utf8
        ).write(to: URL(filePath: folder + "/config"))
        // The server wants a folder of its own, which the package makes only when the service starts.
        _ = try shell.run("-c", "test -d /run/sshd || mkdir -p /run/sshd")
        let server = try Server(["/usr/sbin/sshd", "-D", "-e", "-f", "\(folder)/config"], in: folder)
        #expect(try server.says("Server listening"), "\(server.output)")
        let ssh =
            "ssh -F none -i \(folder)/user -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
        let user = try shell.succeed("-c", "id -un")
        try expectGuard(
            playground, "ssh://\(user)@127.0.0.1:\(port)\(playground.remote)", environment: ["GIT_SSH_COMMAND": ssh])
        withExtendedLifetime(server) {}
    }

    @Test func `Over smart HTTP`() throws {
        let playground = try guarded()
        let git = Tool("git", in: playground.remote)
        try git.succeed("config", "http.receivepack", "true")
        let script = Playground.repositoryRoot.appending(path: "Tests/PromoteEndToEndTests/Support/http-backend.py").path
        let server = try Server([Tool.python, script, playground.scratch.path], in: playground.scratch.path)
        #expect(try server.says("listening on "), "\(server.output)")
        let port = try #require(server.output.firstMatch(of: /listening on ([0-9]+)/)?.output.1)
        try expectGuard(playground, "http://127.0.0.1:\(port)/remote.git")
        withExtendedLifetime(server) {}
    }
}
