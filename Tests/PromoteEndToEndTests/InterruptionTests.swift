import Foundation
import PromoteTestSupport
import Testing

/// Signals, closed pipes and remotes that do not answer: told, with a status, and nothing is left running.
@Suite struct InterruptionTests {
    private let playground: Playground
    private let alice: Person
    /// By which the program that stands for a silent remote is found.
    private let seconds = "7\(Int.random(in: 1_000_000..<10_000_000))"

    init() throws {
        playground = try Playground()
        alice = try playground.person("alice")
    }

    private func silenceRemote() throws {
        try alice.git.succeed("remote", "set-url", "origin", "ssh://nowhere.example/x.git")
        try alice.git.succeed("config", "core.sshCommand", "sleep \(seconds); :")
    }

    private func count() throws -> Int {
        try Tool("pgrep", in: "/").run("-f", "^sleep \(seconds)$").output.split(separator: "\n").count
    }

    @Test(arguments: ["TERM", "INT", "HUP"])
    func `A signal ends what was started, and is told with a status`(_ signal: String) throws {
        try silenceRemote()
        // The signals as a terminal's shell leaves them: a test's own parent may ignore some.
        let script = """
            from os import kill
            from time import sleep
            signal, subprocess, sys = (__import__(name) for name in ("signal", "subprocess", "sys"))
            def plain():
                for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(s, signal.SIG_DFL)
            p = subprocess.Popen([sys.argv[1], "status"], stderr=subprocess.PIPE, text=True, preexec_fn=plain)
            while subprocess.run(["pgrep", "-f", "^sleep " + sys.argv[3] + "$"], stdout=subprocess.DEVNULL).returncode: sleep(0.02)
            kill(p.pid, getattr(signal, "SIG" + sys.argv[2]))
            print(p.communicate()[1]); sys.exit(p.returncode)
            """
        let result = try Tool(Tool.python, in: alice.directory).run("-c", script, alice.promote.path, signal, seconds)
        #expect(result.status == 75, "\(result.errors)")
        #expect(result.output.contains("ended by SIG\(signal)"))
        #expect(try count() == 0)
    }

    @Test func `A remote that does not answer is unavailable, and a terminal shows what is waited for`() throws {
        try silenceRemote()
        try alice.git.succeed("config", "promote.timeout", "3")
        let answer = try alice.ask("status")
        #expect(answer.status == 69)
        #expect(answer.message?.contains("does not answer") == true)
        let shown = try Tool("script", in: alice.directory).run("-qec", "\(alice.promote.path) status", "/dev/null")
        #expect(shown.status == 69)
        #expect(shown.output.contains("waiting for origin … 1 s"), "\(shown.output)")
        #expect(try count() == 0)
    }

    @Test(arguments: ["0", "-1", "a minute", "1.5"])
    func `A timeout that is no number of seconds is refused`(_ text: String) throws {
        try alice.git.succeed("config", "promote.timeout", text)
        let answer = try alice.ask("status")
        #expect(answer.status == 65)
        #expect(answer.message?.contains("promote.timeout") == true)
    }

    @Test func `A reader that is gone is told by the status alone, and a closed output in words`() throws {
        let bash = Tool("bash", in: alice.directory)
        let gone = try bash.run("-c", "sleep 0.2 | true; '\(alice.promote.path)' status | true; exit ${PIPESTATUS[0]}")
        #expect([0, 70].contains(gone.status))
        #expect(gone.errors.isEmpty)
        let script = """
            from os import close, pipe
            subprocess, sys = (__import__(name) for name in ("subprocess", "sys"))
            r, w = pipe(); close(r)
            p = subprocess.run([sys.argv[1], "status"], stdout=w, stderr=subprocess.PIPE, text=True)
            print(p.stderr, end=""); sys.exit(p.returncode)
            """
        let closed = try Tool(Tool.python, in: alice.directory).run("-c", script, alice.promote.path)
        #expect(closed.status == 70)
        #expect(closed.output.isEmpty)
        let none = try bash.run("-c", "'\(alice.promote.path)' status >&-")
        #expect(none.status == 69)
        #expect(none.errors.contains("could not be written"))
    }

    @Test func `A lock that a killed fetch has left is named`() throws {
        #expect(try alice.ask("status").status == 0)
        let bob = try playground.person("bob")
        #expect(try bob.ask("hold", "dev", "--app", "web", "--reason", "x").status == 0)
        #expect(try alice.ask("status").status == 0)
        #expect(try bob.ask("resume", "dev", "--app", "web").status == 0)
        let lock = alice.directory + "/.git/refs/promote/origin/heads/promote/ledger/web.lock"
        try Data().write(to: URL(filePath: lock))
        let answer = try alice.ask("status")
        #expect(answer.status == 75)
        #expect(answer.message?.contains(lock) == true)
        #expect(answer.text("error", "hint")?.contains("rm '\(lock)'") == true)
    }
}
