/// A line of a file that is no YAML, taken apart: where its comment begins, and the quoted texts in front of it.
///
/// Known are comments with `#`, `//`, `/* */` and `<!-- -->`, those of whole lines with `;`, `!`, `%` and `-- `, texts in single, double and
/// triple quotes, and HCL's here documents.
struct TextLine {
    /// Of the bytes between quotes.
    private(set) var strings: [Range<Int>] = []
    /// Where the sign of the comment is, and the text behind it; nil where the line has none that ends with it.
    private(set) var comment: (sign: Int, text: Int)?
    /// Whether a part in front of it is a comment of its own, or belongs to a text of several lines.
    private(set) var hasOtherParts = false

    /// What lines leave open for those behind them.
    enum Context: Hashable {
        case code
        /// In something that these bytes end: a comment, or a text of several lines.
        case until([UInt8])
        /// In a here document, which a line with this word ends.
        case hereDocument([UInt8])
    }

    private let bytes: [UInt8]
    let line: Range<Int>
    private var index: Int
    private(set) var context: Context
    /// Whether a comment needs no space in front of it.
    private let isCode: Bool

    /// - Parameter isCode: whether the file is in a language in which a comment may follow anything.
    init(_ line: Range<Int>, of bytes: [UInt8], in context: Context, isCode: Bool) {
        self.bytes = bytes
        self.line = line
        self.context = context
        self.isCode = isCode
        index = line.lowerBound
        read()
    }

    private mutating func read() {
        if case .hereDocument(let word) = context {
            if bytes[line].trimmed.elementsEqual(word) { context = .code }
            return
        }
        if context == .code, isCommentLine { return }
        while index < line.upperBound, comment == nil {
            if case .until(let end) = context {
                hasOtherParts = true
                guard let found = position(of: end, from: index) else { return }
                index = found + end.count
                context = .code
            } else {
                readCode()
            }
        }
    }

    private var isCommentLine: Bool {
        let text = bytes[line].trimmed
        guard let first = text.first else { return false }
        return [UInt8(ascii: ";"), UInt8(ascii: "!"), UInt8(ascii: "%")].contains(first) || text.starts(with: "-- ".utf8)
    }

    private mutating func readCode() {
        switch bytes[index] {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): readString(bytes[index])
        case UInt8(ascii: "#") where mayBegin: comment = (index, index + 1)
        case UInt8(ascii: "/") where mayBegin && has("//"): comment = (index, index + 2)
        case UInt8(ascii: "/") where mayBegin && has("/*"): open("*/", 2)
        case UInt8(ascii: "<") where has("<!--"): open("-->", 4)
        case UInt8(ascii: "<") where has("<<"): readHereDocument()
        default: index += 1
        }
    }

    private mutating func open(_ end: String, _ length: Int) {
        context = .until(Array(end.utf8))
        index += length
    }

    /// Whether a comment may begin here: in other languages than those of code, `#` and `//` may stand in a word.
    private var mayBegin: Bool {
        guard !isCode, index > line.lowerBound else { return true }
        return " \t\"',;)]}".utf8.contains(bytes[index - 1])
    }

    private mutating func readString(_ quote: UInt8) {
        let triple = [quote, quote, quote]
        if bytes[index..<line.upperBound].starts(with: triple) {
            context = .until(triple)
            index += 3
            return
        }
        // An apostrophe in a word is no quote.
        let isInWord = quote == UInt8(ascii: "'") && index > line.lowerBound && bytes[index - 1].isWord
        guard !isInWord, let end = end(ofStringFrom: index + 1, quote) else {
            index += 1
            return
        }
        strings.append(index + 1..<end)
        index = end + 1
    }

    private func end(ofStringFrom start: Int, _ quote: UInt8) -> Int? {
        var index = start
        while index < line.upperBound, bytes[index] != quote {
            index += bytes[index] == UInt8(ascii: "\\") && quote == UInt8(ascii: "\"") ? 2 : 1
        }
        return index < line.upperBound ? index : nil
    }

    /// `<<EOT` and `<<-EOT` at the end of a line.
    private mutating func readHereDocument() {
        var word = bytes[(index + 2)..<line.upperBound].trimmed
        if word.first == UInt8(ascii: "-") { word = word.dropFirst() }
        index += 2
        guard let first = word.first, first.isWord, word.allSatisfy(\.isWord) else { return }
        context = .hereDocument(Array(word))
        index = line.upperBound
    }

    private func has(_ text: String) -> Bool { bytes[index..<line.upperBound].starts(with: text.utf8) }

    private func position(of sought: [UInt8], from start: Int) -> Int? {
        (start..<max(start, line.upperBound)).first { bytes[$0..<line.upperBound].starts(with: sought) }
    }
}

extension ArraySlice<UInt8> {
    /// Without blanks around it.
    var trimmed: ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        guard let last = lastIndex(where: { !isBlank($0) }) else { return [] }
        return self[...last].drop(while: isBlank)
    }
}

extension UInt8 {
    /// Whether a word of a language may have it.
    fileprivate var isWord: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) || self == UInt8(ascii: "_")
    }
}
