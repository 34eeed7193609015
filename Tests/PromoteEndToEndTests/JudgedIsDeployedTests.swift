import Foundation
import PromoteTestSupport
import Testing

/// What is judged is what a checkout of the branch gets.
@Suite struct JudgedIsDeployedTests {
    private let playground: Playground
    private let alice: Person
    private let mallory: Person

    init() throws {
        playground = try Playground()
        let server = Tool(Playground.builtProgram.path, in: playground.scratch.path)
        try server.succeed("hook", "install", "--bare", playground.remote)
        (alice, mallory) = (try playground.person("alice"), try playground.person("mallory"))
    }

    private var remote: Tool { Tool("git", in: playground.remote) }

    /// A commit whose `overlays/prod` has another kustomization beside the one that is there, of the same name.
    private func twice(_ person: Person) throws -> String {
        let git = person.git
        let blob = try git.succeed("hash-object", "-w", "--stdin", input: "resources: []\n")
        func replaced(_ path: String, _ line: (String) -> [String]) throws -> String {
            let lines = try git.succeed("ls-tree", path).split(separator: "\n").map(String.init)
            return try git.succeed("mktree", input: lines.flatMap(line).joined(separator: "\n") + "\n")
        }
        func with(_ tree: String, as name: String, _ line: String) -> [String] {
            line.hasSuffix("\t\(name)") ? ["040000 tree \(tree)\t\(name)"] : [line]
        }
        let prod = try replaced("HEAD:overlays/prod") {
            $0.hasSuffix("\tkustomization.yaml") ? ["100644 blob \(blob)\tkustomization.yaml", $0] : [$0]
        }
        let overlays = try replaced("HEAD:overlays") { with(prod, as: "prod", $0) }
        let root = try replaced("HEAD") { with(overlays, as: "overlays", $0) }
        return try git.succeed("commit-tree", "-S", "-p", "HEAD", "-m", "twice", root)
    }

    @Test func `A directory with two entries of one name is not read, nor received`() throws {
        let commit = try twice(mallory)
        let answer = try mallory.ask("gate", "--head", commit)
        #expect(answer.status == 65)
        #expect(answer.text("error", "message")?.contains("two entries of the name “kustomization.yaml”") == true)
        #expect(try mallory.git.run("push", "-q", "origin", "\(commit):refs/heads/main").status != 0)
        #expect(try mallory.git.run("push", "-q", "origin", "\(commit):refs/heads/other").status != 0)
    }

    @Test func `Without receive.fsckObjects no push is taken, and installing again mends it`() throws {
        try remote.succeed("config", "receive.fsckObjects", "false")
        let push = try alice.git.run("push", "origin", "HEAD:refs/heads/other")
        #expect(push.status != 0)
        #expect(push.errors.contains("git config receive.fsckObjects true"))
        let server = Tool(Playground.builtProgram.path, in: playground.remote)
        let problem = try server.run("doctor", "--remote", ".")
        #expect(problem.status == 65)
        #expect(problem.output.contains("receive.fsckObjects is off"))
        try server.succeed("hook", "install", "--bare", playground.remote)
        try alice.git.succeed("push", "-q", "origin", "HEAD:refs/heads/other")
        #expect(try server.run("doctor", "--remote", ".").output.contains("receive.fsckObjects is on"))
    }
}
