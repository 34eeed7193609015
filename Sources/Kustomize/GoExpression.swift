/// A regular expression as Go's library takes it: without backtracking, and so without looking ahead or behind.
///
/// Source: the syntax of RE2.
struct GoExpression {
    private let expression: Regex<AnyRegexOutput>

    /// Nil for what is no expression there.
    init?(_ pattern: String) {
        let unknown = ["(?=", "(?!", "(?<=", "(?<!", "(?>", "++", "*+", "?+", "**", "+*", "}*", "}+"]
        guard !unknown.contains(where: pattern.contains) else { return nil }
        do {
            expression = try Regex(pattern.replacing(/\\([pP])([A-Z])/) { "\\\($0.1){\($0.2)}" }).asciiOnlyCharacterClasses()
                .matchingSemantics(.unicodeScalar)
        } catch {
            return nil
        }
    }

    /// Whether the expression is found anywhere in `text`.
    func isFound(in text: String) -> Bool { text.firstMatch(of: expression) != nil }
    func matchesWhole(_ text: String) -> Bool { text.wholeMatch(of: expression) != nil }

    /// Whether `text` means something else as an expression than as itself.
    static func isNeeded(for text: String) -> Bool { text.utf8.contains { "*+?[](){}|^$\\.".utf8.contains($0) } }
}
