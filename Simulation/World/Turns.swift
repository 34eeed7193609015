import Synchronization

/// Lets one participant run at a time, and lets a seed say which is next: what makes a schedule repeatable.
///
/// A participant stops wherever others could notice or influence it, and goes on when its turn comes.
final class Turns: Sendable {
    private struct State {
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var running: Int
        var driver: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>

    /// - Parameter count: of participants; all of them are taken to be running until they wait or end.
    init(count: Int) {
        state = Mutex(State(running: count))
    }

    /// Takes the turn, where nobody has it.
    func begin() {
        state.withLock { $0.running += 1 }
    }

    /// Gives the turn away and waits for the next one.
    func wait(_ participant: Int) async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.waiting[participant] = continuation
                return Self.stop(&state)
            }?.resume()
        }
    }

    /// Gives the turn away for good.
    func end() {
        state.withLock { Self.stop(&$0) }?.resume()
    }

    private static func stop(_ state: inout State) -> CheckedContinuation<Void, Never>? {
        state.running -= 1
        guard state.running == 0 else { return nil }
        defer { state.driver = nil }
        return state.driver
    }

    /// Gives turns until everybody has ended.
    ///
    /// - Parameter choose: picks one of those who wait, given in ascending order.
    func drive(_ choose: ([Int]) -> Int) async {
        while true {
            await withCheckedContinuation { continuation in
                state.withLock { state in
                    if state.running == 0 { return continuation as CheckedContinuation<Void, Never>? }
                    state.driver = continuation
                    return nil
                }?.resume()
            }
            let waiting = state.withLock { $0.waiting.keys.sorted() }
            guard !waiting.isEmpty else { return }
            let next = choose(waiting)
            state.withLock { state in
                state.running = 1
                return state.waiting.removeValue(forKey: next)
            }?.resume()
        }
    }
}
