/// A decimal number of any size, compared by its digits: `20260101120000123`, `-3`, `1.50`.
struct DecimalNumber: Hashable, Comparable {
    private let isNegative: Bool
    private let whole: SemanticVersion.Digits
    /// Without zeros at its end.
    private let fraction: [UInt8]

    init?(_ text: String) {
        var rest = text[...]
        var sign = false
        if let first = rest.first, "+-".contains(first) {
            sign = first == "-"
            rest = rest.dropFirst()
        }
        let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let whole = SemanticVersion.Digits(first, allowingZeros: true) else { return nil }
        let digits = parts.count == 2 ? Array(parts[1].utf8) : []
        guard parts.count == 1 || !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let zeros = digits.reversed().prefix { $0 == 0x30 }.count
        let fraction = Array(digits.dropLast(zeros))
        self.whole = whole
        self.fraction = fraction
        // There is one zero.
        isNegative = sign && !(whole == .zero && fraction.isEmpty)
    }

    static func < (left: DecimalNumber, right: DecimalNumber) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        let (one, two) = left.isNegative ? (right, left) : (left, right)
        return one.whole == two.whole ? one.fraction.lexicographicallyPrecedes(two.fraction) : one.whole < two.whole
    }
}
