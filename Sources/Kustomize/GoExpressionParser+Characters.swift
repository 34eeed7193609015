/// Escapes and sets of characters.
extension GoExpressionParser {
    mutating func escape() -> ExpressionTree? {
        position += 1
        guard let next = peek else { return nil }
        switch next {
        case "A": return place(.textStart)
        case "z": return place(.textEnd)
        case "b": return place(.wordBoundary)
        case "B": return place(.noWordBoundary)
        default:
            if let set = escapedClass() { return set.map { .one(folded($0)) } }
            return escapedScalar().map(literal)
        }
    }

    private mutating func place(_ place: ExpressionPlace) -> ExpressionTree {
        position += 1
        return .place(place)
    }

    /// `\d`, `\pL` and their kind, behind the backslash; nil where it is none, nil within for one that is not known.
    private mutating func escapedClass() -> ScalarSet?? {
        guard let next = peek else { return nil }
        var set: ScalarSet
        switch next {
        case "d", "D": set = .digits
        case "s", "S": set = .spaces
        case "w", "W": set = .words
        case "p", "P":
            position += 1
            guard let named = namedCategory() else { return .some(nil) }
            set = named
            if next == "P" { set.isNegated.toggle() }
            return .some(set)
        default: return nil
        }
        position += 1
        if "DSW".unicodeScalars.contains(next) { set.isNegated = true }
        return .some(set)
    }

    private mutating func namedCategory() -> ScalarSet? {
        guard take("{") else {
            guard let next = peek else { return nil }
            position += 1
            return ScalarSet(category: String(next))
        }
        let isNegated = take("^")
        let name = text[position...].prefix { $0 != "}" }
        position += name.count
        guard take("}"), var set = ScalarSet(category: String(String.UnicodeScalarView(name))) else { return nil }
        if isNegated { set.isNegated.toggle() }
        return set
    }

    /// The character that an escape means, behind the backslash.
    private mutating func escapedScalar() -> Unicode.Scalar? {
        guard let next = peek else { return nil }
        position += 1
        switch next {
        case "a": return "\u{7}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{B}"
        case "x": return hexadecimal()
        case "0"..."7":
            // What is no octal number would mean a group.
            guard next == "0" || peek.map({ ("0"..."7").contains($0) }) == true else { return nil }
            var value = next.value - 0x30
            for _ in 0..<2 {
                guard let digit = peek, ("0"..."7").contains(digit) else { break }
                value = value * 8 + digit.value - 0x30
                position += 1
            }
            return Unicode.Scalar(value)
        default: return next.isASCII && !(ScalarSet.isWord(next) && next != "_") ? next : nil
        }
    }

    private mutating func hexadecimal() -> Unicode.Scalar? {
        let isBraced = take("{")
        let digits = text[position...].prefix(isBraced ? 8 : 2).prefix { $0.properties.isASCIIHexDigit }
        guard isBraced ? !digits.isEmpty : digits.count == 2 else { return nil }
        position += digits.count
        guard !isBraced || take("}") else { return nil }
        return UInt32(String(String.UnicodeScalarView(digits)), radix: 16).flatMap(Unicode.Scalar.init)
    }

    // MARK: Sets

    mutating func set() -> ScalarSet? {
        position += 1
        var set = ScalarSet()
        set.isNegated = take("^")
        var isFirst = true
        while isFirst || peek != "]" {
            isFirst = false
            guard peek != nil, insertItem(into: &set) else { return nil }
        }
        position += 1
        return folded(set)
    }

    private mutating func insertItem(into set: inout ScalarSet) -> Bool {
        if take("[:") {
            let isNegated = take("^")
            let name = text[position...].prefix { $0 != ":" }
            position += name.count
            guard take(":]"), var named = ScalarSet(posix: String(String.UnicodeScalarView(name))) else { return false }
            named.isNegated = isNegated
            set.insert(named)
            return true
        }
        if peek == "\\" {
            position += 1
            if let named = escapedClass() {
                guard let named else { return false }
                set.insert(named)
                return true
            }
            position -= 1
        }
        guard let low = setScalar() else { return false }
        guard peek == "-", position + 1 < text.count, text[position + 1] != "]" else {
            set.insert(low.value...low.value)
            return true
        }
        position += 1
        guard let high = setScalar(), low <= high else { return false }
        set.insert(low.value...high.value)
        return true
    }

    private mutating func setScalar() -> Unicode.Scalar? {
        guard let next = peek else { return nil }
        position += 1
        return next == "\\" ? escapedScalar() : next
    }
}
