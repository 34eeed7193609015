import Foundation
import PromoteTestSupport
import YAMLEditing

/// A machine of a CI system: clones as shallow as those systems make them, an environment of nothing but what they set, and files
/// for what jobs say.
struct CIMachine {
    private let playground: Playground
    let folder: String
    /// Where programs put what they should take away again.
    let temporary: String
    let variables: [String: String]

    static let recipes = Playground.repositoryRoot.appending(component: "ci")

    /// - Parameter variables: what the system sets for every job.
    init(_ name: String, in playground: Playground, _ variables: [String: String] = [:]) throws {
        self.playground = playground
        folder = playground.scratch.path + "/machine-\(name)"
        temporary = folder + "/tmp"
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        let path = [
            Self.recipes.appending(component: "shell").path, Playground.builtProgram.deletingLastPathComponent().path,
            ProcessInfo.processInfo.environment["PATH"] ?? "",
        ]
        let common = [
            "PATH": path.joined(separator: ":"), "TMPDIR": temporary, "HOME": folder, "SSH_AUTH_SOCK": "",
            // Of the machine that the tests run on.
            "GITHUB_ACTIONS": "", "GITLAB_CI": "", "JENKINS_URL": "",
        ]
        self.variables = common.merging(variables) { $1 }
    }

    /// The private half of somebody's key: what a secret of the CI system holds.
    func signingKey(of name: String) throws -> String {
        try String(contentsOf: playground.scratch.url.appending(component: "key-\(name)"), encoding: .utf8)
    }

    /// A clone of one commit that is on no branch, with no branch of the remote known.
    @discardableResult
    func checkOut(at path: String? = nil) throws -> String {
        let directory = folder + "/work" + (path.map { "/" + $0 } ?? "")
        try Tool("git", in: "/").succeed("clone", "-q", "--depth", "1", "file://\(playground.remote)", directory)
        let git = Tool("git", in: directory)
        try git.succeed("checkout", "-q", "--detach")
        try git.succeed("branch", "-q", "-D", "main")
        try git.succeed("update-ref", "-d", "refs/remotes/origin/main")
        return directory
    }

    /// What a script of a recipe says, run as the CI system does.
    func start(_ script: String, _ variables: [String: String]) throws -> RunningTool {
        let work = folder + "/work"
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        return try Tool("bash", in: work, environment: self.variables.merging(variables) { $1 })
            .start(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
    }

    /// Where a secret can be seen: a line of the key or a token in the log or in a file, and what scripts should have taken away.
    func traces(ofSecretsIn log: String) throws -> [String] {
        let key = try signingKey(of: "ci").split(separator: "\n").map(String.init).filter {
            $0.count > 20 && !$0.hasPrefix("-----")
        }
        let encoded = Data(try signingKey(of: "ci").utf8).base64EncodedString().prefix(60)
        let secrets = key + [String(encoded), Hosted.token(of: "ci")]
        let patterns = secrets.flatMap { ["-e", $0] }
        let files = try Tool("grep", in: folder).run(["-rlaF"] + patterns + ["."]).output.split(separator: "\n").map(String.init)
        let left = try FileManager.default.contentsOfDirectory(atPath: temporary)
        return secrets.filter(log.contains).map { "the log has \($0.prefix(8))…" } + files + left
    }

    /// What a file has that a job wrote; empty where there is none.
    func text(of path: String) -> String {
        FileManager.default.contents(atPath: folder + "/" + path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

/// A document of a recipe.
struct RecipeFile {
    let documents: [YAMLNode]

    init(_ path: String) throws {
        documents = try YAMLFile(Array(Data(contentsOf: CIMachine.recipes.appending(path: path)))).documents
    }
}

extension YAMLNode {
    /// The scalars of a mapping, by key.
    var texts: [String: String] {
        var result: [String: String] = [:]
        for entry in mapping ?? [] {
            if let key = entry.key.scalar?.text, let value = entry.value.scalar?.text { result[key] = value }
        }
        return result
    }
}

/// Runs jobs of workflows as GitHub's runner does: actions by their own metadata, and steps by their own scripts.
struct WorkflowRunner {
    let machine: CIMachine
    /// Of contexts: `secrets.NAME`, `github.event.number`, `needs.build.outputs.image`.
    var context: [String: String]
    /// Everything that was said in the log.
    private(set) var log = ""
    private(set) var failedStep: (id: String, status: Int32)?

    static let ownActions = "your-org/promote/ci/github/"

    init(_ machine: CIMachine, _ context: [String: String]) {
        self.machine = machine
        self.context = context
    }

    /// - Returns: the job's outputs, which later jobs have as `needs.<job>.outputs`.
    mutating func run(job name: String, of workflow: YAMLNode) throws {
        let job = try workflow["jobs"]?[name] ?? { throw Missing(what: "the job \(name)") }()
        for key in context.keys where key.hasPrefix("steps.") { context[key] = nil }
        try? FileManager.default.removeItem(atPath: machine.folder + "/work")
        for (index, step) in (job["steps"]?.sequence ?? []).enumerated() {
            let identifier = step["id"]?.scalar?.text ?? "\(index)"
            let status = try run(step, identifier)
            context["steps.\(identifier).outcome"] = status == 0 ? "success" : "failure"
            if status != 0, step["continue-on-error"]?.scalar?.text != "true" {
                failedStep = (identifier, status)
                return
            }
        }
        for (output, value) in job["outputs"]?.texts ?? [:] { context["needs.\(name).outputs.\(output)"] = expanded(value) }
    }

    private mutating func run(_ step: YAMLNode, _ identifier: String) throws -> Int32 {
        let variables = (step["env"]?.texts ?? [:]).mapValues { expanded($0) }
        if let script = step["run"]?.scalar?.text { return try run(expanded(script), identifier, variables) }
        let action = String((step["uses"]?.scalar?.text ?? "").prefix { $0 != "@" })
        let given = (step["with"]?.texts ?? [:]).mapValues { expanded($0) }
        switch action {
        case "actions/checkout": try machine.checkOut(at: given["path"])
        case "actions/create-github-app-token": context["steps.\(identifier).outputs.token"] = context["app-token"]
        case _ where action.hasPrefix(Self.ownActions):
            return try run(ownAction: String(action.dropFirst(Self.ownActions.count)), identifier, given)
        case _: throw Missing(what: "the action \(action)")
        }
        return 0
    }

    private mutating func run(ownAction name: String, _ identifier: String, _ given: [String: String]) throws -> Int32 {
        guard let action = try RecipeFile("github/\(name)/action.yml").documents.first else { throw Missing(what: name) }
        var inputs: [String: String] = [:]
        for entry in action["inputs"]?.mapping ?? [] {
            guard let input = entry.key.scalar?.text else { continue }
            if entry.value["required"]?.scalar?.text == "true", given[input] == nil { throw Missing(what: "\(name)'s \(input)") }
            inputs[input] = given[input] ?? expanded(entry.value["default"]?.scalar?.text ?? "")
        }
        if let unknown = given.keys.first(where: { inputs[$0] == nil }) { throw Missing(what: "an input \(unknown) of \(name)") }
        var inner = self
        for (input, value) in inputs { inner.context["inputs.\(input)"] = value }
        for step in action["runs"]?["steps"]?.sequence ?? [] {
            let script = step["run"]?.scalar?.text ?? ""
            var variables = (step["env"]?.texts ?? [:]).mapValues { inner.expanded($0) }
            variables["GITHUB_ACTION_PATH"] = CIMachine.recipes.appending(path: "github/\(name)").path
            let status = try inner.run(script, step["id"]?.scalar?.text ?? "", variables)
            log = inner.log
            if status != 0 { return status }
        }
        for entry in action["outputs"]?.mapping ?? [] {
            let output = entry.key.scalar?.text ?? ""
            context["steps.\(identifier).outputs.\(output)"] = inner.expanded(entry.value["value"]?.scalar?.text ?? "")
        }
        return 0
    }

    private mutating func run(_ script: String, _ identifier: String, _ variables: [String: String]) throws -> Int32 {
        let outputs = machine.folder + "/output"
        try Data().write(to: URL(filePath: outputs))
        let set = ["GITHUB_OUTPUT": outputs, "GITHUB_STEP_SUMMARY": machine.folder + "/summary.md"]
        let result = try machine.start(script, set.merging(variables) { $1 }).finish()
        log += result.output + result.errors
        for line in machine.text(of: "output").split(separator: "\n") {
            let pair = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if pair.count == 2 { context["steps.\(identifier).outputs.\(pair[0])"] = pair[1] }
        }
        return result.status
    }

    /// A text with its expressions: names of the context, and the first of several that is something.
    private func expanded(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.range(of: "${{"), let end = rest.range(of: "}}", range: start.upperBound..<rest.endIndex) {
            result += rest[..<start.lowerBound]
            let names = rest[start.upperBound..<end.lowerBound].components(separatedBy: "||")
            result += names.map { context[$0.trimmingCharacters(in: .whitespaces)] ?? "" }.first { !$0.isEmpty } ?? ""
            rest = rest[end.upperBound...]
        }
        return result + rest
    }

    struct Missing: Error {
        let what: String
    }
}
