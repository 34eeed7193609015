/// A text with `{environment}` and `{application}` to be filled in: `web-{environment}`.
public struct NameTemplate: Hashable, Sendable {
    public let text: String

    /// Nil when it has another placeholder.
    public init?(_ text: String) {
        guard let parts = Self.parts(of: text) else { return nil }
        self.text = text
        self.parts = parts
    }

    var hasEnvironment: Bool { parts.contains(.environment) }
    var hasApplication: Bool { parts.contains(.application) }

    func text(application: ApplicationName, environment: EnvironmentName) -> String { fill(application.text, environment.text) }

    private enum Part: Hashable {
        case text(String)
        case application
        case environment
    }

    private let parts: [Part]

    /// Nil for braces that are no known placeholder.
    private static func parts(of text: String) -> [Part]? {
        var parts: [Part] = []
        var rest = text.utf8[...]
        while !rest.isEmpty {
            let plain = rest.prefix { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "}") }
            if !plain.isEmpty { parts.append(.text(String(Substring(plain)))) }
            rest = rest[plain.endIndex...]
            guard !rest.isEmpty else { break }
            guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else { return nil }
            switch String(Substring(rest[...end])) {
            case "{application}": parts.append(.application)
            case "{environment}": parts.append(.environment)
            default: return nil
            }
            rest = rest[rest.index(after: end)...]
        }
        return parts
    }

    func fill(_ application: String, _ environment: String) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .application: result += application
            case .environment: result += environment
            }
        }
        return result
    }
}
