/// What a registry wants before it answers.
///
/// Source: RFC 9110, 11.6.1; distribution, "Token Authentication Specification".
enum RegistryChallenge: Hashable {
    case basic
    case bearer(realm: String, service: String?, scope: String?)

    /// The first challenge in a `WWW-Authenticate` header that can be met; nil when none can.
    init?(_ header: String) {
        let scheme = header.prefix { $0 != " " }.lowercased()
        let parameters = Self.parameters(header.drop { $0 != " " })
        switch scheme {
        case "basic": self = .basic
        case "bearer":
            guard let realm = parameters["realm"] else { return nil }
            self = .bearer(realm: realm, service: parameters["service"], scope: parameters["scope"])
        default: return nil
        }
    }

    /// `key="value",key=value`; a quoted value may have commas and escaped quotes.
    private static func parameters(_ text: some StringProtocol) -> [String: String] {
        var result: [String: String] = [:]
        var rest = Substring(text)
        while true {
            rest = rest.drop { $0 == " " || $0 == "," }
            let key = rest.prefix { $0 != "=" }
            rest = rest.dropFirst(key.count)
            guard !key.isEmpty, rest.first == "=" else { return result }
            rest = rest.dropFirst()
            var value = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let character = rest.first, character != "\"" {
                    rest = rest.dropFirst()
                    if character == "\\", let escaped = rest.first {
                        value.append(escaped)
                        rest = rest.dropFirst()
                    } else {
                        value.append(character)
                    }
                }
                rest = rest.dropFirst()
            } else {
                let plain = rest.prefix { $0 != "," && $0 != " " }
                value = String(plain)
                rest = rest.dropFirst(plain.count)
            }
            result[key.lowercased()] = value
        }
    }
}
