/// Puts values into a text where it has `${…}`, with the functions that Flux knows.
///
/// Source: fluxcd/pkg/envsubst, which follows the parameter expansion of bash in part: `${x:-y}` and its kin, `${x/a/b}`, `${x#p}`,
/// `${x%p}`, `${x:1:2}`, `${x,,}`, `${x^^}` and `${#x}`; `$$` is a dollar.
struct VariableSubstitution {
    struct Failure: Error {
        let message: String
    }

    /// What the substitutions of one render may take, about in bytes that are looked at or written: a few values that are put into
    /// each other could fill a machine.
    final class Budget {
        private var left: Int
        private let limit: Int

        init(_ limit: Int = 256 << 20) {
            self.limit = limit
            left = limit
        }

        fileprivate func spend(_ count: Int, times factor: Int = 1) throws(Failure) {
            let (amount, isTooLarge) = count.multipliedReportingOverflow(by: factor)
            guard !isTooLarge, amount <= left else {
                throw Failure(message: "to put them in takes more than \(limit >> 20) MiB, or work for as much")
            }
            left -= amount
        }
    }

    private let characters: [Unicode.Scalar]
    private let variables: [String: String]
    private let budget: Budget

    init(_ text: String, _ variables: [String: String], within budget: Budget = Budget()) {
        characters = Array(text.unicodeScalars)
        self.variables = variables
        self.budget = budget
    }

    func result() throws(Failure) -> String {
        var position = 0
        var result = ""
        while let next = character(position) {
            if next == "$", character(position + 1) == "$" {
                result.unicodeScalars.append("$")
                position += 2
            } else if next == "$", character(position + 1) == "{" {
                position += 2
                result += try value(&position, depth: 0)
            } else {
                result.unicodeScalars.append(next)
                position += 1
            }
        }
        return result
    }

    private func character(_ index: Int) -> Unicode.Scalar? { index < characters.count ? characters[index] : nil }

    private static let maximumDepth = 50

    /// The value of an expression, as it is written into what is around it.
    private func value(_ position: inout Int, depth: Int) throws(Failure) -> String {
        let value = try expression(&position, depth: depth)
        try budget.spend(value.utf8.count)
        return value
    }

    /// What is in the braces, and the closing one.
    private func expression(_ position: inout Int, depth: Int) throws(Failure) -> String {
        guard depth < Self.maximumDepth else { throw Failure(message: "expressions are nested too deeply") }
        if character(position) == "#" {
            position += 1
            let value = variables[try name(&position)] ?? ""
            try close(&position)
            return String(value.utf8.count)
        }
        let value = variables[try name(&position)] ?? ""
        try budget.spend(value.utf8.count + 1)
        switch character(position) {
        case ":": return try defaultOrPart(value, &position, depth)
        case "=":
            position += 1
            return try or(value, &position, depth)
        case ",", "^": return try cased(value, &position)
        case "/": return try replaced(value, &position, depth)
        case "#", "%": return try trimmed(value, &position, depth)
        case nil: throw Failure(message: "a closing brace is missing")
        case _:
            try close(&position)
            return value
        }
    }

    private func name(_ position: inout Int) throws(Failure) -> String {
        let start = position
        while let next = character(position),
            next == "_" || next.properties.isAlphabetic || next.properties.numericType == .decimal
        {
            position += 1
        }
        guard position > start else { throw Failure(message: "a variable has no name, or one that is none") }
        return text(start..<position)
    }

    private func close(_ position: inout Int) throws(Failure) {
        guard character(position) == "}" else { throw Failure(message: "a closing brace is missing") }
        position += 1
    }

    private func text(_ range: Range<Int>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: characters[range])
        return text
    }

    /// Text up to one of `ends` or the end, with the expressions in it.
    ///
    /// - Parameter escapes: whether a backslash before a slash or another one stands for that.
    private func word(
        _ position: inout Int, until ends: Set<Unicode.Scalar>, escapes: Bool = false, _ depth: Int
    ) throws(Failure) -> String {
        var result = ""
        while let next = character(position), !ends.contains(next) {
            if next == "$", character(position + 1) == "{" {
                position += 2
                result += try value(&position, depth: depth + 1)
            } else {
                if escapes, next == "\\", let escaped = character(position + 1), escaped == "/" || escaped == "\\" {
                    position += 1
                }
                if escapes, next == "$", character(position + 1) == "$" { position += 1 }
                guard let taken = character(position) else { break }
                result.unicodeScalars.append(taken)
                position += 1
            }
        }
        return result
    }

    // MARK: Functions

    private func or(_ value: String, _ position: inout Int, _ depth: Int) throws(Failure) -> String {
        let other = try word(&position, until: ["}"], depth)
        try close(&position)
        return value.isEmpty ? other : value
    }

    private func defaultOrPart(_ value: String, _ position: inout Int, _ depth: Int) throws(Failure) -> String {
        position += 1
        if let sign = character(position), "=-?+".unicodeScalars.contains(sign) {
            position += 1
            return try or(value, &position, depth)
        }
        let offset = try word(&position, until: [":", "}"], depth)
        var length: String?
        if character(position) == ":" {
            position += 1
            length = try word(&position, until: ["}"], depth)
        }
        try close(&position)
        return Self.part(of: value, from: offset, length: length)
    }

    /// By bytes, as Go has it; what is no number leaves the value as it is.
    private static func part(of value: String, from offset: String, length: String?) -> String {
        guard var start = Int(offset) else { return value }
        let bytes = Array(value.utf8)
        if start < 0 { start = max(0, bytes.count + start) }
        guard start < bytes.count else { return "" }
        guard let length else { return String(decoding: bytes[start...], as: UTF8.self) }
        guard let count = Int(length), count >= 0 else { return value }
        return String(decoding: bytes[start...].prefix(count), as: UTF8.self)
    }

    private func cased(_ value: String, _ position: inout Int) throws(Failure) -> String {
        let sign = character(position)
        position += 1
        let isAll = character(position) == sign
        if isAll { position += 1 }
        try close(&position)
        let isUpper = sign == "^"
        func changed(_ text: some StringProtocol) -> String { isUpper ? text.uppercased() : text.lowercased() }
        return isAll ? changed(value) : changed(value.prefix(1)) + value.dropFirst()
    }

    private func replaced(_ value: String, _ position: inout Int, _ depth: Int) throws(Failure) -> String {
        position += 1
        var kind: Unicode.Scalar?
        if let sign = character(position), "/#%".unicodeScalars.contains(sign) {
            kind = sign
            position += 1
        }
        let pattern = try word(&position, until: ["/"], escapes: true, depth)
        guard character(position) == "/" else { throw Failure(message: "a replacement has no second slash") }
        position += 1
        let replacement = try word(&position, until: ["}"], escapes: true, depth)
        try close(&position)
        switch kind {
        case "/":
            try budget.spend(value.ranges(of: pattern).count, times: replacement.utf8.count)
            return value.replacing(pattern, with: replacement)
        case "#": return value.hasPrefix(pattern) ? replacement + value.dropFirst(pattern.count) : value
        case "%": return value.hasSuffix(pattern) ? value.dropLast(pattern.count) + replacement : value
        case _: return value.replacing(pattern, with: replacement, maxReplacements: 1)
        }
    }

    private func trimmed(_ value: String, _ position: inout Int, _ depth: Int) throws(Failure) -> String {
        guard let sign = character(position) else { return value }
        position += 1
        let isLongest = character(position) == sign
        if isLongest { position += 1 }
        let pattern = try word(&position, until: ["}"], depth)
        try close(&position)
        try budget.spend(value.utf8.count, times: 8 * (pattern.utf8.count + 1))
        let glob = PathGlob(Array(sign == "%" ? String(pattern.reversed()) : pattern))
        let text = sign == "%" ? String(value.reversed()) : value
        let lengths = glob.lengths(ofPrefixesOf: text[...]).filter { $0 > 0 }
        let length = (isLongest ? lengths.last : lengths.first) ?? 0
        let rest = String(text.dropFirst(length))
        return sign == "%" ? String(rest.reversed()) : rest
    }
}
