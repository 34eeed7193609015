import Dispatch
import Synchronization

/// Waits for asynchronous work on a thread that is none of Swift's own pool: the engine renders on Git's queue.
enum Waiting {
    /// - Throws: what `body` throws.
    static func wait<Result: Sendable>(for body: @escaping @Sendable () async throws -> Result) throws -> Result {
        let outcome = Mutex<Swift.Result<Result, any Error>?>(nil)
        let isDone = DispatchSemaphore(value: 0)
        Task.detached {
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            outcome.withLock { $0 = result }
            isDone.signal()
        }
        isDone.wait()
        guard let result = outcome.withLock({ $0 }) else { preconditionFailure("it was waited for") }
        return try result.get()
    }
}
