import Foundation
import GitOpsTypes
import Glibc
import PromoteTestSupport
import Testing

@testable import GitStore

/// Programs that leave early, take too long, or leave others behind.
@Suite struct ToolProcessTests {
    private let scratch: ScratchDirectory

    init() throws {
        // As the program does at its start.
        signal(SIGPIPE, SIG_IGN)
        scratch = try ScratchDirectory()
    }

    /// A number of seconds that no other test sleeps for, by which a process is found.
    private func seconds() -> String { "7\(Int.random(in: 1_000_000..<10_000_000))" }

    /// Whether any goes on: what was killed ends when it is scheduled next, which on a busy machine is a moment later.
    private func areRunning(_ seconds: String) throws -> Bool {
        for _ in 1...100 {
            guard try Tool("pgrep", in: scratch.path).run("-f", "^sleep \(seconds)$").status == 0 else { return false }
        }
        return true
    }

    @Test(arguments: [["-c", "exit 0"], ["-c", "exec 0<&-; sleep 0.1; exit 0"], ["-c", "head -c 1 > /dev/null"]])
    func `A program that does not read what it is given has read enough`(_ arguments: [String]) async throws {
        let output = try await ToolProcess(program: "sh").run(arguments, input: [UInt8](repeating: 97, count: 4 << 20))
        #expect(output.isSuccess)
    }

    @Test func `A program that reads all gets all`() async throws {
        let input = [UInt8](repeating: 97, count: 4 << 20)
        #expect(try await ToolProcess(program: "cat").run([], input: input).standardOutput == input)
    }

    @Test(arguments: [
        "sleep %", "sleep % & sleep %", "setsid sleep % & sleep %", "(setsid sleep % &); sleep %", "trap '' TERM; sleep %",
    ])
    func `What is past its time ends with all that it has started`(_ script: String) async throws {
        let seconds = seconds()
        var process = ToolProcess(program: "sh")
        (process.timeout, process.hasOwnSession) = (.milliseconds(400), true)
        let script = script.replacing("%", with: seconds)
        await #expect { try await process.run(["-c", script]) } throws: {
            ($0 as? GitError)?.detail.contains("did not end") == true
        }
        #expect(try !areRunning(seconds))
    }

    @Test func `What a program leaves behind ends with it`() async throws {
        let seconds = seconds()
        var process = ToolProcess(program: "sh")
        process.hasOwnSession = true
        let output = try await process.run(["-c", "sleep \(seconds) & (setsid sleep \(seconds) &); echo done"])
        #expect(String(decoding: output.standardOutput, as: UTF8.self) == "done\n")
        #expect(try !areRunning(seconds))
    }

    @Test func `What was to end before it ran ends when it does`() throws {
        let (seconds, program) = (seconds(), Process())
        (program.executableURL, program.arguments) = (URL(filePath: "/bin/sleep"), [seconds])
        try program.run()
        let child = ChildProcess(.family)
        child.end()
        child.started(as: program.processIdentifier)
        #expect(try !areRunning(seconds))
        program.terminate()
        program.waitUntilExit()
    }

    @Test func `A remote that does not answer is given up after a second try, and nothing is left of either`() async throws {
        let (git, seconds) = (Tool("git", in: scratch.path), seconds())
        try git.succeed("init", "-q")
        try git.succeed("remote", "add", "origin", "ssh://nowhere.example/x.git")
        try git.succeed("config", "ssh.variant", "ssh")
        try git.succeed("config", "core.sshCommand", "echo try >> tries; sleep \(seconds); :")
        let program = GitProgram(directory: scratch.path, patience: TransportPatience(silence: .seconds(1)))
        let main = try #require(BranchName("main"))
        await #expect { try await program.fetch("origin", [RefMapping(main.ref, to: "refs/x/main")]) } throws: {
            ($0 as? GitError)?.code == .remoteSilent
        }
        #expect(try String(contentsOfFile: scratch.path + "/tries", encoding: .utf8) == "try\ntry\n")
        #expect(try !areRunning(seconds))
        await #expect { try await program.defaultBranch(of: "origin") } throws: { ($0 as? GitError)?.code == .remoteSilent }
    }

    @Test func `A remote that is slow and says something now and then is not given up`() async throws {
        let git = Tool("git", in: scratch.path)
        try git.succeed("init", "-q", "-b", "main", "there")
        try Tool("git", in: scratch.path + "/there").succeed(
            "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "--allow-empty", "-m", "x")
        try git.succeed("init", "-q")
        try git.succeed("remote", "add", "origin", "ssh://nowhere.example\(scratch.path)/there")
        // For longer than it may be silent, byte by byte.
        try scratch.write(
            """
            from os import read, write
            from subprocess import PIPE, Popen
            from sys import argv
            from time import sleep
            server = Popen(["git-upload-pack", argv[1]], stdout=PIPE, bufsize=0)
            first = server.stdout.read(24)
            for byte in first:
                sleep(0.25)
                write(1, bytes([byte]))
            while True:
                data = read(server.stdout.fileno(), 65536)
                if not data: break
                write(1, data)
            """, to: "slow.py")
        try git.succeed("config", "core.sshCommand", "python3 '\(scratch.path)/slow.py' '\(scratch.path)/there'; :")
        try git.succeed("config", "ssh.variant", "ssh")
        try git.succeed("config", "protocol.version", "0")
        let program = GitProgram(directory: scratch.path, patience: TransportPatience(silence: .seconds(6)))
        try await program.fetch("origin", [RefMapping("refs/heads/main", to: "refs/x/main")])
        #expect(try git.succeed("rev-parse", "refs/x/main").count == 40)
    }
}
