/// Which tags are looked at, and what of them is compared.
///
/// The pattern is searched for anywhere in the tag. The template names groups of it: `$ts`, `${ts}`, `$1`; without one, the
/// whole tag is compared.
///
/// Source: Flux, ImagePolicy `filterTags`; Go, `Regexp.Expand`.
public struct TagFilter: Hashable, Sendable {
    public let pattern: String
    public let extract: String?

    private enum Part: Hashable {
        case text(String)
        case group(String)
    }

    private let template: [Part]?

    /// Nil when the pattern is no regular expression.
    public init?(pattern: String, extract: String?) {
        guard Self.expression(pattern) != nil else { return nil }
        self.pattern = pattern
        self.extract = extract.flatMap { $0.isEmpty ? nil : $0 }
        template = self.extract.map(Self.parts)
    }

    private static func expression(_ pattern: String) -> Regex<AnyRegexOutput>? {
        // What is no expression is nil.
        try? Regex(pattern)
    }

    /// What to compare of a tag; nil where it does not match.
    func value(of tag: String) -> String? { values(of: [tag]).first?.value }

    /// What to compare of each tag that matches.
    func values(of tags: [String]) -> [(tag: String, value: String)] {
        guard let expression = Self.expression(pattern) else { return [] }
        return tags.compactMap { tag in
            // A tag on which the expression gives up does not match.
            guard let match = try? expression.firstMatch(in: tag) else { return nil }
            guard let template else { return (tag, tag) }
            let value = template.map { part in
                switch part {
                case .text(let text): text
                case .group(let name): Self.group(name, match)
                }
            }.joined()
            return (tag, value)
        }
    }

    private static func group(_ name: String, _ match: Regex<AnyRegexOutput>.Match) -> String {
        if let index = Int(name) {
            return match.output.indices.contains(index) ? match.output[index].substring.map(String.init) ?? "" : ""
        }
        return match.output.first { $0.name == name }?.substring.map(String.init) ?? ""
    }

    /// `$name` takes as many letters, digits and underscores as there are; `$$` is a dollar sign.
    private static func parts(_ template: String) -> [Part] {
        var parts: [Part] = []
        var rest = template[...]
        while let dollar = rest.firstIndex(of: "$") {
            if dollar > rest.startIndex { parts.append(.text(String(rest[..<dollar]))) }
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                parts.append(.text("$"))
                rest = rest.dropFirst()
            } else if rest.first == "{", let end = rest.firstIndex(of: "}") {
                parts.append(.group(String(rest[rest.index(after: rest.startIndex)..<end])))
                rest = rest[rest.index(after: end)...]
            } else {
                let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
                parts.append(name.isEmpty ? .text("$") : .group(String(name)))
                rest = rest[name.endIndex...]
            }
        }
        return rest.isEmpty ? parts : parts + [.text(String(rest))]
    }
}
