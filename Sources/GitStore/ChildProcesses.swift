import Foundation
import Glibc
import Synchronization

/// One program that was started, as far as it has to be ended with all that it started itself.
final class ChildProcess: Sendable {
    /// How far what it starts belongs to it.
    enum Belonging: Sendable {
        /// In our session, so that it can ask at our terminal; what it leaves behind on purpose, as a credential cache or a
        /// shared connection, stays.
        case family
        /// In a session of its own: all that bears its mark ends with it.
        case session
    }

    static let markName = "PROMOTE_RUN"

    let belonging: Belonging
    /// What every process of its session has in its environment.
    let mark = UUID().uuidString
    private let id = Mutex<pid_t?>(nil)
    private let ended = Mutex(false)

    init(_ belonging: Belonging) {
        self.belonging = belonging
    }

    /// To be told once it runs. What was to end before that ends now.
    func started(as id: pid_t) {
        self.id.withLock { $0 = id }
        if belonging == .session { ChildProcesses.sessions.withLock { $0[mark] = id } }
        if isEnded { end() }
    }

    var processID: pid_t? { id.withLock { $0 } }

    /// Whether it did not end by itself.
    var isEnded: Bool { ended.withLock { $0 } }

    /// Ends it with all that belongs to it.
    func end() {
        ended.withLock { $0 = true }
        guard let id = processID else { return }
        ChildProcesses.end(Self.stopped(id) + strangers(of: id))
    }

    /// The family of a process, all stopped, so that none starts another before it is ended.
    private static func stopped(_ id: pid_t) -> [pid_t] {
        var stopped: Set<pid_t> = []
        while true {
            let new = ProcessTable.family(of: id).filter { !stopped.contains($0) }
            guard !new.isEmpty else { return Array(stopped) }
            for id in new { kill(id, SIGSTOP) }
            stopped.formUnion(new)
        }
    }

    /// Ends what it has left running, now that it has ended itself.
    func endRemainder() {
        guard belonging == .session, let id = processID else { return }
        ChildProcesses.end(strangers(of: id))
        ChildProcesses.sessions.withLock { $0[mark] = nil }
    }

    private func strangers(of id: pid_t) -> [pid_t] {
        switch belonging {
        case .family: []
        case .session: ProcessTable.members(ofSession: id, mark: "\(Self.markName)=\(mark)")
        }
    }
}

/// The programs that this process has started: they end when it does.
package enum ChildProcesses {
    /// The sessions that were opened for programs which have not ended, by their marks.
    static let sessions = Mutex<[String: pid_t]>([:])

    /// Whether this process is about to end, and starts nothing any more.
    private static let isOver = Atomic(false)

    /// Ends all that this process has started and that has not ended, and lets nothing be started from now on.
    package static func endAll() {
        isOver.store(true, ordering: .sequentiallyConsistent)
        // What was being started when the first look was taken is there in the second.
        for _ in 0..<2 {
            let family = ProcessTable.family(of: getpid()).filter { $0 != getpid() }
            let strangers = sessions.withLock { $0 }.flatMap { mark, id in
                ProcessTable.members(ofSession: id, mark: "\(ChildProcess.markName)=\(mark)")
            }
            end(family + strangers)
        }
    }

    /// Keeps those waiting for ever who want to go on while the process ends.
    static func waitForEnd() async throws {
        while isOver.load(ordering: .sequentiallyConsistent) { try await Task.sleep(for: .seconds(1)) }
    }

    /// Asks them to end, so that Git takes its lock files away; after half a second, ends them.
    static func end(_ ids: [pid_t]) {
        guard !ids.isEmpty else { return }
        for id in ids {
            kill(id, SIGTERM)
            kill(id, SIGCONT)
        }
        for _ in 0..<50 where ids.contains(where: ProcessTable.isRunning) { usleep(10_000) }
        for id in ids where ProcessTable.isRunning(id) { kill(id, SIGKILL) }
    }
}
