import Dispatch
import Foundation
import Synchronization

/// Runs everything of one schedule on one thread: a schedule hands its turn on thousands of times, and waking another thread
/// each time would take longer than what it does.
public final class OneThread: SerialExecutor, TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let available = DispatchSemaphore(value: 0)

    /// Begins with its thread, which lasts as long as the process.
    public init() {
        let thread = Thread { [self] in
            while true {
                available.wait()
                for job in jobs.withLock({ jobs in
                    defer { jobs = [] }
                    return jobs
                }) {
                    job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
                }
            }
        }
        // Rendering recurses.
        thread.stackSize = 16 << 20
        thread.start()
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = jobs.withLock { jobs in
            jobs.append(job)
            return jobs.count == 1
        }
        if isFirst { available.signal() }
    }
}
