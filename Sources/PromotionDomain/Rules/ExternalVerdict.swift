/// What a gate of the policy said.
public struct ExternalVerdict: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        case passed
        /// With a word how it said so: an exit status, a state.
        case failed(String)
        /// It said nothing that counts: it is missing, or took too long.
        case unknown(String)
        /// It was not run: that the programs of this policy may be was not said here.
        case untrusted(in: Place)
    }

    /// Where it would have been run.
    public enum Place: Hashable, Sendable {
        /// In a person's clone, or in CI.
        case clone
        /// In the repository that people push to.
        case server
    }

    public let outcome: Outcome
    /// What it printed, in some lines at most.
    public let output: String
    /// What a program printed, line by line, for those who look closer; nil where none was run.
    public let transcript: String?

    public init(_ outcome: Outcome, output: String, transcript: String? = nil) {
        self.outcome = outcome
        self.output = output
        self.transcript = transcript
    }
}
