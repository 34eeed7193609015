/// One thing that a survey takes for so, or leaves alone, and why.
public struct Guess: Hashable, Sendable {
    /// `order dev → staging → prod`
    public let about: String
    /// What it was seen from, in one line.
    public let because: String

    public init(about: String, because: String) {
        self.about = about
        self.because = because
    }
}
