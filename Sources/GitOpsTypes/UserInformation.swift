extension String {
    /// The text with the addresses in it, but without the names and passwords in front of their hosts. Where SSH needs the name
    /// it stays, and only the password goes.
    ///
    /// Source: RFC 3986, 3.2.1.
    public var withoutUserInformation: String {
        guard contains("://") else { return self }
        var result = ""
        var rest = self[...]
        while let (before, information, after) = Self.nextUserInformation(in: rest) {
            result += before
            let isSecure = before.hasSuffix("ssh://")
            if isSecure, let user = information.split(separator: ":", omittingEmptySubsequences: false).first {
                result += user + "@"
            }
            rest = after
        }
        return result + rest
    }

    /// The names and passwords in front of the hosts of addresses.
    public var userInformation: [Substring] {
        var found: [Substring] = []
        var rest = self[...]
        while let (_, information, after) = Self.nextUserInformation(in: rest) {
            found.append(information)
            rest = after
        }
        return found
    }

    /// What is before the first user information, itself, and what follows its at sign.
    private static func nextUserInformation(
        in text: Substring
    ) -> (before: Substring, information: Substring, after: Substring)? {
        var start = text.startIndex
        while let mark = text[start...].firstRange(of: "://") {
            let authority = text[mark.upperBound...].prefix { !"/?#'\"<>“”".contains($0) && !$0.isWhitespace }
            if let at = authority.lastIndex(of: "@") {
                return (text[..<mark.upperBound], text[mark.upperBound..<at], text[text.index(after: at)...])
            }
            start = mark.upperBound
        }
        return nil
    }
}
