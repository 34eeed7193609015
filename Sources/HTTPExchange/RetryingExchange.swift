public import GitOpsTypes

/// Waits, and draws lots: what retrying needs of the world.
public struct RetryClock: Sendable {
    public let pause: @Sendable (_ milliseconds: Int) async throws -> Void
    public let now: @Sendable () -> Timestamp
    public let jitter: @Sendable (_ bound: Int) -> Int

    public init(
        pause: @escaping @Sendable (_ milliseconds: Int) async throws -> Void, now: @escaping @Sendable () -> Timestamp,
        jitter: @escaping @Sendable (_ bound: Int) -> Int
    ) {
        self.pause = pause
        self.now = now
        self.jitter = jitter
    }
}

/// Sends requests again while that may help and does no harm, within a budget.
public struct RetryingExchange: Sendable {
    /// Why there is no answer that says anything.
    public enum Failure: Error, Sendable {
        /// The server wants to be left alone for so many seconds, which is longer than a command waits.
        case rateLimited(seconds: Int)
        /// A status from 500 on, to the end.
        case broken(HTTPResponse)
        case failed(HTTPFailure)
        /// The command was stopped, or the transport failed in a way that is none of HTTP's; a sentence says how.
        case stopped(String)
    }

    /// Tries of one request, and seconds that a rate limit may hold up a command before it gives up and says so.
    private static let maximumTries = 4
    private static let patience = 20

    private let transport: any HTTPTransport
    private let clock: RetryClock

    public init(transport: any HTTPTransport, clock: RetryClock) {
        self.transport = transport
        self.clock = clock
    }

    /// The answer, whatever its status below 500.
    ///
    /// - Parameters:
    ///   - isRepeatable: whether doing it twice is as good as once.
    ///   - mayLimit: whether a status may be about the rate of requests; what the headers say decides.
    public func send(
        _ request: HTTPRequest, isRepeatable: Bool, mayLimit: (Int) -> Bool = { $0 == 429 }
    ) async throws(Failure) -> HTTPResponse {
        var waited = 0
        var attempt = 0
        while true {
            attempt += 1
            let isLast = attempt >= Self.maximumTries
            do {
                let response = try await transport.send(request)
                if mayLimit(response.status), let seconds = rateLimit(response) {
                    guard !isLast, waited + seconds <= Self.patience else { throw Failure.rateLimited(seconds: seconds) }
                    waited += seconds
                    try await pause(milliseconds: seconds * 1000 + clock.jitter(250))
                    continue
                }
                guard response.status >= 500 else { return response }
                guard isRepeatable, !isLast else { throw Failure.broken(response) }
            } catch let failure as HTTPFailure {
                let mayTryAgain = failure.kind == .unreachable || failure.kind == .interrupted && isRepeatable
                guard mayTryAgain, !isLast else { throw Failure.failed(failure) }
            } catch let failure as Failure {
                throw failure
            } catch {
                throw Failure.stopped("\(error)".displayable)
            }
            try await pause(milliseconds: 100 << attempt + clock.jitter(100))
        }
    }

    private func pause(milliseconds: Int) async throws(Failure) {
        do { try await clock.pause(milliseconds) } catch { throw Failure.stopped("the command was stopped") }
    }

    /// Seconds that the server wants to be left alone; nil where the answer is about something else.
    ///
    /// Source: RFC 9110, 10.2.3; GitHub, "Rate limits for the REST API": `retry-after`, or `x-ratelimit-reset` when
    /// `x-ratelimit-remaining` is 0, or a minute.
    private func rateLimit(_ response: HTTPResponse) -> Int? {
        // Seconds, or a date.
        if let text = response["Retry-After"] {
            if let seconds = Int(text) { return min(max(0, seconds), Self.longestWait) }
            if let time = HTTPDate.timestamp(text) { return wait(until: time.seconds) }
        }
        let remaining = response["X-RateLimit-Remaining"] ?? response["RateLimit-Remaining"]
        let reset = response["X-RateLimit-Reset"] ?? response["RateLimit-Reset"]
        if remaining == "0", let reset = reset.flatMap({ Int64($0) }) {
            return wait(until: reset)
        }
        return response.status == 429 ? 60 : nil
    }

    /// Whatever a server says, no longer than a day.
    private static let longestWait = 86_400

    private func wait(until second: Int64) -> Int {
        let (seconds, overflow) = second.subtractingReportingOverflow(clock.now().seconds)
        return overflow ? Self.longestWait : Int(min(max(1, seconds), Int64(Self.longestWait)))
    }
}
