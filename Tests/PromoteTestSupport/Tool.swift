import Foundation

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
    public static let hermeticEnvironment: [String: String] = {
        var result = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GIT_") && !$0.key.hasPrefix("PROMOTE_") }
        result["GIT_CONFIG_GLOBAL"] = Playground.repositoryRoot.appending(path: "Tests/PromoteTestSupport/gitconfig").path
        result["GIT_CONFIG_NOSYSTEM"] = "1"
        result["LC_ALL"] = "C"
        result["NO_COLOR"] = "1"
        return result
    }()

    /// Python as itself, where PATH has a script that looks for it first.
    public static let python: String = {
        let found = try? Tool("python3", in: "/").succeed("-c", "import sys; print(sys.executable)")
        return found ?? "python3"
    }()

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
        let environment = Self.hermeticEnvironment.merging(environment) { $1 }
        return try RunningTool(
            ProgramStart(
                path: try Self.place(of: path, searching: environment["PATH"] ?? "/usr/bin:/bin"), arguments: arguments,
                directory: directory, environment: environment), input: input)
    }

    /// Where PATH has a program.
    private static func place(of program: String, searching path: String) throws -> String {
        if program.contains("/") { return program }
        let places = path.split(separator: ":").map { "\($0)/\(program)" }
        guard let place = places.first(where: FileManager.default.isExecutableFile(atPath:)) else {
            throw ToolResult.Failed(description: "\(program) is in none of \(path)")
        }
        return place
    }
}
