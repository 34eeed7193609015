import Glibc

/// The places where a command may be cut off: between any two steps that somebody else could notice.
///
/// In the order in which a command comes by.
public enum FaultPoint: String, CaseIterable, Sendable {
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
    case answering
    case answered
}

/// Kills the process where a test wants it killed; off unless it is armed.
///
/// SIGKILL, because that is what a power cut, the kernel's memory killer and an impatient CI runner are: nothing is flushed,
/// nothing is cleaned up, and no code of ours runs any more.
public struct FaultHook: Sendable {
    private let armed: FaultPoint?

    /// Does nothing.
    public static let none = FaultHook(armed: nil)

    /// - Parameter armed: where to kill the process, the first time it comes by; nil for nowhere.
    public init(armed: FaultPoint?) {
        self.armed = armed
    }

    public func reach(_ point: FaultPoint) {
        guard point == armed else { return }
        kill(getpid(), SIGKILL)
    }
}
