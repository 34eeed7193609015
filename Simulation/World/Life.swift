import FaultInjection
import Synchronization

/// One run of one participant's process, which may end at any point.
///
/// A process in a simulation cannot be killed, so what it does after its end is not kept: its clone is copied as it is at that
/// moment, its next exchange with the remote fails, and the copy is what its next life works in.
final class Life: Sendable {
    struct Ended: Error {}

    private struct State {
        /// So many points are passed before the end; nil for none.
        var pointsLeft: Int?
        var hasEnded = false
    }

    private let state: Mutex<State>
    private let preserve: @Sendable () -> Void

    /// - Parameter preserve: copies what a process that dies now leaves behind.
    init(pointsLeft: Int?, preserve: @escaping @Sendable () -> Void) {
        state = Mutex(State(pointsLeft: pointsLeft))
        self.preserve = preserve
    }

    var hasEnded: Bool { state.withLock(\.hasEnded) }

    func pass(_ point: FaultPoint) {
        let isLast = state.withLock { state in
            guard !state.hasEnded, let left = state.pointsLeft else { return false }
            state.pointsLeft = left - 1
            state.hasEnded = left == 0
            return left == 0
        }
        if isLast { preserve() }
    }

    /// Ends it here.
    func end() -> Ended {
        let isNews = state.withLock { state in
            defer { state.hasEnded = true }
            return !state.hasEnded
        }
        if isNews { preserve() }
        return Ended()
    }

    func mustGoOn() throws {
        if hasEnded { throw Ended() }
    }
}
