import Foundation
import Subprocess
import SystemPackage

/// Runs another program to its end: arguments as a list, never through a shell, with bounds on time and output.
struct ToolProcess: Sendable {
    let program: String
    var directory: String?
    var environment: [String: String] = [:]
    /// Generous: a first fetch of a large repository over a slow line takes minutes; a hung server takes for ever.
    var timeout: Duration = .seconds(300)

    struct Output: Sendable {
        let status: Int32
        let standardOutput: [UInt8]
        let standardError: String

        var isSuccess: Bool { status == 0 }
    }

    /// - Throws: `GitError.failed` when the program is missing, takes too long or prints without end. A non-zero exit is a
    ///   result.
    func run(_ arguments: [String], input: [UInt8] = []) async throws -> Output {
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
            throw GitError(.failed, "run \(program)", "\(error)", hint: "is \(program) installed and in PATH?")
        }
    }

    private func execute(_ arguments: [String], input: [UInt8]) async throws -> Output {
        var changes: [Environment.Key: String?] = [:]
        for (name, value) in environment {
            guard let key = Environment.Key(rawValue: name) else { continue }
            changes[key] = value
        }
        let result = try await Subprocess.run(
            program.contains("/") ? .path(FilePath(program)) : .name(program), arguments: Arguments(arguments),
            environment: .inherit.updating(changes),
            workingDirectory: directory.map { FilePath($0) }, input: .array(input),
            output: .bytes(limit: 256 << 20), error: .string(limit: 1 << 20))
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return Output(
            status: status, standardOutput: result.standardOutput, standardError: result.standardError)
    }
}
