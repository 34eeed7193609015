/// A file that belongs to an application in an environment though no rendering reads it: `terraform/{environment}.tfvars`.
public struct PromotedFile: Hashable, Sendable {
    public let path: PathTemplate
    /// Values that are promoted without a marker behind them, in JSON or YAML.
    public let values: [JSONPointer: ImageField]

    public init(path: PathTemplate, values: [JSONPointer: ImageField] = [:]) {
        self.path = path
        self.values = values
    }
}

/// The place of a value in a document: `/images/0/digest`.
///
/// Source: RFC 6901.
public struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    public let steps: [String]
    public let description: String

    /// Nil for what is no pointer, and for that to a whole document.
    public init?(_ text: String) {
        guard text.hasPrefix("/") else { return nil }
        var steps: [String] = []
        for step in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            // What a `~` stands for is told by the next character, and by nothing else.
            guard
                step.split(separator: "~", omittingEmptySubsequences: false).dropFirst()
                    .allSatisfy({ $0.first == "0" || $0.first == "1" })
            else { return nil }
            steps.append(String(step.replacing("~1", with: "/").replacing("~0", with: "~")))
        }
        self.steps = steps
        description = text
    }
}
