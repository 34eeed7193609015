import FaultInjection
import Foundation
import GitOpsTypes
import GitStore
public import Kustomize
import ManifestRendering
import PromotionDomain
public import PromotionEngine
import PromotionLedger
public import PromotionProjection

/// What the command line says about where and how to work.
public struct CompositionOptions: Sendable {
    public var directory: String
    public var remote: String?
    public var isOffline: Bool
    /// Whether programs that a policy names are run without having been permitted one by one.
    public var runsGates: Bool
    /// Whether the remote bases that a proposal names are fetched without having been asked for one by one.
    public var fetchesBases = false
    /// Why the state store's file is left alone, and a store in memory used instead; nil where nothing is wrong with it.
    public var storeProblem: String?
    /// Is told which remote is waited for, and nil when that is over.
    public var waiting: @Sendable (String?) -> Void = { _ in }
    /// Is told what a person should know beside the answer.
    public var notice: @Sendable (String) -> Void = { _ in }

    public init(directory: String, remote: String?, isOffline: Bool, runsGates: Bool = false) {
        self.runsGates = runsGates
        self.directory = directory
        self.remote = remote
        self.isOffline = isOffline
    }
}

/// Puts the live object graph together, once per process: the only place that reads the environment.
public enum Composition {
    /// To be called before anything else: takes secrets, and what else other programs should not see, out of the process's own
    /// environment.
    public static func begin() { InheritedEnvironment.seal() }

    /// - Parameter found: the repository in the directory of `options`, where Git has been asked for it already.
    /// - Returns: the engine, and what became of the state store's file.
    public static func engine(
        _ options: CompositionOptions, in found: FoundRepository? = nil
    ) async throws -> (PromotionEngine, StateStore.Opening) {
        let environment = ProcessInfo.processInfo.environment
        async let preparation: Void = GitRepository.prepare()
        let there = if let found { found } else { try await FoundRepository(at: options.directory) }
        let (common, configuration) = (there.commonDirectory, there.configuration)
        await preparation
        let shape = RepositoryShape(configuration: configuration)
        try shape.requireReadable()
        let program = GitProgram(directory: options.directory, patience: try shape.patience(options.waiting))
        // While a push is judged, Git lets no ref be made.
        let quarantine = environment["GIT_QUARANTINE_PATH"].flatMap { $0.isEmpty ? nil : $0 }
        let repository = GitRepository(
            path: common, incoming: quarantine, configurationFolder: try shape.configurationFolder())
        let faults = try Self.faults(environment)
        let named = GitRemote(
            name: try remoteName(options.remote, configuration), transport: program, repository: repository, faults: faults)
        let remote = options.isOffline ? try await named.asLastSeen() : named
        let folder = URL(filePath: common).appending(component: "promote")
        // When the folder cannot be made, opening the store says so and goes on in memory.
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let ledgers = try ledgers(configuration)
        let targetBranch = try await targetBranch(configuration, remote, repository, program, isOffline: options.isOffline)
        let scope =
            "\(remote.name) \(targetBranch) \(ledgers.prefix)"
            + (repository.configurationFolder.map { " \($0)" } ?? "")
        let (store, opening) =
            if let problem = options.storeProblem {
                (try StateStore.inMemory(scope: scope, faults: faults), StateStore.Opening.inMemory(problem))
            } else {
                try StateStore.open(at: storePath(common), scope: scope, faults: faults)
            }
        let transport = LazyTransport(environment: environment)
        let workspace = Workspace(
            repository: repository, remote: remote, store: store, clock: SystemClock(), identifiers: RandomIdentifiers(),
            targetBranch: targetBranch, ledgers: ledgers, isOffline: options.isOffline,
            historyProblem: historyProblem(common, remote, configuration),
            writingProblem: try await shape.writingProblem(remote, program),
            examinesReceivedObjects: configuration.examinesReceivedObjects,
            faults: faults,
            gates: GateRunner(transport: transport),
            trust: RecordedTrust(
                path: folder.appending(component: "trusted").path,
                permitsAll: try RecordedTrust.permitsAll(options.runsGates, variable: environment["PROMOTE_RUN_GATES"])),
            timeZones: SystemTimeZones(environment: environment),
            forges: ForgeDirectory(
                remoteAddress: configuration["remote.\(remote.name).url"], environment: environment,
                tokens: InheritedEnvironment.tokens, transport: transport, program: program, store: store),
            registries: RegistryDirectory(environment: environment, transport: transport, store: store),
            programs: RenderingRunner(),
            repositories: options.isOffline || quarantine != nil
                ? nil : BaseFetcher(into: common, configuration, try shape.patience(options.waiting)),
            fetchesProposedBases: try BaseFetcher.fetchesAll(options.fetchesBases, variable: environment["PROMOTE_FETCH_BASES"]),
            isCheckedOut: { try await there.isCheckedOut($0) },
            notice: options.notice)
        let identity = Identity(
            user: try user(configuration, environment),
            signer: CommitSigner(
                configuration, homeDirectory: environment["HOME"],
                directory: URL(filePath: options.directory).standardizedFileURL.path),
            signing: SigningSetup(configuration))
        faults.reach(.composed)
        return (PromotionEngine(workspace, identity), opening)
    }

    /// What renders the charts of kustomizations in a folder.
    public static func charts() -> any ChartInflating { KustomizeCharts(programs: RenderingRunner()) }

    #if FAULT_POINTS
    /// Where tests want the process killed: `PROMOTE_FAULT` names one of the points.
    private static func faults(_ environment: [String: String]) throws -> FaultHook {
        guard let name = environment["PROMOTE_FAULT"], !name.isEmpty else { return .none }
        guard let point = FaultPoint(named: name) else {
            throw EngineError.usage("PROMOTE_FAULT “\(name.displayable)” is no fault point", hint: "unset it: it is for tests")
        }
        return FaultHook(armed: point)
    }
    #else
    private static func faults(_ environment: [String: String]) throws -> FaultHook { .none }
    #endif

    /// Deletes the state store of a repository, because its content makes no sense. The next command reads the ledger again.
    public static func discardStore(_ options: CompositionOptions) async throws {
        try StateStore.remove(at: storePath(try await GitProgram(directory: options.directory).commonDirectory()))
    }

    private static func storePath(_ commonDirectory: String) -> String {
        URL(filePath: commonDirectory).appending(path: "promote/state.sqlite").path
    }

    /// Judging a ledger needs the target branch's history: with a part of it, events look as if their policy had never been.
    private static func historyProblem(
        _ commonDirectory: String, _ remote: GitRemote, _ configuration: GitConfiguration
    ) -> Workspace.Problem? {
        if FileManager.default.fileExists(atPath: commonDirectory + "/shallow") {
            return .init(
                what: "this clone is shallow, and without the branch's history no rights can be judged",
                hint: "git fetch --unshallow \(remote.name) (in CI: clone with full history, as with fetch-depth: 0)")
        }
        if configuration["remote.\(remote.name).promisor"] == "true" {
            return .init(
                what: "this clone is partial: it lacks objects that judging needs",
                hint: "use an ordinary clone, without --filter")
        }
        return nil
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

    private static func user(_ configuration: GitConfiguration, _ environment: [String: String]) throws -> Identity.User? {
        let email = configuration["user.email"]
        guard let text = environment["PROMOTE_ACTOR"].flatMap({ $0.isEmpty ? nil : $0 }) ?? email, !text.isEmpty else {
            return nil
        }
        guard let principal = Principal(text) else {
            throw EngineError.configuration(
                "“\(text.displayable)” is not \(Principal.noun)", hint: "set user.email, or PROMOTE_ACTOR")
        }
        // As Git does, characters that would end the field go; a name that is nothing but those is the principal's.
        let name = (configuration["user.name"] ?? "").filter { !"<>\n".contains($0) }
        let address = (email ?? principal.text).filter { !"<>\n".contains($0) }
        return Identity.User(
            principal: principal, name: name.allSatisfy(\.isWhitespace) ? principal.text : name, email: address)
    }

    /// The remote's default branch, unless Git's configuration `promote.branch` names another.
    private static func targetBranch(
        _ configuration: GitConfiguration, _ remote: GitRemote, _ repository: GitRepository, _ program: GitProgram,
        isOffline: Bool
    ) async throws -> BranchName {
        if let text = configuration["promote.branch"] {
            guard let branch = BranchName(text) else {
                throw EngineError.configuration("promote.branch “\(text.displayable)” is not a branch name", hint: nil)
            }
            return remote.isItself ? try await resolved(branch, repository) : branch
        }
        let (ref, prefix) =
            remote.isItself ? ("HEAD", "refs/heads/") : ("refs/remotes/\(remote.name)/HEAD", "refs/remotes/\(remote.name)/")
        let target = try await repository.scratch { try $0.target(ofSymbolicRef: ref) }
        if let name = target?.dropFirst(prefix.count), let branch = BranchName(name) {
            return remote.isItself ? try await resolved(branch, repository) : branch
        }
        if !remote.isItself, !isOffline, let name = try await program.defaultBranch(of: remote.name),
            let branch = BranchName(name)
        {
            return branch
        }
        guard let main = BranchName("main") else { preconditionFailure("main is a branch name") }
        return main
    }

    /// The branch of this repository that is meant by `branch`, which may be another name of it.
    private static func resolved(_ branch: BranchName, _ repository: GitRepository) async throws -> BranchName {
        let ref = try await repository.scratch { try $0.resolvedName(of: branch.ref) }
        guard let resolved = BranchName(ref: ref) else {
            throw EngineError.configuration(
                "\(branch) is a symbolic ref to \(ref.displayable), which is no branch",
                hint: "git config promote.branch <branch>")
        }
        return resolved
    }

    private static func ledgers(_ configuration: GitConfiguration) throws -> LedgerBranches {
        guard let prefix = configuration["promote.ledgerprefix"] else { return LedgerBranches() }
        // The longest name of an application has 63 characters.
        guard prefix.hasSuffix("/"), BranchName(prefix + String(repeating: "x", count: 63)) != nil else {
            throw EngineError.configuration(
                "promote.ledgerPrefix “\(prefix.displayable)” is not the beginning of a branch name", hint: "end it with a slash")
        }
        return LedgerBranches(prefix: prefix)
    }
}
