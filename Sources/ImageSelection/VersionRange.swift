/// Which versions are wanted: `>=1.2 <2 || ^3.1`, `1.2.x`, `~1.4.0`, `1.2 - 1.4`.
///
/// Pre-releases are wanted only by a group that names one, as `>=1.0.0-0` does.
///
/// Source: Masterminds/semver 3, "Checking Version Constraints", whose language Flux's ImagePolicy speaks.
public struct VersionRange: Hashable, Sendable {
    public let text: String
    /// One of them has to hold; within a group, everything.
    private let groups: [Group]

    private struct Group: Hashable {
        let comparisons: [Comparison]
        let wantsPrereleases: Bool
    }

    fileprivate struct Comparison: Hashable {
        enum Operator: String, CaseIterable {
            case notEqual = "!="
            case notLess = ">="
            case equalOrGreater = "=>"
            case notGreater = "<="
            case equalOrLess = "=<"
            case tildeGreater = "~>"
            case equal = "="
            case greater = ">"
            case less = "<"
            case tilde = "~"
            case caret = "^"
        }

        let test: Operator
        /// With zeros for what is not given.
        let version: SemanticVersion
        /// Numbers that are given: 0 for `*`.
        let depth: Int
    }

    /// Nil when the text is no range.
    public init?(_ text: String) {
        self.text = text
        var groups: [Group] = []
        for part in Self.alternatives(text) {
            guard let comparisons = Self.comparisons(part), !comparisons.isEmpty else { return nil }
            groups.append(
                Group(
                    comparisons: comparisons,
                    wantsPrereleases: comparisons.contains { !$0.version.prerelease.isEmpty }))
        }
        guard !groups.isEmpty else { return nil }
        self.groups = groups
    }

    private static func alternatives(_ text: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = text[...]
        while let bar = rest.firstRange(of: "||") {
            parts.append(rest[..<bar.lowerBound])
            rest = rest[bar.upperBound...]
        }
        return parts + [rest]
    }

    private static func comparisons(_ text: Substring) -> [Comparison]? {
        // `1.2 - 1.4`: a hyphen between spaces.
        if let hyphen = text.firstRange(of: " - ") {
            guard let low = comparison(">=" + trimmed(text[..<hyphen.lowerBound])),
                let high = comparison("<=" + trimmed(text[hyphen.upperBound...]))
            else { return nil }
            return [low, high]
        }
        var comparisons: [Comparison] = []
        var pending = ""
        for word in text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\t" }) {
            // An operator may stand apart from its version.
            if word.allSatisfy({ "!=<>~^".contains($0) }) {
                guard pending.isEmpty else { return nil }
                pending = String(word)
                continue
            }
            guard let comparison = comparison(pending + word) else { return nil }
            pending = ""
            comparisons.append(comparison)
        }
        return pending.isEmpty ? comparisons : nil
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    private static func comparison(_ text: String) -> Comparison? {
        let sign = Comparison.Operator.allCases.first { text.hasPrefix($0.rawValue) }
        var rest = text.dropFirst(sign?.rawValue.count ?? 0)
        if rest.first == "v" { rest = rest.dropFirst() }
        let plus = rest.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let dash = (plus.first ?? "").split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let prerelease = SemanticVersion.identifiers(dash.dropFirst().first, areStrict: true), let numbers = dash.first
        else { return nil }
        var given: [SemanticVersion.Digits] = []
        var isWild = false
        for part in numbers.split(separator: ".", omittingEmptySubsequences: false) {
            if ["x", "X", "*"].contains(part) {
                isWild = true
            } else if let digits = SemanticVersion.Digits(part, allowingZeros: true), !isWild {
                given.append(digits)
            } else {
                return nil
            }
        }
        guard given.count <= 3, !given.isEmpty || isWild, given.count == 3 || prerelease.isEmpty else { return nil }
        func number(_ index: Int) -> SemanticVersion.Digits { given.indices.contains(index) ? given[index] : .zero }
        let version = SemanticVersion(major: number(0), minor: number(1), patch: number(2), prerelease: prerelease)
        return Comparison(test: sign ?? .equal, version: version, depth: given.count)
    }

    public func contains(_ version: SemanticVersion) -> Bool {
        groups.contains { group in
            (version.prerelease.isEmpty || group.wantsPrereleases) && group.comparisons.allSatisfy { $0.holds(version) }
        }
    }
}

extension VersionRange.Comparison {
    func holds(_ other: SemanticVersion) -> Bool {
        switch test {
        case .equal: depth == 3 ? other.order(version) == 0 : isBelow(depth, other)
        case .notEqual: depth == 3 ? other.order(version) != 0 : !isBelow(depth, other)
        case .greater: depth == 3 ? version.precedes(other) : !other.precedes(version) && !isBelow(depth, other)
        case .notLess, .equalOrGreater: !other.precedes(version)
        case .less: other.precedes(version)
        case .notGreater, .equalOrLess: !version.precedes(other) || isBelow(depth, other) && depth < 3
        case .tilde, .tildeGreater: !other.precedes(version) && isBelow(min(depth, 2), other)
        case .caret: !other.precedes(version) && isBelow(caretDepth, other)
        }
    }

    /// Whether the first numbers are the same.
    private func isBelow(_ depth: Int, _ other: SemanticVersion) -> Bool {
        let (mine, others) = ([version.major, version.minor, version.patch], [other.major, other.minor, other.patch])
        return mine.prefix(depth) == others.prefix(depth)
    }

    /// Up to the first number that is not zero, of those that are given.
    private var caretDepth: Int {
        let numbers = [version.major, version.minor, version.patch]
        let first = numbers.prefix(depth).firstIndex { $0 != .zero }
        return first.map { $0 + 1 } ?? depth
    }
}
