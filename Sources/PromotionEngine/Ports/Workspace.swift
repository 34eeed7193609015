public import FaultInjection
public import GitOpsTypes
public import GitStore
public import ImageRegistry
public import ManifestRendering
public import PromotionDomain
public import PromotionForge
public import PromotionLedger
public import PromotionProjection

/// The world as the engine acts on it, put together once per process.
public struct Workspace: Sendable {
    public let repository: GitRepository
    public let remote: GitRemote
    public let store: StateStore
    public let clock: any WallClock
    public let identifiers: any IdentifierSource
    /// The branch that holds the configuration, and environments that name no other.
    public let targetBranch: BranchName
    public let ledgers: LedgerBranches
    /// Whether the remote is left alone: answers are what was last seen.
    public let isOffline: Bool
    /// Why the clone lacks the history that judging needs; nil when it is complete.
    public let historyProblem: Problem?
    /// Why nothing can be written from this clone; nil when there is no reason.
    public let writingProblem: Problem?
    /// Whether this repository has Git examine the objects of every push (`receive.fsckObjects`).
    public let examinesReceivedObjects: Bool
    public let faults: FaultHook
    /// Runs the programs that a policy names as gates.
    public let gates: any ExternalGateRunning
    /// Runs the programs that render charts.
    public let programs: any RenderingPrograms
    /// Fetches the remote bases of kustomizations; nil where none is fetched: offline, and in the hook.
    public let repositories: (any RepositoryFetching)?
    /// Whether those that a proposal names are fetched, too, without having been asked for one by one.
    public let fetchesProposedBases: Bool
    /// Which of the programs of gates may be run here.
    public let trust: any ProgramTrust
    /// The rules of time zones, as this machine has them.
    public let timeZones: any TimeZoneDatabase
    /// Where pull requests are.
    public let forges: any ForgeProviding
    /// Where images are.
    public let registries: any RegistryProviding
    /// Whether the work tree has a folder, committed or not.
    public let isCheckedOut: @Sendable (RepositoryPath) async throws -> Bool
    /// Is told what a person should know beside the answer.
    public let notice: @Sendable (String) -> Void

    /// What is the matter with the clone, and how it is mended.
    public struct Problem: Sendable {
        public let what: String
        public let hint: String

        public init(what: String, hint: String) {
            self.what = what
            self.hint = hint
        }
    }

    public init(
        repository: GitRepository, remote: GitRemote, store: StateStore, clock: any WallClock,
        identifiers: any IdentifierSource, targetBranch: BranchName, ledgers: LedgerBranches, isOffline: Bool,
        historyProblem: Problem?, writingProblem: Problem? = nil, examinesReceivedObjects: Bool, faults: FaultHook,
        gates: any ExternalGateRunning, trust: any ProgramTrust, timeZones: any TimeZoneDatabase, forges: any ForgeProviding,
        registries: any RegistryProviding, programs: any RenderingPrograms = NoRenderingPrograms(),
        repositories: (any RepositoryFetching)? = nil, fetchesProposedBases: Bool = false,
        isCheckedOut: @escaping @Sendable (RepositoryPath) async throws -> Bool = { _ in false },
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.isCheckedOut = isCheckedOut
        self.notice = notice
        self.programs = programs
        self.repositories = repositories
        self.fetchesProposedBases = fetchesProposedBases
        self.trust = trust
        self.timeZones = timeZones
        self.registries = registries
        self.forges = forges
        self.gates = gates
        self.faults = faults
        self.repository = repository
        self.remote = remote
        self.store = store
        self.clock = clock
        self.identifiers = identifiers
        self.targetBranch = targetBranch
        self.ledgers = ledgers
        self.isOffline = isOffline
        self.historyProblem = historyProblem
        self.examinesReceivedObjects = examinesReceivedObjects
        self.writingProblem = writingProblem
    }
}

/// Runs a gate: an effect of its own, with bounds on time and output.
public protocol ExternalGateRunning: Sendable {
    /// - Parameters:
    ///   - manifests: for its standard input.
    ///   - files: for its working directory, by path.
    ///   - environment: what it is told besides PATH, HOME and the language.
    func run(
        _ gate: ExternalGate, manifests: [UInt8], files: [RepositoryPath: [UInt8]], environment: [String: String]
    ) async -> ExternalVerdict
}

/// Finds the forge that a policy means, with credentials for it.
public protocol ForgeProviding: Sendable {
    /// Nil where pull requests are records in the ledger.
    ///
    /// - Throws: `EngineError` where the policy names a forge that cannot be reached that way.
    func forge(for choice: ForgeChoice) throws -> (any Forge)?
    /// The variable that holds a token for such a forge; nil where there is none.
    func tokenVariable(of kind: ForgeKind) -> String?
}

/// No forge at all: pull requests are records in the ledger.
public struct NoForge: ForgeProviding {
    public init() {}

    public func forge(for choice: ForgeChoice) -> (any Forge)? { nil }
    public func tokenVariable(of kind: ForgeKind) -> String? { nil }
}

/// Reaches registries as a policy says.
public protocol RegistryProviding: Sendable {
    func registry(_ settings: [String: RegistrySettings]) -> any ImageRegistry
}

/// What time it is. Injected, so that nothing in the engine depends on when it runs.
public protocol WallClock: Sendable {
    func now() -> Timestamp
    /// Waits before another try.
    func pause(milliseconds: Int) async throws
}

/// Ids and chance. Injected, so that a run can be repeated exactly.
public protocol IdentifierSource: Sendable {
    /// A ULID for an event at `time`.
    func eventID(at time: Timestamp) -> String
    /// A number from 0 to `bound`, for the time between tries.
    func jitter(upTo bound: Int) -> Int
}
