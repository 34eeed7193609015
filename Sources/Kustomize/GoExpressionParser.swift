/// Reads a regular expression.
struct GoExpressionParser {
    struct Flags {
        var foldsCase = false
        var isMultiline = false
        var dotIsAny = false
    }

    let text: [Unicode.Scalar]
    var position = 0
    private(set) var flags = Flags()
    private var depth = 0
    private var groups: Set<String> = []
    private static let maximumDepth = 200
    private static let maximumRepetition = 1_000

    init(_ pattern: String) {
        text = Array(pattern.unicodeScalars)
    }

    /// All of the text; nil for what is no expression.
    mutating func expression() -> ExpressionTree? {
        guard let tree = choice(), position == text.count else { return nil }
        return tree
    }

    // MARK: Structure

    private mutating func choice() -> ExpressionTree? {
        guard depth < Self.maximumDepth else { return nil }
        depth += 1
        defer { depth -= 1 }
        var items: [ExpressionTree] = []
        repeat {
            guard let item = sequence() else { return nil }
            items.append(item)
        } while take("|")
        return items.count == 1 ? items[0] : .choice(items)
    }

    private mutating func sequence() -> ExpressionTree? {
        var items: [ExpressionTree] = []
        while let next = peek, next != "|", next != ")" {
            if take(#"\Q"#) {
                quoted(into: &items)
                // What repeats behind it repeats the last character.
                guard let last = items.popLast() else { continue }
                guard let item = repetition(of: last) else { return nil }
                items.append(item)
                continue
            }
            guard let atom = atom() else { return nil }
            // Flags for what follows are no atom.
            guard let atom else { continue }
            guard let item = repetition(of: atom) else { return nil }
            items.append(item)
        }
        return items.count == 1 ? items[0] : .sequence(items)
    }

    /// Up to `\E` or the end.
    private mutating func quoted(into items: inout [ExpressionTree]) {
        while position < text.count, !take(#"\E"#) {
            items.append(literal(text[position]))
            position += 1
        }
    }

    private mutating func repetition(of atom: ExpressionTree) -> ExpressionTree? {
        guard let first = repetitionBounds() else { return nil }
        guard let (least, most) = first else { return atom }
        _ = take("?")
        // No repetition of a repetition.
        guard let second = repetitionBounds(), second == nil else { return nil }
        return .repeated(atom, least, most)
    }

    /// Nil within nil where there is no repetition; nil for one that cannot be.
    private mutating func repetitionBounds() -> (Int, Int?)?? {
        if take("*") { return .some((0, nil)) }
        if take("+") { return .some((1, nil)) }
        if take("?") { return .some((0, 1)) }
        let start = position
        guard take("{"), let least = number() else {
            position = start
            return .some(nil)
        }
        var most: Int? = least
        if take(",") { most = number() }
        guard take("}") else {
            // A brace like any other character.
            position = start
            return .some(nil)
        }
        guard least <= Self.maximumRepetition, (most ?? 0) <= Self.maximumRepetition, most.map({ $0 >= least }) ?? true else {
            return nil
        }
        return .some((least, most))
    }

    private mutating func number() -> Int? {
        let digits = text[position...].prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty, digits.count < 9, digits.count == 1 || digits.first != "0" else { return nil }
        position += digits.count
        return Int(String(String.UnicodeScalarView(digits)))
    }

    /// Nil within nil for flags; nil for what is none.
    private mutating func atom() -> ExpressionTree?? {
        let next = text[position]
        switch next {
        case "(": return group()
        case "[": return set().map { .some(.one($0)) } ?? nil
        case "\\": return escape().map { .some($0) } ?? nil
        case "*", "+", "?": return nil
        case ".":
            position += 1
            return .some(.one(flags.dotIsAny ? .any : .notNewline))
        case "^":
            position += 1
            return .some(.place(flags.isMultiline ? .lineStart : .textStart))
        case "$":
            position += 1
            return .some(.place(flags.isMultiline ? .lineEnd : .textEnd))
        default:
            position += 1
            return .some(literal(next))
        }
    }

    func literal(_ scalar: Unicode.Scalar) -> ExpressionTree { .one(folded(ScalarSet(scalar))) }

    func folded(_ set: ScalarSet) -> ScalarSet {
        var set = set
        set.foldsCase = flags.foldsCase
        return set
    }

    // MARK: Groups

    private mutating func group() -> ExpressionTree?? {
        position += 1
        let outer = flags
        if take("?") {
            if take("P<") || take("<") {
                guard groupName() else { return nil }
            } else {
                guard let isGroup = groupFlags() else { return nil }
                guard isGroup else { return .some(nil) }
            }
        }
        guard let tree = choice(), take(")") else { return nil }
        flags = outer
        return .some(tree)
    }

    private mutating func groupName() -> Bool {
        let name = text[position...].prefix { $0 != ">" }
        position += name.count
        guard take(">"), !name.isEmpty, name.allSatisfy({ ScalarSet.isWord($0) }) else { return false }
        return groups.insert(String(String.UnicodeScalarView(name))).inserted
    }

    /// Whether a group follows the flags, and they are not for all that follows.
    private mutating func groupFlags() -> Bool? {
        var isOn = true
        var hasFlag = false
        while let next = peek {
            position += 1
            switch next {
            case "i": flags.foldsCase = isOn
            case "m": flags.isMultiline = isOn
            case "s": flags.dotIsAny = isOn
            // Which of several matches is preferred makes no difference here.
            case "U": break
            case "-" where isOn:
                isOn = false
                hasFlag = false
                continue
            case ":" where isOn || hasFlag: return true
            case ")" where hasFlag: return false
            default: return nil
            }
            hasFlag = true
        }
        return nil
    }

    // MARK: Reading

    var peek: Unicode.Scalar? { position < text.count ? text[position] : nil }

    mutating func take(_ word: String) -> Bool {
        let scalars = word.unicodeScalars
        guard text[position...].starts(with: scalars) else { return false }
        position += scalars.count
        return true
    }
}
