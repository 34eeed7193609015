import CSpawn
import Foundation

/// A program that is running, its output going to files so that it never waits for a reader.
public final class RunningTool {
    private let processID: pid_t
    private let output: ScratchFile
    private let errors: ScratchFile
    private var result: ToolResult?

    init(_ program: ProgramStart, input: String) throws {
        (output, errors) = (try ScratchFile(), try ScratchFile())
        let given = try ScratchFile(holding: input)
        processID = try program.start(input: given, output: output, errors: errors)
    }

    public func finish() -> ToolResult {
        if let result { return result }
        var status: Int32 = 0
        while waitpid(processID, &status, 0) == -1, errno == EINTR {}
        // As Foundation has it: the number of the signal that ended it, or what it exited with.
        let signal = status & 0x7f
        let result = ToolResult(
            status: signal == 0 ? status >> 8 & 0xff : signal, output: output.content, errors: errors.content)
        self.result = result
        return result
    }

    /// Waits until standard error has a line with `text`, or the program has ended.
    ///
    /// - Returns: whether it came, within two minutes.
    public func saysOnStandardError(_ text: String) throws -> Bool {
        waits(for: { errors.content.contains(text) })
    }

    /// The same of standard output.
    public func saysOnStandardOutput(_ text: String) throws -> Bool {
        waits(for: { output.content.contains(text) })
    }

    /// Waits until it has written `text`, for two minutes at most.
    func says(_ text: String) -> Bool {
        waits(for: { written.contains(text) })
    }

    /// What it has written until now.
    var written: String { output.content + errors.content }

    /// Looks again and again, for as long as it runs.
    private func waits(for isWritten: () -> Bool) -> Bool {
        let end = ContinuousClock.now + .seconds(120)
        while !isWritten() {
            guard isRunning, ContinuousClock.now < end else { return isWritten() }
            poll(nil, 0, 20)
        }
        return true
    }

    private var isRunning: Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(processID), &information, WEXITED | WNOHANG | WNOWAIT) == 0
            && information.si_signo == 0
    }

    /// Asks the program to end, as `kill` does, and waits until it has.
    @discardableResult
    public func terminate() -> ToolResult {
        kill(processID, SIGTERM)
        return finish()
    }
}

/// What starts a program.
struct ProgramStart {
    let path: String
    let arguments: [String]
    let directory: String
    let environment: [String: String]

    /// Starts it with three streams and no other descriptor, and with signals as a shell leaves them: threads of tests block some,
    /// and what they start would inherit that.
    ///
    /// Source: posix_spawn(3).
    func start(input: ScratchFile, output: ScratchFile, errors: ScratchFile) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (stream, file) in [(STDIN_FILENO, input), (STDOUT_FILENO, output), (STDERR_FILENO, errors)] {
            posix_spawn_file_actions_adddup2(&actions, file.descriptor, stream)
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
        posix_spawn_file_actions_addchdir_np(&actions, directory)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var processID: pid_t = 0
        let failure = posix_spawn(&processID, path, &actions, &attributes, &words, &variables)
        guard failure == 0 else {
            throw ToolResult.Failed(description: "\(path) in \(directory): \(String(cString: strerror(failure)))")
        }
        return processID
    }
}

/// A file without a name, which is gone with its descriptor.
final class ScratchFile {
    let descriptor: Int32

    init(holding text: String = "") throws {
        var name = Array((FileManager.default.temporaryDirectory.path + "/promote-stream-XXXXXX").utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else {
            throw ToolResult.Failed(description: "no scratch file: \(String(cString: strerror(errno)))")
        }
        // What is started at this moment closes it by itself.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(name)
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw ToolResult.Failed(description: "a scratch file is full") }
            bytes = bytes.dropFirst(count)
        }
        lseek(descriptor, 0, SEEK_SET)
    }

    deinit { close(descriptor) }

    /// What was written to it until now.
    var content: String {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(descriptor, &part, part.count, off_t(bytes.count))
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += part[..<count]
        }
    }
}
