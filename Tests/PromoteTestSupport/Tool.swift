import Foundation

/// A finished program: what tests run git, ssh-keygen and promote with.
public struct ToolResult: Sendable {
    public let status: Int32
    public let output: String
    public let errors: String

    public struct Failed: Error, CustomStringConvertible {
        public let description: String

        public init(description: String) {
            self.description = description
        }
    }
}

/// Runs programs for tests, away from the configuration of whoever runs them.
public struct Tool: Sendable {
    public let path: String
    public var directory: String
    public var environment: [String: String]

    public init(_ path: String, in directory: String, environment: [String: String] = [:]) {
        self.path = path
        self.directory = directory
        self.environment = environment
    }

    /// The environment of every program in tests: no user or system configuration of Git, one language.
    public static var hermeticEnvironment: [String: String] {
        var result = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GIT_") && !$0.key.hasPrefix("PROMOTE_") }
        result["GIT_CONFIG_GLOBAL"] = "/dev/null"
        result["GIT_CONFIG_NOSYSTEM"] = "1"
        result["LC_ALL"] = "C"
        result["NO_COLOR"] = "1"
        return result
    }

    /// Runs to the end. A non-zero exit is a result.
    @discardableResult
    public func run(_ arguments: String..., input: String = "") throws -> ToolResult {
        try run(arguments, input: input)
    }

    @discardableResult
    public func run(_ arguments: [String], input: String = "") throws -> ToolResult {
        let process = try start(arguments, input: input)
        return process.finish()
    }

    /// Runs to the end, and throws when the program fails.
    @discardableResult
    public func succeed(_ arguments: String..., input: String = "") throws -> String {
        try succeed(arguments, input: input)
    }

    @discardableResult
    public func succeed(_ arguments: [String], input: String = "") throws -> String {
        let result = try run(arguments, input: input)
        guard result.status == 0 else {
            throw ToolResult.Failed(description: "\(path) \(arguments): \(result.status)\n\(result.output)\n\(result.errors)")
        }
        return result.output.hasSuffix("\n") ? String(result.output.dropLast()) : result.output
    }

    /// Starts the program without waiting for it.
    public func start(_ arguments: [String], input: String = "") throws -> RunningTool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [path] + arguments
        process.currentDirectoryURL = URL(filePath: directory)
        process.environment = Self.hermeticEnvironment.merging(environment) { $1 }
        return try RunningTool(process, input: input)
    }
}

/// A program that is running, its output going to files so that it never waits for a reader.
public final class RunningTool {
    private let process: Process
    private let folder: ScratchDirectory

    init(_ process: Process, input: String) throws {
        self.process = process
        folder = try ScratchDirectory()
        for name in ["out", "err"] { try folder.write("", to: name) }
        try folder.write(input, to: "in")
        process.standardInput = try FileHandle(forReadingFrom: folder.url.appending(component: "in"))
        process.standardOutput = try FileHandle(forWritingTo: folder.url.appending(component: "out"))
        process.standardError = try FileHandle(forWritingTo: folder.url.appending(component: "err"))
        try process.run()
    }

    public func finish() -> ToolResult {
        process.waitUntilExit()
        func text(_ name: String) -> String {
            String(
                decoding: FileManager.default.contents(atPath: folder.url.appending(component: name).path) ?? Data(),
                as: UTF8.self)
        }
        return ToolResult(status: process.terminationStatus, output: text("out"), errors: text("err"))
    }

    /// Waits until standard error has a line with `text`, or the program has ended.
    ///
    /// - Returns: whether it came, within two minutes.
    public func saysOnStandardError(_ text: String) throws -> Bool {
        try LogFile(folder.url.appending(component: "err").path).says(text)
    }

    /// Asks the program to end, as `kill` does, and waits until it has.
    @discardableResult
    public func terminate() -> ToolResult {
        process.terminate()
        return finish()
    }
}

/// What a running program writes.
struct LogFile {
    private let path: String

    init(_ path: String) {
        self.path = path
    }

    /// Waits until there is a line with `text`, for two minutes at most.
    func says(_ text: String) throws -> Bool {
        let script = "for i in $(seq 2400); do grep -q -F -e \"$2\" \"$1\" 2> /dev/null && exit 0; sleep 0.05; done; exit 1"
        return try Tool("sh", in: "/").run("-c", script, "-", path, text).status == 0
    }

    var content: String { String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self) }
}

/// A server on loopback, apart from the test's own process, which ends with the value and after some minutes by itself.
///
/// It inherits nothing: Foundation takes a program for running as long as anybody holds the descriptors that it was started with.
public final class Server {
    private let processID: String
    private let log: LogFile

    /// - Parameter folder: where its log goes.
    public init(_ command: [String], in folder: String) throws {
        let path = folder + "/server-\(UUID().uuidString).log"
        let script = Playground.repositoryRoot.appending(path: "Tests/PromoteEndToEndTests/Support/server.py").path
        log = LogFile(path)
        processID = try Tool("python3", in: folder).succeed([script, path] + command)
    }

    /// Waits until it has written a line with `text`.
    public func says(_ text: String) throws -> Bool { try log.says(text) }

    public var output: String { log.content }

    deinit {
        // It may have ended by itself.
        _ = try? Tool("kill", in: "/").run(processID)
    }
}
