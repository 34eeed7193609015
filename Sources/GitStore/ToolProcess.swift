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
    /// Generous: what is local may take minutes in a large repository.
    package var timeout: Duration = .seconds(300)
    /// How long it and what Git starts for it may read and write nothing; nil where that says nothing about it.
    package var silence: Duration?
    /// How many bytes it and what Git starts for it may read and write, seen while `silence` is watched over; nil for any number.
    package var trafficLimit: Int?
    /// Whether it runs in a session of its own, with no terminal, and all that it starts ends with it.
    package var hasOwnSession = false

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

    /// It was ended because it did nothing for longer than `silence`.
    package struct FellSilent: Error {}

    /// - Throws: `GitError` when the program is missing, takes too long or prints without end; `FellSilent`. A non-zero exit is
    ///   a result.
    package func run(_ arguments: [String], input: [UInt8] = []) async throws -> Output {
        do {
            return try await supervised(arguments, input, ChildProcess(hasOwnSession ? .session : .family))
        } catch let error as GitError {
            throw error
        } catch let error as FellSilent {
            throw error
        } catch let error as SubprocessError where error.code == .outputLimitExceeded {
            throw GitError(.failed, "run \(program)", "it prints without end, or more than \(outputLimit >> 20) MiB")
        } catch {
            throw GitError(.configuration, "run \(program)", "\(error)", hint: "is \(program) installed and in PATH?")
        }
    }

    private func supervised(_ arguments: [String], _ input: [UInt8], _ child: ChildProcess) async throws -> Output {
        try await ChildProcesses.waitForEnd()
        defer { child.endRemainder() }
        let output = try await withThrowingTaskGroup(of: Output?.self) { group in
            group.addTask { try await execute(arguments, input: input, child) }
            group.addTask {
                try await watch(child)
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                // The status of a program that was ended says nothing; why it was ended comes next.
                if let result, !child.isEnded { return result }
            }
            throw GitError(.failed, "run \(program)", "it was not waited for")
        }
        try await ChildProcesses.waitForEnd()
        return output
    }

    /// Ends the program when it takes too long.
    private func watch(_ child: ChildProcess) async throws {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: timeout)
        guard let silence else {
            try await clock.sleep(until: end)
            child.end()
            throw outOfTime
        }
        let interval = min(silence / 4, .milliseconds(500))
        var (last, heard) = (ProcessTable.Activity(), clock.now)
        while clock.now < end {
            try await clock.sleep(for: interval)
            guard let id = child.processID else {
                // A busy machine takes its time to start a program, which is no silence of a remote.
                heard = clock.now
                continue
            }
            let now = ProcessTable.activity(ofGitAmong: ProcessTable.family(of: id))
            // Waiting costs a little, too: only what is busy is taken to be at work.
            if now.bytes != last.bytes || now.ticks > last.ticks + Self.idleTicks { heard = clock.now }
            last = now
            if let trafficLimit, now.bytes > trafficLimit {
                child.end()
                throw GitError(.failed, "run \(program)", "it reads and writes more than \(trafficLimit >> 20) MiB")
            }
            guard clock.now < heard.advanced(by: silence) else {
                child.end()
                throw FellSilent()
            }
        }
        child.end()
        throw outOfTime
    }

    /// What a program that waits may use of a processor between two looks.
    private static let idleTicks: UInt64 = 4

    private var outOfTime: GitError {
        GitError(.remoteUnavailable, "run \(program)", "it did not end within \(timeout.components.seconds) s")
    }

    private func execute(_ arguments: [String], input: [UInt8], _ child: ChildProcess) async throws -> Output {
        var own = environment
        var options = PlatformOptions()
        if hasOwnSession {
            own[ChildProcess.markName] = child.mark
            options.createSession = true
        }
        var changes: [Environment.Key: String] = [:]
        for (name, value) in own {
            guard let key = Environment.Key(rawValue: name) else { continue }
            changes[key] = value
        }
        let inherited = Environment.inherit.updating(changes.mapValues { .some($0) })
        let result = try await Subprocess.run(
            .path(try await location.path()), arguments: Arguments(arguments),
            environment: inheritsEnvironment ? inherited : .custom(changes),
            workingDirectory: directory.map { FilePath($0) }, platformOptions: options, input: ToolInput(bytes: input),
            output: .bytes(limit: outputLimit), error: .string(limit: 1 << 20)
        ) { execution in
            child.started(as: execution.processIdentifier.value)
        }
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
