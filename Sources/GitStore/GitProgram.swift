import GitOpsTypes
import Secrets

/// The `git` program, for what only it knows: everybody's configuration, and how to reach a remote.
///
/// Decisions are made from exit statuses, porcelain output and refs, never from messages.
public struct GitProgram: GitTransport {
    let process: ToolProcess
    let patience: TransportPatience

    /// - Parameter directory: where commands run; Git finds the repository from there.
    public init(directory: String, patience: TransportPatience = TransportPatience()) {
        var process = ToolProcess(program: "git", directory: directory)
        // The objects themselves are meant, not what refs/replace and grafts put in their places.
        process.environment = ["GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": "/dev/null"]
        self.process = process
        self.patience = patience
    }

    /// The directory with the repository's objects, refs and configuration, shared by all of its work trees.
    ///
    /// - Throws: `GitError.notARepository`.
    public func commonDirectory() async throws -> String {
        let output = try await process.run(["rev-parse", "--path-format=absolute", "--git-common-dir"])
        guard output.isSuccess else {
            throw GitError(
                .notARepository, "open the repository", output.standardError.firstLine.displayable,
                hint: "run promote inside a clone of the configuration repository, or name it with -C")
        }
        return String(decoding: output.standardOutput, as: UTF8.self).firstLine
    }

    /// Where Git looks for the repository's hooks: `core.hooksPath`, or the repository's own directory for them.
    ///
    /// - Throws: `GitError.notARepository`.
    public func hooksDirectory() async throws -> String {
        let output = try await process.run(["rev-parse", "--path-format=absolute", "--git-path", "hooks"])
        guard output.isSuccess else {
            throw GitError(.notARepository, "find the hooks", output.standardError.firstLine.displayable)
        }
        return String(decoding: output.standardOutput, as: UTF8.self).firstLine
    }

    /// Whether the repository's own configuration sets `key`, and not only one that it shares with others.
    public func setsItself(_ key: String) async throws -> Bool {
        try await process.run(["config", "--local", "--get", key]).isSuccess
    }

    /// The top of the work tree.
    ///
    /// - Throws: `GitError.notARepository`, also for a bare repository.
    public func workTree() async throws -> String {
        let output = try await process.run(["rev-parse", "--path-format=absolute", "--show-toplevel"])
        guard output.isSuccess else {
            throw GitError(
                .notARepository, "find the work tree", output.standardError.firstLine.displayable,
                hint: "run the command inside a clone, or `git init` one")
        }
        return String(decoding: output.standardOutput, as: UTF8.self).firstLine
    }

    /// Git's effective configuration: system, user, repository, and what the environment adds.
    public func configuration() async throws -> GitConfiguration {
        let output = try await process.run(["config", "--list", "-z"])
        guard output.isSuccess else {
            throw GitError(.configuration, "read Git's configuration", output.standardError.firstLine.displayable)
        }
        let configuration = GitConfiguration(nullSeparated: output.standardOutput)
        configuration.rememberSecrets()
        return configuration
    }

    /// Sets a value in the repository's own configuration.
    public func set(_ key: String, to value: String) async throws {
        let output = try await process.run(["config", "--local", "--replace-all", key, value])
        guard output.isSuccess else {
            throw GitError(.configuration, "set \(key)", output.standardError.firstLine.displayable)
        }
    }

    /// What Git's credential helpers keep for a server; nil where they have nothing. It never asks at a terminal.
    ///
    /// Source: git-credential(1).
    public func credential(
        scheme: String, host: String, path: String
    ) async throws -> (user: String, password: String)? {
        var process = process
        process.environment.merge(["GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": ""]) { $1 }
        process.timeout = .seconds(20)
        let question = "protocol=\(scheme)\nhost=\(host)\npath=\(path)\n\n"
        let output = try await process.run(["-c", "core.askPass=", "credential", "fill"], input: Array(question.utf8))
        guard output.isSuccess else { return nil }
        var fields: [Substring: Substring] = [:]
        for line in String(decoding: output.standardOutput, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        guard let user = fields["username"], let password = fields["password"] else { return nil }
        return (String(user), String(password))
    }
}

/// Git's configuration as one flat list; later values win.
public struct GitConfiguration: Sendable {
    private let values: [String: [String]]

    /// From `git config --list -z`: `key LF value NUL`, a key without LF being true.
    public init(nullSeparated bytes: [UInt8]) {
        var values: [String: [String]] = [:]
        for entry in bytes.split(separator: 0) {
            let text = String(decoding: entry, as: UTF8.self)
            let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            values[String(parts[0]), default: []].append(parts.count == 2 ? String(parts[1]) : "true")
        }
        self.values = values
    }

    /// The last value of `key`; section and variable in lower case, as Git lists them.
    public subscript(key: String) -> String? { values[key]?.last }

    /// Whether `key` is set to something that Git takes for true; nil when it is not set.
    ///
    /// Source: git-config(1), "boolean".
    public func flag(_ key: String) -> Bool? {
        self[key].map { text in
            switch text.lowercased() {
            case "true", "yes", "on": true
            default: Int(text).map { $0 != 0 } ?? false
            }
        }
    }

    /// Whether a push has its objects examined before it lands.
    ///
    /// Source: git-config(1), `receive.fsckObjects`.
    public var examinesReceivedObjects: Bool { flag("receive.fsckobjects") ?? flag("transfer.fsckobjects") ?? false }

    /// What opens servers: in addresses of remotes and proxies, in what replaces them, in headers that are sent.
    func rememberSecrets() {
        for (key, values) in values {
            Redaction.rememberUserInformation(in: key)
            for value in values {
                Redaction.rememberUserInformation(in: value)
                if key.hasSuffix(".extraheader") { Redaction.rememberHeader(value) }
            }
        }
    }

    /// Every value of `key`, in their order.
    func all(_ key: String) -> [String] { values[key] ?? [] }

    var keys: some Sequence<String> { values.keys }

    /// The names of the configured remotes, sorted.
    public var remotes: [String] {
        values.keys.filter { $0.hasPrefix("remote.") && $0.hasSuffix(".url") }
            .map { String($0.dropFirst("remote.".count).dropLast(".url".count)) }.sorted()
    }
}

extension String {
    var firstLine: String { split(whereSeparator: \.isNewline).first.map(String.init) ?? "" }

    /// The last lines with text, joined: where Git says what it is about. OpenSSH ends its lines with CR LF.
    var lastLines: String { split(whereSeparator: \.isNewline).suffix(3).joined(separator: " · ") }
}

extension Substring {
    var trimmingSpaces: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
