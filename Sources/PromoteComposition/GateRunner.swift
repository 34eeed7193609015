import Foundation
import GitOpsTypes
import GitStore
import HTTPExchange
import PromotionDomain
import PromotionEngine

/// Asks gates: programs in an empty folder, with no shell, no inherited secrets, and bounds on time and output; and services.
struct GateRunner: ExternalGateRunning {
    /// Of what it prints, so much is kept for people.
    private static let maximumLines = 6
    private static let maximumTranscriptLines = 200
    private static let maximumCharacters = 800

    /// For gates that are services.
    let transport: any HTTPTransport

    func run(
        _ gate: ExternalGate, manifests: [UInt8], files: [RepositoryPath: [UInt8]], environment: [String: String]
    ) async -> ExternalVerdict {
        switch gate.judge {
        case .program(let command, _):
            await run(command, timeout: gate.timeout, manifests: manifests, files: files, environment: environment)
        case .service(let address):
            await GateService(transport: transport).ask(
                address, timeout: gate.timeout, manifests: manifests, circumstances: environment)
        case .status: ExternalVerdict(.unknown("only the forge knows it"), output: "")
        }
    }

    private func run(
        _ command: [String], timeout: Int64, manifests: [UInt8], files: [RepositoryPath: [UInt8]],
        environment: [String: String]
    ) async -> ExternalVerdict {
        let folder = FileManager.default.temporaryDirectory.appending(component: "promote-gate-\(UUID().uuidString)")
        // What cannot be taken away stays in the folder for temporary files.
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for (path, bytes) in files {
                let file = folder.appending(path: path.description)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(bytes).write(to: file)
            }
        } catch {
            return ExternalVerdict(.unknown("its folder cannot be made: \(error.localizedDescription)"), output: "")
        }
        let inherited = ProcessInfo.processInfo.environment.filter { Self.isHarmless($0.key) }
        var process = ToolProcess(program: command[0], directory: folder.path)
        process.timeout = .seconds(timeout)
        process.environment = inherited.merging(environment) { $1 }
        process.inheritsEnvironment = false
        process.outputLimit = 1 << 20
        process.hasOwnSession = true
        do {
            let output = try await process.run(Array(command.dropFirst()), input: manifests)
            let text = String(decoding: output.standardOutput, as: UTF8.self) + "\n" + output.standardError
            return ExternalVerdict(
                output.isSuccess ? .passed : .failed("exit status \(output.status)"), output: Self.brief(text),
                transcript: Self.transcript(text))
        } catch let error as GitError {
            return ExternalVerdict(.unknown(error.detail), output: "")
        } catch {
            return ExternalVerdict(.unknown("\(error)"), output: "")
        }
    }

    /// A gate gets what any program needs, and none of what may have been exported for us: tokens above all.
    private static func isHarmless(_ name: String) -> Bool {
        ["PATH", "HOME", "LANG", "TMPDIR", "TZ", "USER"].contains(name) || name.hasPrefix("LC_")
    }

    /// Line by line, in so many bytes at most that a report stays readable.
    static func transcript(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline)
        let kept = lines.prefix(maximumTranscriptLines).map { String(String($0).displayable.prefix(maximumCharacters)) }
        let more = lines.count > kept.count ? ["… \(lines.count - kept.count) lines more"] : []
        return (kept + more).map { $0 + "\n" }.joined()
    }

    static func brief(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).filter { $0.contains { !$0.isWhitespace } }
        let kept = lines.prefix(maximumLines).map { String($0).displayable }.joined(separator: " · ")
        let more = lines.count > maximumLines ? " · … \(lines.count - maximumLines) lines more" : ""
        return String(kept.prefix(maximumCharacters)) + more
    }
}
