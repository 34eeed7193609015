/// Characters that a part of a regular expression stands for.
struct ScalarSet: Sendable {
    private var ranges: [ClosedRange<UInt32>] = []
    private var categories: [(members: Set<Unicode.GeneralCategory>, isNegated: Bool)] = []
    var isNegated = false
    /// Whether letters stand for themselves in either case.
    var foldsCase = false

    init() {}
    init(_ scalar: Unicode.Scalar) { ranges = [scalar.value...scalar.value] }
    init(_ texts: ClosedRange<Unicode.Scalar>...) { ranges = texts.map { $0.lowerBound.value...$0.upperBound.value } }

    static let any: ScalarSet = {
        var result = ScalarSet()
        result.isNegated = true
        return result
    }()
    static let notNewline: ScalarSet = {
        var result = ScalarSet("\n")
        result.isNegated = true
        return result
    }()

    mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }

    mutating func insert(_ other: ScalarSet) {
        guard other.isNegated else {
            ranges += other.ranges
            categories += other.categories
            return
        }
        if let members = other.categories.first {
            categories.append((members.members, !members.isNegated))
        } else {
            insertAll(but: other)
        }
    }

    private mutating func insertAll(but other: ScalarSet) {
        var next: UInt32 = 0
        for range in other.ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { ranges.append(next...(range.lowerBound - 1)) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10FFFF { ranges.append(next...0x10FFFF) }
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        guard foldsCase else { return holds(scalar) != isNegated }
        let properties = scalar.properties
        let cases = [properties.lowercaseMapping, properties.uppercaseMapping].compactMap { text in
            text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
        }
        return (holds(scalar) || cases.contains(where: holds)) != isNegated
    }

    private func holds(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) }
            || categories.contains { $0.members.contains(scalar.properties.generalCategory) != $0.isNegated }
    }

    // MARK: Classes by name

    static let digits = ScalarSet("0"..."9")
    static let words = ScalarSet("0"..."9", "A"..."Z", "_"..."_", "a"..."z")
    static let spaces = ScalarSet("\t"..."\n", "\u{C}"..."\r", " "..." ")

    static func isWord(_ scalar: Unicode.Scalar?) -> Bool { scalar.map(words.contains) ?? false }

    /// `[:alpha:]` and its kind.
    init?(posix name: String) {
        switch name {
        case "alnum": self.init("0"..."9", "A"..."Z", "a"..."z")
        case "alpha": self.init("A"..."Z", "a"..."z")
        case "ascii": self.init("\0"..."\u{7F}")
        case "blank": self.init("\t"..."\t", " "..." ")
        case "cntrl": self.init("\0"..."\u{1F}", "\u{7F}"..."\u{7F}")
        case "digit": self = Self.digits
        case "graph": self.init("!"..."~")
        case "lower": self.init("a"..."z")
        case "print": self.init(" "..."~")
        case "punct": self.init("!"..."/", ":"..."@", "["..."`", "{"..."~")
        case "space": self.init("\t"..."\r", " "..." ")
        case "upper": self.init("A"..."Z")
        case "word": self = Self.words
        case "xdigit": self.init("0"..."9", "A"..."F", "a"..."f")
        default: return nil
        }
    }

    /// `\p{Lu}` and its kind: categories of Unicode, not scripts.
    init?(category name: String) {
        if name == "Any" {
            self = Self.any
            return
        }
        let members = Self.categoryNames.filter { $0.name == name || name.count == 1 && $0.name.hasPrefix(name) }
        guard !members.isEmpty else { return nil }
        self.init()
        categories = [(Set(members.map(\.category)), false)]
    }

    private static let categoryNames: [(name: String, category: Unicode.GeneralCategory)] = [
        ("Lu", .uppercaseLetter), ("Ll", .lowercaseLetter), ("Lt", .titlecaseLetter), ("Lm", .modifierLetter),
        ("Lo", .otherLetter),
        ("Mn", .nonspacingMark), ("Mc", .spacingMark), ("Me", .enclosingMark), ("Nd", .decimalNumber), ("Nl", .letterNumber),
        ("No", .otherNumber), ("Pc", .connectorPunctuation), ("Pd", .dashPunctuation), ("Ps", .openPunctuation),
        ("Pe", .closePunctuation), ("Pi", .initialPunctuation), ("Pf", .finalPunctuation), ("Po", .otherPunctuation),
        ("Sm", .mathSymbol), ("Sc", .currencySymbol), ("Sk", .modifierSymbol), ("So", .otherSymbol), ("Zs", .spaceSeparator),
        ("Zl", .lineSeparator), ("Zp", .paragraphSeparator), ("Cc", .control), ("Cf", .format), ("Co", .privateUse),
        ("Cs", .surrogate),
    ]
}
