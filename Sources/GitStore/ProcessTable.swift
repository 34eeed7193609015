import Foundation
import Glibc

/// What the kernel tells about processes, as much of it as is asked here: which process started which, in which session, and how much was
/// read and written.
///
/// Source: proc(5). A process may end between two questions: what is not there any more counts as nothing.
enum ProcessTable {
    /// What a process has done so far.
    struct Activity: Hashable {
        /// Bytes through read, write and their kin.
        var bytes: UInt64 = 0
        /// Time on a processor, in the kernel's ticks of ten milliseconds.
        var ticks: UInt64 = 0
    }

    /// `root` and all that it started, and they started, and so on; without those that were handed on to another parent.
    static func family(of root: pid_t) -> [pid_t] {
        var found: [pid_t] = []
        var next = [root]
        while let id = next.popLast() {
            guard !found.contains(id) else { continue }
            found.append(id)
            next += children(of: id)
        }
        return found
    }

    private static func children(of id: pid_t) -> [pid_t] {
        names(in: "/proc/\(id)/task").flatMap { thread in
            text("/proc/\(id)/task/\(thread)/children").split(separator: " ").compactMap { pid_t($0) }
        }
    }

    /// The processes of `session`, and those whose environment has `mark`, which a process that left the session keeps.
    static func members(ofSession session: pid_t, mark: String) -> [pid_t] {
        let wanted = Array(mark.utf8)
        return names(in: "/proc").compactMap { pid_t($0) }.filter { id in
            guard id != getpid() else { return false }
            return statistics(of: id).map { $0.session == session } ?? false || environment(of: id, has: wanted)
        }
    }

    private static func environment(of id: pid_t, has mark: [UInt8]) -> Bool {
        bytes("/proc/\(id)/environ").split(separator: 0).contains { $0.elementsEqual(mark) }
    }

    /// What the programs of Git among `ids` have done. What Git starts to reach a remote is not counted: a connection that
    /// is kept alive brings Git nothing.
    static func activity(ofGitAmong ids: [pid_t]) -> Activity {
        ids.reduce(into: Activity()) { sum, id in
            guard let statistics = statistics(of: id), statistics.name.hasPrefix("git") else { return }
            sum.ticks += statistics.ticks
            for line in text("/proc/\(id)/io").split(separator: "\n") where line.hasPrefix("rchar:") || line.hasPrefix("wchar:") {
                sum.bytes += UInt64(line.dropFirst("rchar: ".count)) ?? 0
            }
        }
    }

    /// Whether the process is there and has not ended: one that only waits to be asked for its status has.
    static func isRunning(_ id: pid_t) -> Bool {
        statistics(of: id).map { $0.state != "Z" } ?? false
    }

    private struct Statistics {
        let name: String
        let state: Substring
        let session: pid_t
        let ticks: UInt64
    }

    private static func statistics(of id: pid_t) -> Statistics? {
        let line = text("/proc/\(id)/stat")
        // The name stands in parentheses and may have any character.
        guard let opening = line.firstIndex(of: "("), let closing = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: closing)...].split(separator: " ")
        guard fields.count > 12, let session = pid_t(fields[3]), let user = UInt64(fields[11]), let system = UInt64(fields[12])
        else { return nil }
        return Statistics(
            name: String(line[line.index(after: opening)..<closing]), state: fields[0], session: session, ticks: user + system)
    }

    // MARK: Files

    private static func names(in directory: String) -> [String] {
        do { return try FileManager.default.contentsOfDirectory(atPath: directory) } catch { return [] }
    }

    private static func text(_ path: String) -> String { String(decoding: bytes(path), as: UTF8.self) }

    /// Read to its end: such files have no size.
    private static func bytes(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(file, &chunk, chunk.count)
            guard count > 0 else { return result }
            result += chunk[..<count]
        }
    }
}
