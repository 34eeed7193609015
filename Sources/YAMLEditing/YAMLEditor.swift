/// Works out byte splices for changes to a YAML text: a value replaced, an entry added or removed, an item appended.
///
/// The splice functions look at how the text around the place is written (block or flow, indentation, line ends, a last
/// line without an end) and follow it. They do not change the text: several splices of one text are applied together, and
/// `apply` reads the result again and compares it with what was meant.
public struct YAMLEditor: Sendable {
    public let file: YAMLFile
    private var bytes: [UInt8] { file.bytes }

    public init(_ file: YAMLFile) {
        self.file = file
    }

    /// The text with `splices` made, once it has been read again and its documents mean exactly `intended`.
    ///
    /// - Throws: `YAMLError.notEditable` when the splices would change something else too, as where the edited value is the
    ///   anchor of aliases elsewhere.
    public func apply(_ splices: [ByteSplice], intended: [YAMLValue]) throws(YAMLError) -> [UInt8] {
        let place = splices.first.map { SourcePosition(of: $0.range.lowerBound, in: bytes) }
        guard let result = bytes.applying(splices) else {
            throw YAMLError(.notEditable, "two edits meet here; please edit it by hand", at: place)
        }
        let reread: YAMLFile
        do {
            reread = try YAMLFile(result)
        } catch {
            throw YAMLError(
                .notEditable, "this cannot be edited without breaking the file (\(error.message)); please edit it by hand",
                at: place)
        }
        guard reread.documents.map(YAMLValue.init) == intended else {
            throw YAMLError(
                .notEditable, "this cannot be edited without changing another value that shares it; please write it out",
                at: place)
        }
        return result
    }

    /// Replaces the scalar `node` by the string `text`, in its own style.
    public func replaceScalar(_ node: YAMLNode, with text: String) -> ByteSplice {
        guard let scalar = node.scalar, !node.range.isEmpty else {
            // An absent value: `key:` with nothing after the colon.
            let end = node.range.upperBound
            // In braces, `{key: }`, there may be a space already.
            let isSpaced = end < bytes.count && bytes[end] == UInt8(ascii: "}") && bytes[end - 1] == UInt8(ascii: " ")
            return .insertion(at: end, (isSpaced ? "" : " ") + YAMLScalar.written(text, like: .plain))
        }
        let style = node.isAlias ? .plain : scalar.style
        return ByteSplice(node.range, with: YAMLScalar.written(text, like: style))
    }

    /// Adds `key: text` to the mapping, after its entry `sibling`.
    public func insertEntry(_ key: String, _ text: String, after sibling: YAMLEntry, in mapping: YAMLNode) -> ByteSplice {
        let written = "\(key): \(YAMLScalar.written(text, like: .plain))"
        let end = max(sibling.key.contentEnd, sibling.value.contentEnd)
        switch mapping.layout {
        case .flow:
            return .insertion(at: end, ", " + written)
        case .block:
            return insertLines([indentation(of: sibling.key) + written], afterLineOf: end)
        }
    }

    /// Removes `entry` from the mapping, with its line in block layout. The mapping must have another entry.
    public func removeEntry(_ entry: YAMLEntry, from mapping: YAMLNode) -> ByteSplice {
        let entries = mapping.mapping ?? []
        let index = entries.firstIndex { $0.key.range == entry.key.range } ?? 0
        let end = max(entry.key.contentEnd, entry.value.contentEnd)
        let next = index + 1 < entries.count ? entries[index + 1] : nil
        switch mapping.layout {
        case .flow:
            if index > 0 {
                let previous = entries[index - 1]
                return ByteSplice(max(previous.key.contentEnd, previous.value.contentEnd)..<end, with: "")
            }
            return ByteSplice(propertiesStart(of: entry.key)..<(next.map { propertiesStart(of: $0.key) } ?? end), with: "")
        case .block:
            let keyStart = propertiesStart(of: entry.key)
            let lineStart = startOfLine(keyStart)
            if bytes[lineStart..<keyStart].allSatisfy({ $0 == UInt8(ascii: " ") }) {
                let after = endOfLine(end, includingBreak: true)
                if after == bytes.count, !endsWithLineBreak, lineStart > 0 {
                    // The last line goes, and it had no end: the line before it loses its own.
                    return ByteSplice(lineBreakStart(before: lineStart)..<after, with: "")
                }
                return ByteSplice(lineStart..<after, with: "")
            }
            // The entry shares its line with the dash of a list item: the next entry takes its place there.
            if let next {
                let nextStart = propertiesStart(of: next.key)
                if bytes[endOfLine(end, includingBreak: true)..<nextStart].allSatisfy({ $0 == UInt8(ascii: " ") }) {
                    return ByteSplice(keyStart..<nextStart, with: "")
                }
            }
            return ByteSplice(keyStart..<end, with: "")
        }
    }

    /// Appends a mapping of strings to the sequence that is the value of `entry`, in the sequence's own indentation.
    ///
    /// `style` is another list of the file, whose indentation is followed where this one has no item yet.
    public func appendItem(
        _ item: [(key: String, text: String)], toSequenceOf entry: YAMLEntry, like style: YAMLNode?
    ) throws(YAMLError) -> ByteSplice {
        let node = entry.value
        if node.isAlias {
            throw YAMLError(
                .notEditable, "the list is an alias of another; please write it out", at: file.position(of: node))
        }
        let flow = Self.flowMapping(item)
        if node.isNull {
            let keyIndentation = indentation(of: entry.key)
            let lines = itemLines(item, indentation: keyIndentation + self.itemIndentation(like: style), spacing: " ")
            if node.range.isEmpty { return insertLines(lines, afterLineOf: max(entry.key.contentEnd, node.range.upperBound)) }
            return ByteSplice(node.range, with: "[\(flow)]")
        }
        guard let items = node.sequence else {
            throw YAMLError(.notEditable, "this must be a list", at: file.position(of: node))
        }
        if node.layout == .flow {
            if let last = items.last { return .insertion(at: last.contentEnd, ", " + flow) }
            return .insertion(at: node.range.lowerBound + 1, flow)
        }
        guard let last = items.last else { return .insertion(at: node.range.upperBound, " [\(flow)]") }
        let dash = self.dash(before: last)
        let itemStart = last.isAlias ? last.range.lowerBound : propertiesStart(of: last)
        let sameLine = startOfLine(itemStart) == startOfLine(dash)
        let spacing = String(repeating: " ", count: sameLine ? max(1, itemStart - dash - 1) : 1)
        return insertLines(
            itemLines(item, indentation: columnIndentation(at: dash), spacing: spacing), afterLineOf: last.contentEnd)
    }

    /// Adds `key:` with a list of one item to the end of the document's mapping, or to an empty text.
    public func appendList(
        _ key: String, item: [(key: String, text: String)], to document: YAMLNode?, like style: YAMLNode?
    ) throws(YAMLError) -> ByteSplice {
        let lines = ["\(key):"] + itemLines(item, indentation: itemIndentation(like: style), spacing: " ")
        guard let document else { return appendDocument(lines) }
        guard let entries = document.mapping, !document.isAlias else {
            throw YAMLError(.notEditable, "the file must be a mapping", at: file.position(of: document))
        }
        let flow = "\(key): [\(Self.flowMapping(item))]"
        guard let last = entries.last else { return .insertion(at: document.range.lowerBound + 1, flow) }
        let end = max(last.key.contentEnd, last.value.contentEnd)
        if document.layout == .flow { return .insertion(at: end, ", " + flow) }
        let indentation = indentation(of: entries[0].key)
        return insertLines(lines.map { indentation + $0 }, afterLineOf: end)
    }

    // MARK: Lines

    private func itemLines(_ item: [(key: String, text: String)], indentation: String, spacing: String) -> [String] {
        item.enumerated().map { index, pair in
            let lead = index == 0 ? "-" + spacing : " " + String(repeating: " ", count: spacing.utf8.count)
            return "\(indentation)\(lead)\(pair.key): \(YAMLScalar.written(pair.text, like: .plain))"
        }
    }

    private static func flowMapping(_ item: [(key: String, text: String)]) -> String {
        "{"
            + item.map { "\($0.key): \(YAMLScalar.written($0.text, like: .plain))" }.joined(separator: ", ") + "}"
    }

    /// Adds whole lines to the end of a text that has no document.
    func appendDocument(_ lines: [String]) -> ByteSplice {
        let lineBreak = lineBreak(near: bytes.count)
        let start = bytes.isEmpty || endsWithLineBreak ? "" : lineBreak
        return .insertion(at: bytes.count, start + lines.joined(separator: lineBreak) + lineBreak)
    }

    /// Inserts whole lines below the line that holds the byte before `offset`.
    func insertLines(_ lines: [String], afterLineOf offset: Int) -> ByteSplice {
        let end = endOfLine(offset, includingBreak: false)
        let lineBreak = lineBreak(near: end)
        return .insertion(at: end, lines.map { lineBreak + $0 }.joined())
    }

    /// The spaces before the first dash of the block list `style`, relative to its key; none by default, as
    /// `kustomize edit` writes.
    private func itemIndentation(like style: YAMLNode?) -> String {
        guard let style, style.layout == .block, !style.isAlias, let first = style.sequence?.first else { return "" }
        return columnIndentation(at: dash(before: first))
    }

    /// Spaces up to the column of `key`.
    func indentation(of key: YAMLNode) -> String {
        columnIndentation(at: propertiesStart(of: key))
    }

    private func columnIndentation(at offset: Int) -> String {
        let start = startOfLine(offset)
        return String(repeating: " ", count: String(decoding: bytes[start..<offset], as: UTF8.self).unicodeScalars.count)
    }

    /// The dash of the block item `item`: the last one before it that is followed by white space.
    private func dash(before item: YAMLNode) -> Int {
        var index = item.isAlias ? item.range.lowerBound - 1 : propertiesStart(of: item) - 1
        while index > 0 {
            if bytes[index] == UInt8(ascii: "-"), index + 1 == bytes.count || bytes[index + 1].isWhitespace,
                bytes[startOfLine(index)..<index].allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "-") })
            {
                return index
            }
            index -= 1
        }
        return max(0, index)
    }

    /// Where the node begins, its anchor and tag included.
    private func propertiesStart(of node: YAMLNode) -> Int {
        guard node.anchor != nil || node.tag != nil, !node.isAlias else { return node.range.lowerBound }
        var index = node.range.lowerBound
        let lineStart = startOfLine(index)
        while index > lineStart {
            var start = index - 1
            while start > lineStart, bytes[start].isWhitespace { start -= 1 }
            while start > lineStart, !bytes[start - 1].isWhitespace { start -= 1 }
            guard bytes[start] == UInt8(ascii: "&") || bytes[start] == UInt8(ascii: "!") else { break }
            index = start
        }
        return index
    }

    private func startOfLine(_ offset: Int) -> Int {
        var index = offset
        let first = bytes.starts(with: utf8ByteOrderMark) ? utf8ByteOrderMark.count : 0
        while index > first, bytes[index - 1] != UInt8(ascii: "\n"), bytes[index - 1] != UInt8(ascii: "\r") { index -= 1 }
        return index
    }

    /// The line end (LF, CRLF or CR) that the line beginning at `lineStart` follows.
    private func lineBreakStart(before lineStart: Int) -> Int {
        let last = lineStart - 1
        let isPair = last > 0 && bytes[last] == UInt8(ascii: "\n") && bytes[last - 1] == UInt8(ascii: "\r")
        return isPair ? last - 1 : last
    }

    private func endOfLine(_ offset: Int, includingBreak: Bool) -> Int {
        var index = offset
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n"), bytes[index] != UInt8(ascii: "\r") { index += 1 }
        guard includingBreak, index < bytes.count else { return index }
        if bytes[index] == UInt8(ascii: "\r"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\n") { index += 1 }
        return index + 1
    }

    private var endsWithLineBreak: Bool {
        bytes.last == UInt8(ascii: "\n") || bytes.last == UInt8(ascii: "\r")
    }

    /// The line end in use: that of the line at `offset`, or of the file's first line.
    private func lineBreak(near offset: Int) -> String {
        func read(_ index: Int) -> String? {
            guard index < bytes.count else { return nil }
            if bytes[index] == UInt8(ascii: "\n") { return "\n" }
            return index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n") ? "\r\n" : "\r"
        }
        return read(endOfLine(offset, includingBreak: false)) ?? read(endOfLine(0, includingBreak: false)) ?? "\n"
    }
}
