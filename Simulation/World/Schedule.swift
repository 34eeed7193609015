import Foundation
import GitOpsTypes
import GitStore
import PromoteTestSupport
import PromotionDomain

/// One run of several participants over a network and on machines that fail, decided by a seed alone.
///
/// First everybody does what they like while things go wrong; then nothing goes wrong any more, everybody looks again, and what
/// is open is brought to its end. After that the remote is inspected by its commits and trees.
public struct Schedule: Sendable {
    public let seed: UInt64
    /// So many machines do nothing but `reconcile`, besides those that people work at.
    public let reconcilers: Int
    /// Whether somebody without a role pushes whatever she likes.
    public let hasAdversary: Bool

    /// - Parameters:
    ///   - reconcilers: nil for as many as the seed says: two to four in one schedule of four, else none.
    ///   - hasAdversary: nil for what the seed says: in three schedules of five.
    public init(seed: UInt64, reconcilers: Int? = nil, hasAdversary: Bool? = nil) {
        self.seed = seed
        self.hasAdversary = hasAdversary ?? (seed % 5 < 3)
        self.reconcilers = reconcilers ?? (seed % 4 == 3 ? 2 + Int(seed / 4 % 3) : 0)
    }

    public struct Result: Sendable {
        public let seed: UInt64
        /// What must not be; empty when everything holds.
        public let problems: [String]
        public var commands = 0
        public var deaths = 0
        public var lostRaces = 0
        public var events = 0
        /// Pushes of the adversary that got through.
        public var attacks = 0
        public var merges = 0
        public var steps = 0
        /// What happened, where it was asked for.
        public var trace: [String] = []
    }

    /// - Parameters:
    ///   - isTraced: whether to keep what happens, step by step.
    ///   - thread: what runs it; one schedule after another may.
    public func run(
        from template: WorldTemplate, isTraced: Bool = false, defect: RemoteDefect? = nil, on thread: OneThread
    ) async throws -> Result {
        try await withTaskExecutorPreference(thread) {
            try await play(template, isTraced: isTraced, defect: defect, thread)
        }
    }

    private func play(
        _ template: WorldTemplate, isTraced: Bool, defect: RemoteDefect?, _ thread: OneThread
    ) async throws -> Result {
        let scratch = try template.makeFolder("schedule-\(seed)")
        defer {
            // Best effort: the whole folder goes with the template.
            try? FileManager.default.removeItem(at: scratch)
        }
        let size = 2 + Int(seed % 2) + reconcilers
        let world = World(
            seed: seed, refs: template.refs, promotions: ["web": 1], participants: size + (hasAdversary ? 1 : 0),
            isTraced: isTraced, defect: defect, on: thread)
        let adversary = hasAdversary ? try Adversary(size, in: world, scratch: scratch) : nil
        // Two of them may be the same person at two machines.
        let people = ["ci", "alice", world.chance(30) ? "alice" : "bob"].suffix(2 + Int(seed % 2))
        let machines = Array(repeating: WorldTemplate.reconciler, count: reconcilers)
        let participants = try (machines + people).enumerated().map { index, person in
            // Most clocks are right enough, some are not.
            let error = world.chance(80) ? world.random(below: 60) - 30 : world.random(below: 1200) - 600
            return try Participant(index, person, in: world, scratch: scratch, clone: template.clone, clockError: error)
        }
        var tallies: [Tally] = []
        await withTaskGroup(of: Tally.self) { group in
            for participant in participants {
                group.addTask {
                    await world.turns.wait(participant.index)
                    let tally = await Self.carryOn(participant, in: world)
                    world.turns.end()
                    return tally
                }
            }
            if let adversary {
                group.addTask {
                    await adversary.carryOn()
                    world.turns.end()
                    return Tally()
                }
            }
            await world.turns.drive { world.pick($0) }
            for await tally in group { tallies.append(tally) }
        }
        world.calmDown()
        // Who has seen nothing of all that.
        let reader = try Participant(size + 1, "carol", in: world, scratch: scratch, clone: nil, clockError: 0)
        let policy = template.policy
        let settled = await world.alone { () async in await Self.settle(participants, reader, policy, in: world) }
        tallies.append(settled)
        let inspection = try await inspection(world, settled.rejected, scratch)
        var problems = world.problems + inspection.problems
        for expectation in Set(tallies.flatMap(\.promised)).subtracting(inspection.found) {
            problems.append("a command said it was done, and the ledger has no \(expectation)")
        }
        problems += tallies.flatMap(\.problems)
        if !inspection.open.isEmpty { problems.append("\(inspection.open.sorted()) never came to an end") }
        var result = Result(seed: seed, problems: problems)
        result.commands = tallies.map(\.commands).reduce(0, +)
        result.deaths = tallies.map(\.deaths).reduce(0, +)
        result.lostRaces = tallies.map(\.lostRaces).reduce(0, +)
        result.events = inspection.events
        result.attacks = world.intrusions.count
        result.merges = inspection.found.filter { $0.type == .promotionMerged }.count
        result.steps = world.steps
        result.trace = world.trace
        return result
    }

    private struct Tally: Sendable {
        var promised: [Expectation] = []
        var problems: [String] = []
        var commands = 0
        var deaths = 0
        var lostRaces = 0
        /// Events that a reader refuses.
        var rejected: [BranchName: Set<CommitID>] = [:]

        mutating func add(_ outcome: CommandOutcome, of command: SimulatedCommand, isCalm: Bool) {
            commands += 1
            switch outcome {
            case .done(let expectations): promised += expectations
            case .died: deaths += 1
            case .raced(let message):
                lostRaces += 1
                if isCalm { problems.append("\(command), with nobody else about: \(message)") }
            case .unreachable: if isCalm { problems.append("\(command): the remote cannot be reached") }
            case .refused(.ledgerIntact, let message):
                // While a clock is far ahead, the others wait for its events' time.
                if isCalm || !message.contains("is dated") { problems.append("\(command): \(message)") }
            case .refused(_, let message) where message.contains("every reader would refuse this"):
                problems.append("\(command) wrote what no reader accepts: \(message)")
            case .refused(.builtOnce, let message) where message.contains("is registered already"):
                problems.append("\(command), done again, is no longer done: \(message)")
            case .refused(_, let message) where isCalm && command == .sync:
                problems.append("\(command), with nobody else about: \(message)")
            case .refused, .misused: break
            case .broken(let message): problems.append("\(command): \(message)")
            }
        }
    }

    /// Does what people do: one command after another, the same again when it was cut off.
    private static func carryOn(_ participant: Participant, in world: World) async -> Tally {
        var tally = Tally()
        var again: SimulatedCommand?
        for _ in 0..<(2 + world.random(below: 3)) {
            let command =
                participant.person == WorldTemplate.reconciler ? .reconcile : again ?? .any(by: participant.person, in: world)
            let outcome = await participant.run(command, pointsToLive: world.chance(12) ? world.random(below: 40) : nil)
            tally.add(outcome, of: command, isCalm: false)
            again = nil
            switch outcome {
            case .died, .unreachable: if world.chance(70) { again = command }
            default: break
            }
            if world.chance(3) { participant.loseStore() }
        }
        return tally
    }

    /// Brings what is open to its end, with nothing going wrong any more, and has everybody say what they see.
    ///
    /// - Parameter reader: in a new clone.
    private static func settle(
        _ participants: [Participant], _ reader: Participant, _ policy: Policy?, in world: World
    ) async -> Tally {
        var tally = Tally()
        func run(_ participant: Participant, _ command: SimulatedCommand) async -> CommandOutcome {
            let outcome = await participant.run(command, pointsToLive: nil)
            tally.add(outcome, of: command, isCalm: true)
            return outcome
        }
        // The last one may approve, merge and close whatever is open, unless they asked for it themselves.
        let last = participants[participants.count - 1]
        _ = await run(last, .sync)
        for (application, number) in await participants[0].openPromotions() {
            _ = await run(last, .approve(application, number))
            if case .done = await run(last, .merge(application, number)) { continue }
            _ = await run(last, .close(application, number))
        }
        _ = await run(last, .sync)
        if world.chance(50) {
            for application in WorldTemplate.applications {
                for environment in ["dev", "prod"] { _ = await run(last, .accept(application, environment)) }
            }
        }
        await compare(participants + [reader], policy, &tally)
        let audit = await reader.audit()
        tally.problems += audit.problems
        tally.rejected = audit.rejected
        return tally
    }

    /// That all see the same, under the policy that nobody with a role has changed.
    private static func compare(_ readers: [Participant], _ policy: Policy?, _ tally: inout Tally) async {
        var views: [String] = []
        for reader in readers {
            views.append(await reader.view())
            do {
                if try await reader.policy() != policy { tally.problems.append("\(reader.person) goes by another policy") }
            } catch {
                tally.problems.append("\(reader.person) has no policy: \(error)")
            }
        }
        if Set(views).count > 1 { tally.problems.append("they do not see the same: \(views.joined(separator: " | "))") }
    }

    private func inspection(
        _ world: World, _ rejected: [BranchName: Set<CommitID>], _ scratch: URL
    ) async throws -> LedgerInspection.Findings {
        let folder = scratch.appending(component: "clone-0").path
        let (refs, intrusions) = (world.refs, world.intrusions)
        return try await GitRepository(path: folder, executor: world.thread).scratch {
            try LedgerInspection($0, refs: refs, intrusions, rejected: rejected).findings
        }
    }
}
