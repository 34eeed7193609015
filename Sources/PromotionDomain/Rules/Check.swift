public import GitOpsTypes

/// One rule evaluated: what was found, and who can clear it.
public struct Check: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable {
        case pass
        case fail
        /// Not yet: time or people can clear it.
        case pending
    }

    public let rule: Rule
    public let status: Status
    /// A sentence: what was found and, unless it passes, what would satisfy it.
    public let detail: String
    /// Who can clear it: principals, or what people call the ones who can.
    public let clearedBy: [String]
    /// Since when it stands as it does; nil where it passes, or where nothing says so.
    public let since: Timestamp?
    /// What a program printed that was asked, line by line; nil where none was.
    public let output: String?

    public init(
        _ rule: Rule, _ status: Status, _ detail: String, since: Timestamp? = nil, clearedBy: [String] = [],
        output: String? = nil
    ) {
        self.output = output
        self.rule = rule
        self.status = status
        self.detail = detail
        self.since = since
        self.clearedBy = clearedBy
    }
}
