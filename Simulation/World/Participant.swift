import FaultInjection
import Foundation
import GitOpsTypes
import GitStore
import ImageRegistry
import PromotionDomain
import PromotionEngine
import PromotionLedger
import PromotionProjection
import Synchronization

/// Somebody with a clone, running one command after another; their process may die, and starts anew then.
final class Participant: Sendable {
    private struct State {
        var folder: URL
        var engine: PromotionEngine?
        var life: Life?
        var lives = 0
    }

    let index: Int
    let person: String
    let world: World
    private let scratch: URL
    private let signer: SimulatedSigner
    /// Seconds by which their clock is ahead.
    private let clockError: Int64
    private let state: Mutex<State>

    /// - Parameter clone: what their clone is a copy of; nil for an empty one.
    init(_ index: Int, _ person: String, in world: World, scratch: URL, clone: URL?, clockError: Int) throws {
        self.index = index
        self.person = person
        self.world = world
        self.scratch = scratch
        self.clockError = Int64(clockError)
        signer = try WorldTemplate.signer(person)
        let folder = scratch.appending(component: "clone-\(index)")
        try Self.makeClone(folder, of: clone, objects: scratch.appending(component: "objects"))
        state = Mutex(State(folder: folder))
    }

    var principal: String { WorldTemplate.principal(person) }

    /// A clone with the refs and the state store of another, as they are at this moment.
    static func makeClone(_ folder: URL, of other: URL?, objects: URL) throws {
        let files = FileManager.default
        try files.createDirectory(at: folder.appending(component: "promote"), withIntermediateDirectories: true)
        // All clones share the objects: what makes them differ is the refs.
        try files.createSymbolicLink(at: folder.appending(component: "objects"), withDestinationURL: objects)
        try Data("ref: refs/heads/main\n".utf8).write(to: folder.appending(component: "HEAD"))
        try Data("[core]\n\trepositoryformatversion = 0\n\tbare = true\n".utf8).write(to: folder.appending(component: "config"))
        guard let other else {
            return try files.createDirectory(at: folder.appending(path: "refs/heads"), withIntermediateDirectories: true)
        }
        try files.copyItem(at: other.appending(component: "refs"), to: folder.appending(component: "refs"))
        // The log beside the database is what SQLite recovers from; the index of the log it makes anew.
        for name in ["promote/state.sqlite", "promote/state.sqlite-wal"] {
            let file = other.appending(path: name)
            if files.fileExists(atPath: file.path) { try files.copyItem(at: file, to: folder.appending(path: name)) }
        }
    }

    // MARK: Running

    /// Runs a command to its end, or to the process's.
    ///
    /// - Parameter pointsToLive: the process dies at the point after so many; nil lets it live.
    func run(_ command: SimulatedCommand, pointsToLive: Int?) async -> CommandOutcome {
        world.note("\(index) \(person): \(command)\(pointsToLive.map { ", to die after \($0) points" } ?? "")")
        let outcome: CommandOutcome
        do {
            let engine = try self.engine(pointsToLive: pointsToLive)
            outcome = await Self.outcome { () async throws in try await command.run(engine) }
        } catch {
            outcome = .broken("the clone cannot be opened: \(error)")
        }
        if state.withLock({ $0.life?.hasEnded == true }) {
            // The next command works in what was left behind.
            state.withLock { state in
                state.engine = nil
                state.life = nil
            }
            world.note("\(index) died")
            return .died
        }
        // A process that was to die and had ended before is over all the same.
        if pointsToLive != nil { state.withLock { $0.engine = nil } }
        world.note("\(index) \(outcome)")
        return outcome
    }

    /// Ends the process, which has nothing more to do.
    func endProcess() {
        state.withLock { $0.engine = nil }
    }

    /// Loses the state store, which anybody may delete at any time.
    func loseStore() {
        let file = state.withLock { state in
            state.engine = nil
            state.life = nil
            return state.folder.appending(path: "promote/state.sqlite")
        }
        do {
            try StateStore.remove(at: file.path)
        } catch {
            world.complain("the state store cannot be deleted: \(error)")
        }
    }

    func engine(pointsToLive: Int?) throws -> PromotionEngine {
        // A process that lives on keeps what it knows; one that is to die begins its life here.
        if pointsToLive == nil, let engine = state.withLock(\.engine) { return engine }
        let folder = state.withLock { state in
            state.engine = nil
            state.lives += 1
            return state.folder
        }
        let life = Life(pointsLeft: pointsToLive) { [weak self] in self?.preserve() }
        let hook = FaultHook { life.pass($0) }
        let repository = GitRepository(path: folder.path, executor: world.thread)
        let transport = SimulatedTransport(world: world, participant: index, life: life, repository: repository)
        let (store, _) = try StateStore.open(
            at: folder.appending(path: "promote/state.sqlite").path, scope: "simulation", faults: hook)
        guard let principal = Principal(principal) else { preconditionFailure("participants have names of principals") }
        let workspace = Workspace(
            repository: repository, remote: GitRemote(name: "origin", transport: transport, repository: repository, faults: hook),
            store: store, clock: SimulatedClock(world: world, participant: index, error: clockError),
            identifiers: SimulatedIdentifiers(world: world), targetBranch: World.main, ledgers: LedgerBranches(),
            isOffline: false, historyProblem: nil, examinesReceivedObjects: true, faults: hook, gates: NoGates(),
            trust: NoTrust(), timeZones: NoTimeZones(), forges: NoForge(), registries: NoRegistries())
        let user = Identity.User(principal: principal, name: person, email: principal.text)
        let engine = PromotionEngine(workspace, Identity(user: user, signer: signer))
        state.withLock { state in
            state.engine = engine
            state.life = life
        }
        return engine
    }

    /// Copies the clone as a process that dies now leaves it.
    private func preserve() {
        let (old, new) = state.withLock { state in
            let old = state.folder
            state.folder = scratch.appending(component: "clone-\(index)-\(state.lives)")
            return (old, state.folder)
        }
        do {
            try Self.makeClone(new, of: old, objects: scratch.appending(component: "objects"))
        } catch {
            world.complain("the clone cannot be copied: \(error)")
        }
    }

    private static func outcome(of body: () async throws -> CommandOutcome) async -> CommandOutcome {
        do {
            return try await body()
        } catch let refusal as Refusal {
            return .refused(refusal.rule, refusal.message)
        } catch let error as EngineError {
            switch error {
            case .usage(let message, _): return .misused(message)
            case .raced(let message, _): return .raced(message)
            case .configuration(let message, _): return .broken(message)
            case .remoteRefused(let reasons, _): return .broken("the remote refused: \(reasons)")
            }
        } catch let error as GitError where error.code == .remoteUnavailable {
            return .unreachable
        } catch {
            return .broken("\(error)")
        }
    }
}

/// How a command ended.
enum CommandOutcome: Equatable {
    /// Done, with what must be in the ledger because of it.
    case done([Expectation])
    case refused(Rule, String)
    case raced(String)
    case misused(String)
    case unreachable
    case died
    /// In a way that no command may end.
    case broken(String)
}

/// What a command that said it was done has promised.
struct Expectation: Hashable {
    let application: String
    let type: EventType
    /// The promotion, for events that have one.
    var promotion: Int?
    var release: String?
}

/// The simulated images are for examples, and nobody asks for them.
private struct NoRegistries: RegistryProviding {
    func registry(_ settings: [String: RegistrySettings]) -> any ImageRegistry {
        preconditionFailure("no registry is asked in the simulation")
    }
}

/// The simulated policy names no gates.
private struct NoGates: ExternalGateRunning {
    func run(
        _ gate: ExternalGate, manifests: [UInt8], files: [RepositoryPath: [UInt8]], environment: [String: String]
    ) async -> ExternalVerdict { ExternalVerdict(.unknown("there are none"), output: "") }
}

private struct NoTrust: ProgramTrust {
    func permits(_ version: ProgramVersion) -> Bool { false }
    func permit(_ versions: Set<ProgramVersion>) {}
}

private struct SimulatedClock: WallClock {
    let world: World
    let participant: Int
    let error: Int64

    func now() -> Timestamp { Timestamp(seconds: world.now + (world.isCalm ? 0 : error)) }

    func pause(milliseconds: Int) async throws {
        await world.turns.wait(participant)
    }
}

private struct SimulatedIdentifiers: IdentifierSource {
    let world: World

    func eventID(at time: Timestamp) -> String { world.eventID() }

    func jitter(upTo bound: Int) -> Int { world.random(below: bound + 1) }
}
