import Glibc

/// The places where a command may be cut off: between any two steps that can be noticed from outside.
///
/// In the order in which a command comes by. They have no names in a program that is shipped, which knows no way to arm one.
public enum FaultPoint: CaseIterable, Sendable {
    case storeOpening
    case storeCreating
    case storeOpened
    case composed
    case fetching
    case fetched
    case policyRead
    case headNoting
    case headNoted
    case storeWriting
    case storeWritten
    case ledgerRead
    case renderingKeeping
    case renderingKept
    case decided
    case eventsAdmitted
    case signing
    case signed
    case commitsPrepared
    case commitsJudged
    case objectsKeeping
    case objectKept
    case objectsKept
    case pushing
    case pushAccepted
    case refMoved
    case pushed
    case ledgerReadAgain
    case pullRequestOpening
    case pullRequestOpened
    case pullRequestRecorded
    case forgeMerging
    case forgeMerged
    case forgeMergeRecorded
    case answering
    case answered

    #if FAULT_POINTS
    /// As `PROMOTE_FAULT` has it.
    public var name: String { "\(self)" }

    /// Nil when no point is called so.
    public init?(named name: String) {
        guard let point = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = point
    }
    #endif

    /// Whether only commands come by it whose pull requests are on a forge.
    public var isOnForge: Bool {
        switch self {
        case .pullRequestOpening, .pullRequestOpened, .pullRequestRecorded, .forgeMerging, .forgeMerged, .forgeMergeRecorded:
            true
        default: false
        }
    }
}

/// What is told when a command comes by a point; does nothing outside of tests.
public struct FaultHook: Sendable {
    private let visit: (@Sendable (FaultPoint) -> Void)?

    /// Does nothing.
    public static let none = FaultHook(visit: nil)

    private init(visit: (@Sendable (FaultPoint) -> Void)?) {
        self.visit = visit
    }

    #if FAULT_POINTS
    /// Kills the process at `armed`, the first time it comes by.
    ///
    /// SIGKILL, because that is what a power cut, the kernel's memory killer and an impatient CI runner are: nothing is
    /// flushed, nothing is cleaned up, and no code of ours runs any more.
    public init(armed: FaultPoint) {
        self.init { point in
            guard point == armed else { return }
            kill(getpid(), SIGKILL)
        }
    }
    #endif

    /// Calls `visit` at every point, as a simulation needs that is one process for many.
    public init(_ visit: @escaping @Sendable (FaultPoint) -> Void) {
        self.init(visit: visit)
    }

    public func reach(_ point: FaultPoint) { visit?(point) }
}
