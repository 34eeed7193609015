import Dispatch
public import GitOpsTypes

/// One repository, its blocking work confined to a queue of its own.
///
/// Nothing here touches a work tree or an index. Reading and judging go through `scratch`, whose writes are forgotten;
/// what is to last goes through `durable`.
public actor GitRepository {
    let path: String
    private let executor: any SerialExecutor
    let incoming: String?
    /// The folder of its trees that has the repository's own configuration; nil for the usual one.
    public nonisolated let configurationFolder: RepositoryPath?
    /// Merges that Git was asked for: the same two commits always merge to the same.
    var knownMerges: [MergeKey: TreeMerge] = [:]
    let merger = GitMerge()
    private var durableObjects: GitObjects?
    private var scratchObjects: GitObjects?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Sets libgit2 up, which takes some milliseconds (it reads the system's certificates): to be done while something else
    /// is waited for. Without it, the first use does the same.
    public static func prepare() async { LibraryState.initialized }

    /// - Parameters:
    ///   - path: the repository's common directory, as `GitProgram.commonDirectory()` finds it.
    ///   - incoming: a directory with the objects of a push that is being judged; nil for none.
    ///   - configurationFolder: the folder of its trees that has the repository's own configuration; nil for the usual one.
    ///   - executor: where the blocking work is done; nil for a queue of its own.
    public init(
        path: String, incoming: String? = nil, configurationFolder: RepositoryPath? = nil,
        executor: (any SerialExecutor)? = nil
    ) {
        self.configurationFolder = configurationFolder
        self.incoming = incoming
        self.path = path
        self.executor = executor ?? QueueExecutor(label: "promote.git")
    }

    /// Orders what all processes that work in this repository do to the refs kept of a remote: a fetch that meets another
    /// fetch, or the end of a push, at the lock of a ref fails, though the remote answered.
    func lockForRemoteRefs() -> FileLock? {
        FileLock(path: path + "/promote/fetch.lock", patience: .seconds(60))
    }

    /// What keeps the refs below `prefix` from being moved, other than a process that is at it; nil when there is nothing.
    func obstacle(below prefix: String) -> RefObstacle? {
        RefObstacle.first(below: prefix, in: path)
    }

    /// Runs `body` with objects that stay in the repository.
    public func durable<Result: Sendable>(_ body: @Sendable (GitObjects) throws -> Result) throws -> Result {
        let objects = try durableObjects ?? GitObjects(path: path, inMemory: false, configurationFolder: configurationFolder)
        durableObjects = objects
        return try body(objects)
    }

    /// Runs `body` with objects that are forgotten: nothing is written to the repository.
    public func scratch<Result: Sendable>(_ body: @Sendable (GitObjects) throws -> Result) throws -> Result {
        let objects =
            try scratchObjects
            ?? GitObjects(
                path: path, inMemory: true, incoming: incoming, configurationFolder: configurationFolder)
        scratchObjects = objects
        return try body(objects)
    }
}

/// Runs an actor's jobs on a dispatch queue, so that blocking C never holds a thread of Swift's own pool.
final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
