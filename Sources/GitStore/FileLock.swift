import Glibc
import SystemPackage

/// A lock between the processes of one machine, held for as long as the value lives. The system releases it when the process
/// ends, however it ends.
final class FileLock: Sendable {
    private let file: FileDescriptor

    /// Waits for the lock, though not for ever: what it orders is safe without it, only slower.
    ///
    /// Nil when the file cannot be made, or another process holds the lock for longer than `patience`.
    init?(path: String, patience: Duration) {
        do {
            file = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .closeOnExec], permissions: [.ownerReadWrite])
        } catch {
            return nil
        }
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: patience)
        while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
            guard clock.now < end else { return nil }
            usleep(5_000)
        }
    }

    deinit { close(file.rawValue) }
}
