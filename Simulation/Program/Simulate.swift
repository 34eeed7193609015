import ArgumentParser
import Dispatch
import Foundation
import PromotionSimulation
import Synchronization

/// Runs schedules, or one of them again with everything that happens.
@main
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the decisions and steps of promote over a simulated network, on simulated machines that fail.",
        discussion: "A schedule is decided by its seed. `--seed N` runs one again and tells everything that happens.")

    @Option(help: "How many schedules to run.")
    var schedules = 10_000

    @Option(help: "The seed of the first; the others follow.")
    var from: UInt64 = 1

    @Option(help: "Run this one alone, and tell everything.")
    var seed: UInt64?

    @Flag(inversion: .prefixedNo, help: "Whether somebody without a role pushes whatever she likes; else the seed says.")
    var adversary: Bool?

    @Option(help: "How many to run at once.")
    var workers = 2

    @Option(help: "A defect of the simulated remote, which must be noticed: \(RemoteDefect.allCases.map(\.rawValue)).")
    var defect: String?

    @Option(help: "Stop after so many schedules with a problem.")
    var stopAfter = 5

    func run() async throws {
        let defect = try defect.map { name in
            guard let defect = RemoteDefect(rawValue: name) else { throw ValidationError("there is no defect “\(name)”") }
            return defect
        }
        let template = try await WorldTemplate()
        if let seed {
            let result = try await Schedule(seed: seed, hasAdversary: adversary).run(
                from: template, isTraced: true, defect: defect, on: OneThread())
            print(result.trace.joined(separator: "\n"))
            print(
                result.problems.isEmpty
                    ? "seed \(seed): everything holds" : "seed \(seed):\n" + result.problems.joined(separator: "\n"))
            if !result.problems.isEmpty { throw ExitCode.failure }
            return
        }
        let progress = Progress(next: from, end: from + UInt64(schedules), stopAfter: stopAfter)
        let hasAdversary = adversary
        await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<workers {
                let thread = OneThread()
                group.addTask {
                    while let seed = progress.nextSeed() {
                        let schedule = Schedule(seed: seed, hasAdversary: hasAdversary)
                        progress.add(try await schedule.run(from: template, defect: defect, on: thread))
                    }
                }
            }
        }
        let sum = progress.sum
        print(sum.description)
        if sum.failed > 0 {
            print("run one again: simulate --seed <seed>\(adversary.map { $0 ? " --adversary" : " --no-adversary" } ?? "")")
            throw ExitCode.failure
        }
    }
}

/// Which seed is next, and what came of those before.
private final class Progress: Sendable {
    private let state: Mutex<(next: UInt64, sum: Tally)>
    private let end: UInt64
    private let stopAfter: Int
    private let began = Date()

    init(next: UInt64, end: UInt64, stopAfter: Int) {
        state = Mutex((next, Tally()))
        self.end = end
        self.stopAfter = stopAfter
    }

    var sum: Tally { state.withLock(\.sum) }

    func nextSeed() -> UInt64? {
        state.withLock { state in
            guard state.next < end, state.sum.failed < stopAfter else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    func add(_ result: Schedule.Result) {
        let count = state.withLock { state in
            state.sum.add(result)
            return state.sum.schedules
        }
        if !result.problems.isEmpty { tell("seed \(result.seed): \(result.problems.joined(separator: "\n    "))") }
        if count % 5000 == 0 { tell("\(count) schedules in \(Int(Date().timeIntervalSince(began))) s") }
    }
}

/// Told at once, also into a file.
private func tell(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}

private struct Tally {
    var schedules = 0
    var failed = 0
    var commands = 0
    var deaths = 0
    var lostRaces = 0
    var events = 0
    var attacks = 0
    var merges = 0
    var steps = 0

    mutating func add(_ result: Schedule.Result) {
        schedules += 1
        if !result.problems.isEmpty { failed += 1 }
        commands += result.commands
        deaths += result.deaths
        lostRaces += result.lostRaces
        events += result.events
        attacks += result.attacks
        merges += result.merges
        steps += result.steps
    }

    var description: String {
        """
        \(schedules) schedules, \(failed) with problems: \(commands) commands in \(steps) steps, \(deaths) processes died, \
        \(lostRaces) gave way to somebody faster; \(events) events, \(merges) merges; \(attacks) pushes of the adversary
        """
    }
}
