import Foundation
import Secrets
import Subprocess
import SystemPackage

/// Runs another program to its end: arguments as a list, never through a shell, with bounds on time and output.
package struct ToolProcess: Sendable {
    package let program: String
    /// Looked up once: trying every directory of PATH with a process of its own costs more than what git does.
    private let location: ProgramLocation
    package var directory: String?
    package var environment: [String: String] = [:]
    /// Whether it has our environment besides its own.
    package var inheritsEnvironment = true
    /// Bytes of standard output; more is an error.
    package var outputLimit = 256 << 20
    /// Generous: a first fetch of a large repository over a slow line takes minutes; a hung server takes for ever.
    package var timeout: Duration = .seconds(300)

    package init(program: String, directory: String? = nil) {
        self.program = program
        self.directory = directory
        location = ProgramLocation(program)
    }

    package struct Output: Sendable {
        package let status: Int32
        package let standardOutput: [UInt8]
        package let standardError: String

        package var isSuccess: Bool { status == 0 }
    }

    /// - Throws: `GitError.failed` when the program is missing, takes too long or prints without end. A non-zero exit is a
    ///   result.
    package func run(_ arguments: [String], input: [UInt8] = []) async throws -> Output {
        do {
            return try await withThrowingTaskGroup(of: Output?.self) { group in
                group.addTask { try await execute(arguments, input: input) }
                group.addTask {
                    try await Task.sleep(for: timeout)
                    return nil
                }
                guard let output = try await group.next() ?? nil else {
                    group.cancelAll()
                    throw GitError(.remoteUnavailable, "run \(program)", "it did not end within \(timeout.components.seconds) s")
                }
                group.cancelAll()
                return output
            }
        } catch let error as GitError {
            throw error
        } catch {
            throw GitError(.configuration, "run \(program)", "\(error)", hint: "is \(program) installed and in PATH?")
        }
    }

    private func execute(_ arguments: [String], input: [UInt8]) async throws -> Output {
        var changes: [Environment.Key: String] = [:]
        for (name, value) in environment {
            guard let key = Environment.Key(rawValue: name) else { continue }
            changes[key] = value
        }
        let inherited = Environment.inherit.updating(changes.mapValues { .some($0) })
        let result = try await Subprocess.run(
            .path(try await location.path()), arguments: Arguments(arguments),
            environment: inheritsEnvironment ? inherited : .custom(changes),
            workingDirectory: directory.map { FilePath($0) }, input: .array(input),
            output: .bytes(limit: outputLimit), error: .string(limit: 1 << 20))
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return Output(
            status: status, standardOutput: result.standardOutput, standardError: Redaction.hide(in: result.standardError))
    }
}

/// Where a program is, found in PATH when it is first run.
private actor ProgramLocation {
    private let program: String
    private var found: FilePath?

    init(_ program: String) {
        self.program = program
    }

    func path() async throws -> FilePath {
        if let found { return found }
        let path =
            program.contains("/") ? FilePath(program) : try await Executable.name(program).resolveExecutablePath(in: .inherit)
        found = path
        return path
    }
}
