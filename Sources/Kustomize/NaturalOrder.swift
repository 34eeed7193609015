import GitOpsTypes

/// The order of mapping keys in printed manifests: letters by code point, runs of digits by their number, and other
/// characters before letters.
///
/// Source: the observed order of `kustomize build`, which is that of Go's yaml: `a2` before `a10`, `Alpha` before `a-b`.
struct NaturalOrder {
    static func precedes(_ left: String, _ right: String) -> Bool {
        let leftBytes = left.utf8
        let rightBytes = right.utf8
        if leftBytes.allSatisfy(\.isLetter), rightBytes.allSatisfy(\.isLetter) {
            return leftBytes.lexicographicallyPrecedes(rightBytes)
        }
        return precedes(Array(left.unicodeScalars), Array(right.unicodeScalars))
    }

    private static func precedes(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Bool {
        guard let index = zip(left, right).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset else {
            return left.count < right.count
        }
        let (first, second) = (left[index], right[index])
        switch (first.isLetter, second.isLetter) {
        case (true, true): return first < second
        case (true, false), (false, true): return second.isLetter
        case (false, false): break
        }
        // The numbers that begin here; a zero inside a longer number must not look like a leading one.
        var seed: Int64 = 0
        if first == "0" || second == "0" {
            var before = index - 1
            while before >= 0, left[before].isDecimalDigit {
                if left[before] != "0" {
                    seed = 1
                    break
                }
                before -= 1
            }
        }
        let (leftNumber, leftEnd) = number(in: left, from: index, seed: seed)
        let (rightNumber, rightEnd) = number(in: right, from: index, seed: seed)
        if leftNumber != rightNumber { return leftNumber < rightNumber }
        if leftEnd != rightEnd { return leftEnd < rightEnd }
        return first < second
    }

    private static func number(in text: [Unicode.Scalar], from start: Int, seed: Int64) -> (Int64, Int) {
        var value = seed
        var index = start
        while index < text.count, text[index].isDecimalDigit {
            value = value &* 10 &+ Int64(text[index].value) &- 0x30
            index += 1
        }
        return (value, index)
    }
}

extension Unicode.Scalar {
    fileprivate var isLetter: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    fileprivate var isDecimalDigit: Bool { properties.generalCategory == .decimalNumber }
}
