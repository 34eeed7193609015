/// How a command ends.
///
/// Source: sysexits.h, where that has one.
public enum ExitStatus: Hashable, Sendable {
    case success
    /// Differences were found, by a command that was asked to say so.
    case differences
    case usage
    case badInput
    case unavailable
    case defect
    /// The answer's reader had closed the pipe: told by the status alone.
    case unread
    case tryAgain
    case refused

    public var code: Int32 {
        switch self {
        case .success: 0
        case .differences: 2
        case .usage: 64
        case .badInput: 65
        case .unavailable: 69
        case .defect, .unread: 70
        case .tryAgain: 75
        case .refused: 77
        }
    }
}
