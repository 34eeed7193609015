/// The subject of a certificate, as the issuer of the login told the authority.
public struct CertificateIdentity: Hashable, Sendable {
    /// `https://token.actions.githubusercontent.com`
    public let issuer: String
    /// `https://github.com/acme/web/.github/workflows/release.yml@refs/heads/main`, or an address of mail.
    public let subject: String

    public init(issuer: String, subject: String) {
        self.issuer = issuer
        self.subject = subject
    }

    /// Whether this, read as a rule, is about `other`: issuers are the same, and in subjects a `*` is any characters but `/` and
    /// `@`.
    public func includes(_ other: CertificateIdentity) -> Bool {
        issuer == other.issuer && Self.matches(subject[...], other.subject[...])
    }

    private static func matches(_ pattern: Substring, _ text: Substring) -> Bool {
        guard let star = pattern.firstIndex(of: "*") else { return pattern == text }
        guard text.hasPrefix(pattern[..<star]) else { return false }
        let rest = pattern[pattern.index(after: star)...]
        var place = text.index(text.startIndex, offsetBy: pattern.distance(from: pattern.startIndex, to: star))
        while true {
            if matches(rest, text[place...]) { return true }
            guard place < text.endIndex, text[place] != "/", text[place] != "@" else { return false }
            place = text.index(after: place)
        }
    }
}
