public import GitStore

/// Why a command does not do its work, where no rule refused it.
public enum EngineError: Error, Hashable, Sendable {
    /// The command names something that does not exist, or asks for what makes no sense.
    case usage(String, hint: String?)
    /// The configuration repository lacks something.
    case configuration(String, hint: String?)
    /// Another writer was faster, and the work is done or has to be decided anew.
    case raced(String, hint: String?)
    /// The remote does not take the change; `unmet` is what it may be asking for.
    case remoteRefused(reasons: [String], unmet: [PushReception.Remark])
}
