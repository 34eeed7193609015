import GitOpsTypes

/// A label selector as the Kubernetes API takes it: `a=b,c!=d,e in (x,y),f,!g,h>5`.
///
/// Source: the Kubernetes documentation on labels and selectors, and the grammar of its library: keys are qualified names,
/// values label values.
struct LabelSelector {
    enum Requirement {
        case isIn(String, [String])
        case isNotIn(String, [String])
        case exists(String)
        case isAbsent(String)
        case isGreater(String, Int)
        case isLess(String, Int)
    }

    let requirements: [Requirement]

    init(requirements: [Requirement]) {
        self.requirements = requirements
    }

    /// Nil when the text is no selector.
    init?(_ text: String) {
        var parser = SelectorParser(text)
        guard let requirements = parser.requirements() else { return nil }
        self.requirements = requirements
    }

    func matches(_ node: ManifestNode?) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .isIn(let key, let values): node?[key]?.scalar.map { values.contains($0.text) } ?? false
            case .isNotIn(let key, let values): node?[key]?.scalar.map { !values.contains($0.text) } ?? true
            case .exists(let key): node?[key] != nil
            case .isAbsent(let key): node?[key] == nil
            case .isGreater(let key, let bound): node?[key]?.scalar.flatMap { Int($0.text) }.map { $0 > bound } ?? false
            case .isLess(let key, let bound): node?[key]?.scalar.flatMap { Int($0.text) }.map { $0 < bound } ?? false
            }
        }
    }
}

private struct SelectorParser {
    private enum Token: Equatable {
        case word(String)
        case symbol(String)
    }

    private var tokens: [Token] = []
    private var next = 0
    private static let symbols = ["==", "!=", "=", "!", "(", ")", ",", "<", ">"]

    init(_ text: String) {
        var rest = Substring(text)
        while let first = rest.first {
            if first == " " || first == "\t" || first == "\n" || first == "\r" {
                rest = rest.dropFirst()
            } else if let symbol = Self.symbols.first(where: rest.hasPrefix) {
                tokens.append(.symbol(symbol))
                rest = rest.dropFirst(symbol.count)
            } else {
                let word = rest.prefix { !" \t\n\r=!(),<>".contains($0) }
                tokens.append(.word(String(word)))
                rest = rest.dropFirst(word.count)
            }
        }
    }

    mutating func requirements() -> [LabelSelector.Requirement]? {
        var result: [LabelSelector.Requirement] = []
        guard !tokens.isEmpty else { return result }
        while true {
            guard let requirement = requirement() else { return nil }
            result.append(requirement)
            if next == tokens.count { return result }
            guard take(",") else { return nil }
        }
    }

    private mutating func requirement() -> LabelSelector.Requirement? {
        let isAbsent = take("!")
        guard let key = word(), Self.isKey(key) else { return nil }
        if isAbsent { return .isAbsent(key) }
        guard next < tokens.count, tokens[next] != .symbol(",") else { return .exists(key) }
        let operation = tokens[next]
        next += 1
        switch operation {
        case .word("in"): return values().map { .isIn(key, $0) }
        case .word("notin"): return values().map { .isNotIn(key, $0) }
        case .symbol("="), .symbol("=="): return value().map { .isIn(key, [$0]) }
        case .symbol("!="): return value().map { .isNotIn(key, [$0]) }
        case .symbol(">"): return value().flatMap { Int($0) }.map { .isGreater(key, $0) }
        case .symbol("<"): return value().flatMap { Int($0) }.map { .isLess(key, $0) }
        default: return nil
        }
    }

    /// One value, which may be empty.
    private mutating func value() -> String? {
        guard next < tokens.count, tokens[next] != .symbol(",") else { return "" }
        guard let word = word(), Self.isValue(word) else { return nil }
        return word
    }

    private mutating func values() -> [String]? {
        guard take("(") else { return nil }
        var result: [String] = []
        while true {
            if take(")") { return result.isEmpty ? [""] : result }
            if take(",") {
                result.append("")
                continue
            }
            guard let word = word(), Self.isValue(word) else { return nil }
            result.append(word)
            if take(")") { return result }
            guard take(",") else { return nil }
        }
    }

    private mutating func take(_ symbol: String) -> Bool {
        guard next < tokens.count, tokens[next] == .symbol(symbol) else { return false }
        next += 1
        return true
    }

    private mutating func word() -> String? {
        guard next < tokens.count, case .word(let word) = tokens[next] else { return nil }
        next += 1
        return word
    }

    /// An optional DNS name and a slash, then a name of at most 63 characters.
    private static func isKey(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, !name.isEmpty, isValue(String(name)) else { return false }
        if parts.count == 1 { return true }
        return parts.count == 2 && !parts[0].isEmpty && parts[0].utf8.count <= 253
            && parts[0].utf8.allSatisfy { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0.isAlphanumeric }
    }

    private static func isValue(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last else { return true }
        return bytes.count <= 63 && first.isAlphanumeric && last.isAlphanumeric
            && bytes.allSatisfy { $0.isAlphanumeric || "-_.".utf8.contains($0) }
    }
}
