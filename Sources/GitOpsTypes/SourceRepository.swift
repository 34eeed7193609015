/// A source repository, however its address is written: `git+https://host/a/b.git@refs/heads/main`, `git@host:a/b`,
/// `https://host/a/b` are the same.
public struct SourceRepository: Hashable, Sendable, CustomStringConvertible {
    /// `host/a/b`, in lower case.
    public let description: String

    public init(_ address: String) {
        var text = address.lowercased()[...]
        if let scheme = text.firstRange(of: "://") { text = text[scheme.upperBound...] }
        // What follows a second at sign, or a fragment, is a ref.
        text = text.prefix { $0 != "#" && $0 != "?" }
        if let at = text.firstIndex(of: "@"), !text[..<at].contains("/") { text = text[text.index(after: at)...] }
        if let at = text.firstIndex(of: "@") { text = text[..<at] }
        // `host:a/b`, as SSH writes it, where no port follows the colon.
        if let colon = text.firstIndex(of: ":"), !(text[text.index(after: colon)...].first?.isNumber ?? true) {
            text = text[..<colon] + "/" + text[text.index(after: colon)...]
        }
        while text.hasSuffix("/") { text = text.dropLast() }
        if text.hasSuffix(".git") { text = text.dropLast(4) }
        description = String(text)
    }
}
