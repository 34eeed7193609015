public import GitOpsTypes
import GitStore
import ManifestRendering
import PromotionConfiguration
public import PromotionDomain

/// A program of the policy by its content: the version of the file that names it and its arguments, and that of everything it is
/// given from the target branch.
public struct ProgramVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Ids of Git objects, with blanks between them.
    public let description: String

    init(_ definition: BlobID, files: [String]) {
        description = ([definition.hex] + files).joined(separator: " ")
    }

    /// Nil where the policy is of no version.
    ///
    /// - Parameter files: what stands at each of the program's own files.
    init?(of renderer: ProgramPlace, files: [String]) {
        guard let definition = renderer.definition else { return nil }
        self.init(definition.version, files: files)
    }

    public static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

/// Which programs of policies may be run on this machine: those that were looked at and permitted here.
public protocol ProgramTrust: Sendable {
    func permits(_ version: ProgramVersion) -> Bool

    /// Permits `versions` from now on, besides what is permitted already.
    ///
    /// - Throws: `EngineError` where that cannot be kept.
    func permit(_ versions: Set<ProgramVersion>) throws
}

/// This machine lacks what judging something that has happened would take; another one may have it.
struct UnjudgeableHere: Error, CustomStringConvertible {
    let reason: String

    var description: String { reason }
}

/// A program that the policy names, and whether it may be run here.
public struct PolicyProgram: Sendable {
    public let environment: EnvironmentName
    public let purpose: Purpose
    /// Where the policy names it; nil where that is of no version.
    public let definition: ExternalGate.Definition?
    public let command: [String]
    /// What it is given from the target branch, with the ids of Git's objects; nil where something is missing there.
    public let files: [(path: RepositoryPath, id: String)]?
    public let isTrusted: Bool
    /// Nil where it cannot be run anyway.
    let version: ProgramVersion?

    /// `gate/policy of prod`
    public var label: String {
        switch purpose {
        case .gate(let name): "gate/\(name) of \(environment)"
        case .renderer(let application): "renderer of \(application) in \(environment)"
        }
    }

    public enum Purpose: Hashable, Sendable {
        /// A gate, by its name.
        case gate(String)
        /// It renders an application.
        case renderer(ApplicationName)
    }
}

/// The programs of the policy that is in force.
public struct ProgramReport: Sendable {
    public let commit: CommitID
    public let branch: BranchName
    public let programs: [PolicyProgram]
}

/// Shows the programs that a policy names, and permits them on this machine.
struct TrustPrograms: Sendable {
    let session: Session

    /// The programs that the policy names, in the order of its environments.
    func programs() async throws -> ProgramReport { try await programs(try await session.refresh()) }

    /// Permits this clone to run them, in exactly these versions.
    ///
    /// - Parameter commit: what the target branch has to be at, so that nothing else is permitted than was looked at; nil for
    ///   wherever it is.
    /// - Returns: the programs as they were before.
    /// - Throws: `EngineError.raced` when the branch is elsewhere.
    func trustPrograms(at commit: String?) async throws -> ProgramReport {
        let snapshot = try await session.refresh()
        if let commit, !snapshot.tip.hex.hasPrefix(commit.lowercased()) || commit.utf8.count < 7 {
            throw EngineError.raced(
                "\(session.workspace.targetBranch) is at \(snapshot.tip.short), and not at \(commit.displayable): nothing is permitted",
                hint: "look at it again: promote trust --dry-run")
        }
        let report = try await programs(snapshot)
        try session.workspace.trust.permit(Set(report.programs.compactMap(\.version)))
        return report
    }

    func programs(_ snapshot: Snapshot) async throws -> ProgramReport {
        var programs: [PolicyProgram] = []
        for environment in snapshot.policy.environments {
            for gate in environment.gates {
                guard case .program(let command, let paths) = gate.judge else { continue }
                let ids = try await ids(of: paths, at: snapshot.tip)
                let version = try await version(of: gate, at: snapshot.tip)
                let isPermitted =
                    if let version { try await isPermitted(version, of: gate, adoption: snapshot.adoption) } else { false }
                programs.append(
                    PolicyProgram(
                        environment: environment.name, purpose: .gate(gate.name), definition: gate.definition, command: command,
                        files: ids.map { ids in zip(paths, ids).map { (path: $0, id: $1) } },
                        isTrusted: isPermitted, version: version))
            }
        }
        programs += try await renderers(snapshot)
        return ProgramReport(commit: snapshot.tip, branch: session.workspace.targetBranch, programs: programs)
    }

    /// The programs that render applications, in the order of those and of environments. Of their files, those that are part of the
    /// program count: what they are given besides is as manifests are.
    private func renderers(_ snapshot: Snapshot) async throws -> [PolicyProgram] {
        var programs: [PolicyProgram] = []
        for application in snapshot.policy.applications {
            for environment in snapshot.policy.environments(of: application) {
                guard case .program(let place) = application.place(in: environment.name) else { continue }
                let tip = try await session.tip(of: environment)
                let ids = try await session.workspace.repository.scratch { objects in
                    let files = GitTreeFiles(objects: objects, tree: try objects.tree(of: tip))
                    return try SourceRenderers.versions(of: place, in: files)
                }
                let version = ProgramVersion(of: place, files: ids)
                programs.append(
                    PolicyProgram(
                        environment: environment.name, purpose: .renderer(application.name), definition: place.definition,
                        command: place.command, files: zip(place.programFiles, ids).map { (path: $0, id: $1) },
                        isTrusted: version.map(session.workspace.trust.permits) ?? false, version: version))
            }
        }
        return programs
    }

    /// Whether a program may run here: in a version that was permitted, or in the one that the configuration was adopted with.
    ///
    /// To work with a repository is to take it as it was founded, like its Makefile; what came by later pushes is another matter.
    func isPermitted(_ version: ProgramVersion, of gate: ExternalGate, adoption: CommitID?) async throws -> Bool {
        if session.workspace.trust.permits(version) { return true }
        guard let adoption, let definition = gate.definition else { return false }
        let isFounding = try await session.workspace.repository.scratch { objects in
            try objects.entry(at: definition.path, in: objects.tree(of: adoption)) == .blob(definition.version)
        }
        return isFounding ? try await self.version(of: gate, at: adoption) == version : false
    }

    /// Nil where the policy is of no version, or lacks what the program is to be given.
    func version(of gate: ExternalGate, at tip: CommitID) async throws -> ProgramVersion? {
        guard case .program(_, let paths) = gate.judge, let definition = gate.definition,
            let ids = try await ids(of: paths, at: tip)
        else { return nil }
        return ProgramVersion(definition.version, files: ids)
    }

    /// What Git calls the content of `paths` at a commit; nil when one is missing.
    private func ids(of paths: [RepositoryPath], at tip: CommitID) async throws -> [String]? {
        try await session.workspace.repository.scratch { objects in
            let tree = try objects.tree(of: tip)
            var ids: [String] = []
            for path in paths {
                switch try objects.entry(at: path, in: tree) {
                case .blob(let id)?: ids.append(id.hex)
                case .tree(let id)?: ids.append(id.hex)
                // Nothing of these is given to it.
                case .link?, .submodule?: ids.append("-")
                case nil: return nil
                }
            }
            return ids
        }
    }
}
