import Foundation
import GitStore
import Glibc
import Synchronization

/// What this process does about signals: programs that it has started end with it, and a pipe that is closed is an error of
/// the write that met it, not the end of the process.
public enum TerminationSignals {
    private static let handled: [(number: Int32, name: String)] = [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP")]

    /// To be called once, before anything is opened.
    ///
    /// - Parameter interrupted: is told the signal's name, and returns the exit status.
    public static func install(_ interrupted: @escaping @Sendable (String) -> Int32) {
        signal(SIGPIPE, SIG_IGN)
        openStandardStreams()
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let bell = ends[0]
        alarm.store(ends[1], ordering: .sequentiallyConsistent)
        let thread = Thread {
            var number: UInt8 = 0
            while read(bell, &number, 1) != 1 {}
            ChildProcesses.endAll()
            _exit(interrupted(handled.first { $0.number == Int32(number) }?.name ?? "a signal"))
        }
        thread.stackSize = 1 << 20
        thread.start()
        // What is ignored, as SIGHUP below nohup, stays so.
        for (number, _) in handled where !isIgnored(number) { handle(number) }
    }

    private static func handle(_ number: Int32) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = sound
        action.sa_flags = SA_RESTART
        sigaction(number, &action, nil)
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        return sigaction(number, nil, &action) == 0
            && unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// A standard stream that is closed at the start would be the next file that is opened, the state store for one, and get
    /// what is meant for people. Reading from what is put there ends at once, and writing fails.
    private static func openStandardStreams() {
        for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) == -1 {
            // Descriptors are given out from the lowest: it is `stream`.
            _ = open("/dev/null", O_RDONLY)
        }
    }
}

/// Where the number of a signal that came is written.
private let alarm = Atomic<Int32>(-1)

/// What a signal runs: nothing but what may be done in the middle of anything.
private func sound(_ number: Int32) {
    let saved = errno
    var byte = UInt8(truncatingIfNeeded: number)
    write(alarm.load(ordering: .sequentiallyConsistent), &byte, 1)
    errno = saved
}
