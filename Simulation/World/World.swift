import GitOpsTypes
import GitStore
import PromoteTestSupport
import Synchronization

/// What all participants share: the remote's refs, the time, and chance.
final class World: Sendable {
    /// What may happen to one exchange with the remote.
    enum Fault: Equatable {
        /// The remote cannot be reached.
        case unreachable
        /// The remote does what it was asked, and the answer never arrives.
        case lostReply
        /// The remote gets what it was asked twice, and the second answer is the one that arrives.
        case repeated
        case diesBefore
        case diesAfter
    }

    private struct State {
        var generator: SeededGenerator
        var now: Int64 = 1_790_000_000
        var refs: [BranchName: CommitID]
        var isCalm = false
        var trace: [String] = []
        var steps = 0
        var problems: [String] = []
        var promotions: [String: Int]
        var intrusions = Intrusions()
    }

    let turns: Turns
    let thread: OneThread
    private let state: Mutex<State>
    /// Whether everything is told; it costs more than the simulation itself.
    private let isTraced: Bool
    /// A defect on purpose, by which the checks are checked.
    let defect: RemoteDefect?

    init(
        seed: UInt64, refs: [BranchName: CommitID], promotions: [String: Int] = [:], participants: Int, isTraced: Bool,
        defect: RemoteDefect?,
        on thread: OneThread
    ) {
        self.thread = thread
        turns = Turns(count: participants)
        state = Mutex(State(generator: SeededGenerator(seed: seed), refs: refs, promotions: promotions))
        self.isTraced = isTraced
        self.defect = defect
    }

    static let main: BranchName = {
        guard let main = BranchName("main") else { preconditionFailure("main is a branch name") }
        return main
    }()

    // MARK: Chance and time

    func random(below bound: Int) -> Int {
        state.withLock { Int.random(in: 0..<bound, using: &$0.generator) }
    }

    func chance(_ percent: Int) -> Bool { random(below: 100) < percent }

    func pick<Value>(_ values: [Value]) -> Value { values[random(below: values.count)] }

    func eventID() -> String {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        return "01" + String((0..<24).map { _ in pick(alphabet) })
    }

    var now: Int64 { state.withLock(\.now) }

    func advance(seconds: Int) {
        state.withLock { $0.now += Int64(seconds) }
    }

    /// No more faults from here on, and all clocks are set: what is left undone must get done.
    ///
    /// - Parameter seconds: what it takes until every clock that was ahead is overtaken.
    func calmDown(after seconds: Int64 = 3600) {
        state.withLock { state in
            state.isCalm = true
            state.now += seconds
        }
    }

    /// Runs `body` with nobody else to take turns with.
    func alone<Result: Sendable>(_ body: sending @escaping () async -> Result) async -> Result {
        turns.begin()
        async let result = {
            defer { turns.end() }
            return await body()
        }()
        await turns.drive { $0[0] }
        return await result
    }

    var isCalm: Bool { state.withLock(\.isCalm) }

    func fault() -> Fault? {
        guard !isCalm else { return nil }
        switch random(below: 100) {
        case 0..<3: return .unreachable
        case 3..<6: return .lostReply
        case 6..<8: return .repeated
        case 8..<10: return .diesBefore
        case 10..<12: return .diesAfter
        default: return nil
        }
    }

    // MARK: The remote

    var refs: [BranchName: CommitID] { state.withLock(\.refs) }

    /// The highest promotion number of an application that any branch of the remote ever had.
    func promotions(of application: String) -> Int { state.withLock { $0.promotions[application] ?? 0 } }

    /// Moves all refs or none, as `git push --atomic --force-with-lease` has it.
    func push(_ updates: [RefUpdate]) -> PushOutcome {
        state.withLock { push(updates, &$0) }
    }

    /// The same, remembered as what has to count for nothing.
    func push(_ attack: Attack) -> PushOutcome {
        state.withLock { state in
            let outcome = push(attack.updates, &state)
            if case .accepted = outcome { state.intrusions.add(attack) }
            return outcome
        }
    }

    private func push(_ updates: [RefUpdate], _ state: inout State) -> PushOutcome {
        let stale = updates.filter { state.refs[$0.branch] != $0.expected }
        guard stale.isEmpty || defect == .noLease else {
            return .rejected(reasons: stale.map { "\($0.branch): stale info" })
        }
        for update in defect == .notAtomic ? updates.filter({ $0.branch != Self.main }) : updates {
            state.refs[update.branch] = update.new
            let parts = update.branch.text.split(separator: "/")
            if parts.count == 4, parts[0] == "promotion", let number = Int(parts[3]) {
                state.promotions[String(parts[1])] = max(number, state.promotions[String(parts[1])] ?? 0)
            }
        }
        return .accepted
    }

    /// What the adversary got onto the remote.
    var intrusions: Intrusions { state.withLock(\.intrusions) }

    // MARK: What is told

    func note(_ text: @autoclosure () -> String) {
        state.withLock { $0.steps += 1 }
        guard isTraced else { return }
        let text = text()
        state.withLock { $0.trace.append(text) }
    }

    func complain(_ problem: String) {
        state.withLock { $0.problems.append(problem) }
    }

    var problems: [String] { state.withLock(\.problems) }
    var trace: [String] { state.withLock(\.trace) }
    var steps: Int { state.withLock(\.steps) }
}

/// Ways in which a remote can be wrong, each of which the checks of a schedule must notice.
public enum RemoteDefect: String, CaseIterable, Sendable {
    /// Refs move wherever they were.
    case noLease
    /// Of a push, the target branch is left out.
    case notAtomic
}
