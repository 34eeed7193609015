/// How long a remote may be silent, and who is told that it is waited for.
public struct TransportPatience: Sendable {
    /// Git's configuration that says so, in seconds.
    public static let configurationKey = "promote.timeout"

    /// Until a remote is given up from which no byte comes, on the first connection and on the one that is tried after it.
    public let silence: Duration
    private let tell: @Sendable (String?) -> Void

    /// - Parameter tell: is called with the name of what is waited for, and with nil when that is over.
    public init(silence: Duration = .seconds(60), tell: @escaping @Sendable (String?) -> Void = { _ in }) {
        self.silence = silence
        self.tell = tell
    }

    /// The first connection's share. A connection that was lost on the way is silent for ever, and a new one is not.
    var first: Duration { silence * 3 / 5 }

    /// The second connection's: all in all, less than `silence`.
    var second: Duration { silence / 4 }

    /// Runs `body`, and tells that `remote` is waited for.
    func waiting<Result>(for remote: String, _ body: () async throws -> Result) async rethrows -> Result {
        tell(remote)
        defer { tell(nil) }
        return try await body()
    }
}
