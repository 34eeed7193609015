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

    @Test(arguments: [
        (".gitattributes", "* text eol=crlf"), (".gitattributes", "*.yaml ident"),
        ("overlays/.gitattributes", "prod/* export-ignore"), ("overlays/prod/.gitattributes", "*.yaml export-subst"),
        ("base/.gitattributes", "* text eol=crlf"),
    ])
    func `What a checkout makes of an overlay's files belongs to it`(_ path: String, _ line: String) throws {
        let head = try alice.change(path) { _ in line + "\n" }
        let judged = try alice.ask("gate", "--head", head)
        #expect(judged.status == 75, "\(judged.result.output)")
        let entries = judged["environments"] as? [[String: Any]] ?? []
        let prod = entries.first { $0["name"] as? String == "prod" }?["detail"] as? String ?? ""
        #expect(prod.contains("what a checkout of it holds changes with \(path): 0 of 2 approvals"), "\(prod)")
        #expect(try alice.git.run("push", "-q", "origin", "HEAD:main").status != 0)
        try playground.consent(to: alice)
        #expect(try alice.ask("gate", "--head", head).status == 0)
        // Consent is to these bytes, and to no others.
        let other = try alice.change(path) { _ in line + "\n# And more.\n" }
        #expect(try alice.ask("gate", "--head", other).status == 75)
        try alice.git.succeed("push", "-q", "origin", "\(head):refs/heads/main")
    }

    @Test func `Attributes of files that no environment reads are nobody's`() throws {
        let head = try alice.change("docs.gitattributes") { _ in "* text eol=crlf\n" }
        #expect(try alice.ask("gate", "--head", head).status == 0)
    }
}
