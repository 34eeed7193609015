/// What a command answers: a value for programs, words for people, and the exit status that goes with it.
///
/// Each kind of report of the engine has an initializer beside its JSON and its text; they are pure, so that what is printed is
/// decided by the report alone.
public struct Answer: Sendable {
    /// What `--json` prints, by the schemas in docs/schemas.
    public let json: any Encodable & Sendable
    /// The same for people, ended by a line break where it is not empty.
    public let text: String
    /// Words beside the answer, for standard error.
    public var notices: [String]
    /// Success, unless the answer tells of something that was found or refused.
    public let status: ExitStatus

    init(json: any Encodable & Sendable, text: String, notices: [String] = [], status: ExitStatus = .success) {
        self.json = json
        self.text = text
        self.notices = notices
        self.status = status
    }

    /// The text of `json`, as it is printed.
    ///
    /// - Throws: `EncodingError` where a value has no JSON.
    public func jsonText() throws -> String { try JSONText.pages(of: json) }
}
