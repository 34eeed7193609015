/// A command line that does not parse, or input that is not what a command takes.
public struct UsageFailure: Error {
    public let message: String

    public init(message: String) {
        self.message = message
    }
}
