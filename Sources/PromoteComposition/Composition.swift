import Foundation
import GitOpsTypes
import GitStore
public import PromotionEngine
import PromotionLedger
import PromotionModel
public import PromotionProjection

/// What the command line says about where and how to work.
public struct CompositionOptions: Sendable {
    public var directory: String
    public var remote: String?
    public var isOffline: Bool

    public init(directory: String, remote: String?, isOffline: Bool) {
        self.directory = directory
        self.remote = remote
        self.isOffline = isOffline
    }
}

/// Puts the live object graph together, once per process: the only place that reads the environment.
public enum Composition {
    /// - Returns: the engine, and what became of the state store's file.
    public static func engine(_ options: CompositionOptions) async throws -> (PromotionEngine, StateStore.Opening) {
        let environment = ProcessInfo.processInfo.environment
        let program = GitProgram(directory: options.directory)
        let common = try await program.commonDirectory()
        let configuration = try await program.configuration()
        let repository = GitRepository(path: common)
        let remote = GitRemote(
            name: try remoteName(options.remote, configuration), program: program, repository: repository)
        let folder = URL(filePath: common).appending(component: "promote")
        // When the folder cannot be made, opening the store says so and goes on in memory.
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (store, opening) = try StateStore.open(at: folder.appending(component: "state.sqlite").path)
        let workspace = Workspace(
            repository: repository, remote: remote, store: store,
            signer: CommitSigner(configuration, homeDirectory: environment["HOME"], directory: options.directory),
            user: try user(configuration, environment), clock: SystemClock(), identifiers: RandomIdentifiers(),
            targetBranch: try await targetBranch(configuration, remote, repository),
            ledgers: try ledgers(configuration), isOffline: options.isOffline)
        return (PromotionEngine(workspace), opening)
    }

    private static func remoteName(_ wanted: String?, _ configuration: GitConfiguration) throws -> String {
        let remotes = configuration.remotes
        if let wanted {
            if wanted == "." || remotes.contains(wanted) { return wanted }
            throw EngineError.usage(
                "there is no remote “\(wanted.displayable)”",
                hint: remotes.isEmpty ? "git remote add <name> <url>" : "known: \(remotes.joined(separator: ", "))")
        }
        if remotes.contains("origin") { return "origin" }
        switch remotes.count {
        // Without a remote, the repository is itself where the branches live.
        case 0: return "."
        case 1: return remotes[0]
        default:
            throw EngineError.usage(
                "there are several remotes: name one with --remote", hint: "known: \(remotes.joined(separator: ", "))")
        }
    }

    private static func user(_ configuration: GitConfiguration, _ environment: [String: String]) throws -> Workspace.User? {
        let email = configuration["user.email"]
        guard let text = environment["PROMOTE_ACTOR"].flatMap({ $0.isEmpty ? nil : $0 }) ?? email, !text.isEmpty else {
            return nil
        }
        guard let principal = Principal(text) else {
            throw EngineError.configuration(
                "“\(text.displayable)” is not \(Principal.noun)", hint: "set user.email, or PROMOTE_ACTOR")
        }
        return Workspace.User(
            principal: principal, name: configuration["user.name"] ?? principal.text, email: email ?? principal.text)
    }

    /// The remote's default branch, unless Git's configuration `promote.branch` names another.
    private static func targetBranch(
        _ configuration: GitConfiguration, _ remote: GitRemote, _ repository: GitRepository
    ) async throws -> BranchName {
        if let text = configuration["promote.branch"] {
            guard let branch = BranchName(text) else {
                throw EngineError.configuration("promote.branch “\(text.displayable)” is not a branch name", hint: nil)
            }
            return branch
        }
        let (ref, prefix) =
            remote.isItself ? ("HEAD", "refs/heads/") : ("refs/remotes/\(remote.name)/HEAD", "refs/remotes/\(remote.name)/")
        let target = try await repository.scratch { try $0.target(ofSymbolicRef: ref) }
        if let name = target?.dropFirst(prefix.count), let branch = BranchName(name) { return branch }
        guard let main = BranchName("main") else { preconditionFailure("main is a branch name") }
        return main
    }

    private static func ledgers(_ configuration: GitConfiguration) throws -> LedgerBranches {
        guard let prefix = configuration["promote.ledgerprefix"] else { return LedgerBranches() }
        guard prefix.hasSuffix("/"), BranchName(prefix + "x") != nil else {
            throw EngineError.configuration(
                "promote.ledgerPrefix “\(prefix.displayable)” is not the beginning of a branch name", hint: "end it with a slash")
        }
        return LedgerBranches(prefix: prefix)
    }
}
