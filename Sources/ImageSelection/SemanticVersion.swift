/// A version by Semantic Versioning 2.0.0, of any size of number.
///
/// `v` in front is allowed, as in most repositories; everything else is strict: three numbers without leading zeros.
public struct SemanticVersion: Hashable, Sendable, CustomStringConvertible {
    public let major: Digits
    public let minor: Digits
    public let patch: Digits
    /// The identifiers after `-`; empty for a release.
    public let prerelease: [String]
    /// The identifiers after `+`.
    public let build: [String]

    /// A whole number that is not negative, of any length, as its digits without leading zeros.
    public struct Digits: Hashable, Sendable, Comparable, CustomStringConvertible {
        public let description: String

        init?(_ text: some StringProtocol, allowingZeros: Bool = false) {
            guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            let digits = text.drop { $0 == "0" }
            guard allowingZeros || digits.utf8.count == text.utf8.count || text.utf8.count == 1 else { return nil }
            description = digits.isEmpty ? "0" : String(digits)
        }

        /// The next one.
        var successor: Digits {
            var digits = Array(description.utf8)
            var index = digits.count - 1
            while index >= 0, digits[index] == UInt8(ascii: "9") {
                digits[index] = UInt8(ascii: "0")
                index -= 1
            }
            if index >= 0 { digits[index] += 1 } else { digits.insert(UInt8(ascii: "1"), at: 0) }
            return Digits(unchecked: String(decoding: digits, as: UTF8.self))
        }

        static let zero = Digits(unchecked: "0")

        private init(unchecked: String) { description = unchecked }

        public static func < (left: Digits, right: Digits) -> Bool {
            let (one, other) = (left.description.utf8, right.description.utf8)
            return one.count == other.count ? left.description < right.description : one.count < other.count
        }
    }

    public init?(_ text: some StringProtocol) {
        var rest = Substring(text)
        if rest.first == "v" { rest = rest.dropFirst() }
        let plus = rest.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let dash = (plus.first ?? "").split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = (dash.first ?? "").split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, let major = Digits(numbers[0]), let minor = Digits(numbers[1]), let patch = Digits(numbers[2]),
            let prerelease = Self.identifiers(dash.dropFirst().first, areStrict: true),
            let build = Self.identifiers(plus.dropFirst().first, areStrict: false)
        else { return nil }
        self.init(major: major, minor: minor, patch: patch, prerelease: prerelease, build: build)
    }

    init(major: Digits, minor: Digits, patch: Digits, prerelease: [String] = [], build: [String] = []) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.prerelease = prerelease
        self.build = build
    }

    /// Nil for identifiers that are none; empty where there are none.
    static func identifiers(_ text: Substring?, areStrict: Bool) -> [String]? {
        guard let text else { return [] }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let areGood = parts.allSatisfy { part in
            let isNumber = part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            let hasZero = areStrict && isNumber && part.utf8.count > 1 && part.first == "0"
            return !part.isEmpty && !hasZero && part.utf8.allSatisfy { isIdentifierByte($0) }
        }
        return areGood ? parts.map(String.init) : nil
    }

    private static func isIdentifierByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"): true
        default: false
        }
    }

    public var description: String {
        let numbers = "\(major).\(minor).\(patch)"
        return numbers + (prerelease.isEmpty ? "" : "-" + prerelease.joined(separator: "."))
            + (build.isEmpty ? "" : "+" + build.joined(separator: "."))
    }

    /// Which comes first by precedence; equal ones differ in their build metadata at most.
    ///
    /// Source: Semantic Versioning 2.0.0, 11.
    func precedes(_ other: SemanticVersion) -> Bool { order(other) < 0 }

    func order(_ other: SemanticVersion) -> Int {
        for (one, two) in [(major, other.major), (minor, other.minor), (patch, other.patch)] where one != two {
            return one < two ? -1 : 1
        }
        if prerelease.isEmpty || other.prerelease.isEmpty {
            return prerelease.isEmpty == other.prerelease.isEmpty ? 0 : prerelease.isEmpty ? 1 : -1
        }
        return Self.order(prerelease, other.prerelease)
    }

    /// The order of identifiers: numbers before words, numbers by value, a longer list after its beginning.
    static func order(_ left: [String], _ right: [String]) -> Int {
        for (one, two) in zip(left, right) where one != two {
            switch (Digits(one, allowingZeros: true), Digits(two, allowingZeros: true)) {
            case (let one?, let two?): if one != two { return one < two ? -1 : 1 }
            case (_?, nil): return -1
            case (nil, _?): return 1
            case (nil, nil): return Array(one.utf8).lexicographicallyPrecedes(Array(two.utf8)) ? -1 : 1
            }
        }
        return left.count == right.count ? 0 : left.count < right.count ? -1 : 1
    }
}
