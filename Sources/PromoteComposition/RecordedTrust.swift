import Foundation
import GitOpsTypes
import PromotionEngine

/// What `promote trust` permitted in this clone: a file beside the state store, one version of a program a line.
struct RecordedTrust: ProgramTrust {
    /// In the repository's common Git directory, where no fetch and no checkout writes.
    let path: String
    /// Whether the caller permits everything that the policy names: a CI system, an operator of a server.
    let permitsAll: Bool

    private static let title = "# Programs of the policy that `promote trust` permits to run here: ids of Git objects."

    func permits(_ version: ProgramVersion) -> Bool { permitsAll || recorded().contains(version.description) }

    func permit(_ versions: Set<ProgramVersion>) throws {
        let known = recorded()
        let new = Set(versions.map(\.description)).subtracting(known)
        guard !new.isEmpty else { return }
        let lines = [Self.title] + known.union(new).sorted()
        do {
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw EngineError.configuration("\(path.displayable) cannot be written: \(error.localizedDescription)", hint: nil)
        }
    }

    /// What cannot be read permits nothing.
    private func recorded() -> Set<String> {
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return Set(text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init))
    }
}

extension RecordedTrust {
    /// - Parameters:
    ///   - wanted: by an option.
    ///   - variable: `PROMOTE_RUN_GATES`, for machines where options are hard to come by.
    /// - Throws: `EngineError.usage` for a value that is neither yes nor no.
    static func permitsAll(_ wanted: Bool, variable: String?) throws -> Bool {
        switch variable ?? "" {
        case "", "0", "false": return wanted
        case "1", "true": return true
        default:
            throw EngineError.usage(
                "PROMOTE_RUN_GATES is neither 1 nor 0", hint: "1 runs the programs that the policy names, whatever they are")
        }
    }
}
