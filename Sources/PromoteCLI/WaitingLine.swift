import Glibc
import Synchronization

/// Says on a terminal what is waited for, once that takes longer than a second, and takes it back when it is over.
final class WaitingLine: Sendable {
    private struct State {
        var timer: Task<Void, Never>?
        var isShown = false
    }

    private let terminal: Terminal
    private let state = Mutex(State())

    /// Nil where there is no person to read it.
    init?(_ terminal: Terminal) {
        guard isatty(STDERR_FILENO) == 1 else { return nil }
        self.terminal = terminal
    }

    /// - Parameter remote: what is waited for now; nil for nothing.
    func change(to remote: String?) {
        state.withLock { state in
            state.timer?.cancel()
            if state.isShown { terminal.overwrite("") }
            state = State()
            guard let remote else { return }
            state.timer = Task { [weak self] in await self?.count(remote) }
        }
    }

    private func count(_ remote: String) async {
        let clock = ContinuousClock()
        let start = clock.now
        while !Task.isCancelled {
            do { try await clock.sleep(for: .seconds(1)) } catch { return }
            state.withLock { state in
                guard !Task.isCancelled else { return }
                state.isShown = true
                terminal.overwrite("waiting for \(remote) … \(start.duration(to: clock.now).components.seconds) s")
            }
        }
    }
}
