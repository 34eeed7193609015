/// A server on loopback, a program of its own, which ends with the value and after some minutes by itself.
public final class Server {
    private let program: RunningTool

    /// - Parameter folder: where it runs.
    public init(_ command: [String], in folder: String) throws {
        program = try Tool("timeout", in: folder).start(["300"] + command)
    }

    /// Waits until it has written `text`.
    public func says(_ text: String) throws -> Bool { program.says(text) }

    public var output: String { program.written }

    deinit {
        program.terminate()
    }
}
