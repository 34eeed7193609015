import Foundation

/// A text that must not be seen: a token, a password. Whatever prints it prints that something is hidden, and wherever it comes
/// back in words of others, `Redaction` knows it.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    /// Nil where there is nothing to hide.
    public init?(_ text: String?) {
        guard let text, !text.isEmpty else { return nil }
        self.text = text
        Redaction.remember(text)
    }

    private init(known text: String) {
        self.text = text
        Redaction.remember(text)
    }

    /// What HTTP's basic authentication makes of a name and a password.
    ///
    /// Source: RFC 7617.
    public static func basic(user: String, password: Secret) -> Secret {
        Secret(known: Data("\(user):\(password.text)".utf8).base64EncodedString())
    }

    /// For the one place that sends it.
    public func reveal() -> String { text }

    public var description: String { Redaction.placeholder }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
