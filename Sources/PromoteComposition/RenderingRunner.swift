import Foundation
import GitOpsTypes
import GitStore
import Glibc
import ManifestRendering

/// Runs programs that render: each in a folder of its own that goes afterwards, with no shell, no inherited secrets, a home of its
/// own, and bounds on time and output.
///
/// They are waited for where they are asked for, on a thread that is none of Swift's own pool: the engine renders on Git's queue.
struct RenderingRunner: RenderingPrograms {
    /// Seconds that one may take.
    private static let timeout: Int64 = 120
    /// Bytes that one may print.
    private static let outputLimit = 64 << 20

    func identity(of program: String) throws -> String? {
        guard let path = Self.location(of: program), let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        var status = stat()
        guard stat(real, &status) == 0 else { return nil }
        return "\(String(cString: real)) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }

    private static func location(of program: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        // What is relative would lead into the repository.
        return path.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(program)" }.first { candidate in
            var status = stat()
            return stat(candidate, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(candidate, X_OK) == 0
        }
    }

    func run(_ runs: [ProgramRun]) throws -> [ProgramOutput] { try Waiting.wait { try await Self.outputs(of: runs) } }

    private static func outputs(of runs: [ProgramRun]) async throws -> [ProgramOutput] {
        try await withThrowingTaskGroup(of: (Int, ProgramOutput).self) { group in
            for (index, run) in runs.enumerated() {
                group.addTask { (index, try await output(of: run)) }
            }
            var outputs: [Int: ProgramOutput] = [:]
            for try await (index, output) in group { outputs[index] = output }
            return runs.indices.compactMap { outputs[$0] }
        }
    }

    private static func output(of run: ProgramRun) async throws -> ProgramOutput {
        if run.delay > 0 { try await Task.sleep(for: .milliseconds(run.delay)) }
        let folder = FileManager.default.temporaryDirectory.appending(component: "promote-render-\(UUID().uuidString)")
        // What cannot be taken away stays in the folder for temporary files.
        defer { try? FileManager.default.removeItem(at: folder) }
        let work = folder.appending(component: "files")
        let home = folder.appending(component: "home")
        do {
            for directory in [work, home] {
                try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            }
            try write(run, into: work)
        } catch {
            throw RendererUnavailable(
                "the files for \(run.program) cannot be written: \(error.localizedDescription)",
                hint: "make room in \(FileManager.default.temporaryDirectory.path), or set TMPDIR")
        }
        // A file that it is given, or a program of this machine.
        let own = RepositoryPath(run.program).flatMap { run.executables.contains($0) ? "\(work.path)/\($0)" : nil }
        guard let location = own ?? location(of: run.program) else {
            throw RendererUnavailable("there is no \(run.program) in PATH", hint: "install it, and repeat the command")
        }
        var process = ToolProcess(program: location, directory: work.path)
        process.timeout = .seconds(timeout)
        process.environment = run.environment.merging(["HOME": home.path, "TMPDIR": home.path]) { $1 }
        process.environment["PATH"] = ProcessInfo.processInfo.environment["PATH"]
        process.inheritsEnvironment = false
        process.outputLimit = outputLimit
        process.hasOwnSession = true
        do {
            let output = try await process.run(run.arguments)
            return ProgramOutput(
                status: output.status, standardOutput: output.standardOutput,
                standardError: output.standardError.replacing(work.path + "/", with: ""))
        } catch let error as GitError where error.code == .failed {
            // That is due to what it was given, and not to this machine.
            return ProgramOutput(status: 1, standardOutput: [], standardError: "Error: \(error.detail)")
        } catch let error as GitError {
            throw RendererUnavailable("\(run.program): \(error.detail)", hint: error.hint ?? "see whether it runs by hand")
        }
    }

    private static func write(_ run: ProgramRun, into folder: URL) throws {
        var made: Set<RepositoryPath> = []
        for (path, bytes) in run.files {
            let file = folder.appending(path: path.description)
            if made.insert(path.parent).inserted {
                try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            }
            try Data(bytes).write(to: file)
            if run.executables.contains(path) {
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
            }
        }
    }
}
