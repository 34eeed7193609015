import GitOpsTypes

/// Finds the markers of a file that is no YAML. Its lines are read as `key = value`, `"key": "value"`, `KEY=value` or `word value`; what cannot be
/// read as one value is several.
struct TextMarkers {
    private let bytes: [UInt8]
    private let isCode: Bool
    /// Endings of files in which a comment may follow anything.
    private static let code = [".tf", ".tfvars", ".hcl", ".json", ".jsonc", ".json5"]
    /// Words that may stand in front of `KEY=value`.
    private static let introductions: Set<String> = [
        "export", "set", "ENV", "ARG", "LABEL", "local", "readonly", "const", "let", "var",
    ]

    init(_ bytes: [UInt8], path: RepositoryPath) {
        self.bytes = bytes
        isCode = Self.code.contains { path.description.hasSuffix($0) }
    }

    func places() -> [MarkerPlace] {
        guard SetterMarker.mayStand(in: bytes[...]) else { return [] }
        var result: [MarkerPlace] = []
        var context = TextLine.Context.code
        for (number, slice) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let line = TextLine(slice.indices, of: bytes, in: context, isCode: isCode)
            context = line.context
            guard let comment = line.comment, SetterMarker.mayStand(in: slice),
                let marker = SetterMarker(comment: slice[comment.text...])
            else { continue }
            let target = target(line, before: comment.sign)
            if marker == .malformed, target == .nothing { continue }
            result.append(MarkerPlace(marker: marker, target: target, line: number + 1))
        }
        return result
    }

    private func target(_ line: TextLine, before sign: Int) -> MarkerPlace.Target {
        let code = line.line.lowerBound..<sign
        let content = bytes[code].trimmed
        if content.isEmpty { return .nothing }
        if line.hasOtherParts { return .several }
        guard let value = line.strings.last else { return word(content) }
        // Nothing but the ends of lists and statements may follow the value, and nothing but its key come before it.
        guard bytes[(value.upperBound + 1)..<sign].allSatisfy({ " \t,;]}".utf8.contains($0) }),
            isKey(code.lowerBound..<(value.lowerBound - 1), Array(line.strings.dropLast()))
        else { return .several }
        return .value(value, String(decoding: bytes[value], as: UTF8.self))
    }

    /// Whether what stands in front of a value is a key, or nothing: `key = `, `"key": `, `- `, `word `.
    private func isKey(_ front: Range<Int>, _ strings: [Range<Int>]) -> Bool {
        guard strings.count <= 1 else { return false }
        var text = String(decoding: bytes[front], as: UTF8.self)
        if let key = strings.first {
            text =
                String(decoding: bytes[front.lowerBound..<(key.lowerBound - 1)], as: UTF8.self) + "k"
                + String(decoding: bytes[(key.upperBound + 1)..<front.upperBound], as: UTF8.self)
            guard text.contains(/[=:]\s*$/) else { return false }
        }
        return text.wholeMatch(of: /[\s\-\[{]*[^=:,;(){}\[\]]*(=>|:=|=|:)?[\s\[{]*/) != nil
    }

    /// The last word, where there are no quotes.
    private func word(_ content: ArraySlice<UInt8>) -> MarkerPlace.Target {
        let separators = " \t,;\r".utf8
        var words = content.split { separators.contains($0) }.filter { word in
            ![[0x3D], [0x3A], [0x2D], [0x3D, 0x3E], [0x3A, 0x3D]].contains(Array(word))
        }
        if words.count > 1, let first = words.first, Self.introductions.contains(String(decoding: first, as: UTF8.self)) {
            words.removeFirst()
        }
        guard var value = words.last else { return .nothing }
        guard words.count <= 2, words.filter({ $0.contains(UInt8(ascii: "=")) }).count <= 1 else { return .several }
        if let equals = value.firstIndex(of: UInt8(ascii: "=")) {
            guard words.count == 1 else { return .several }
            value = value[(equals + 1)...]
        }
        return value.isEmpty ? .nothing : .value(value.indices, String(decoding: value, as: UTF8.self))
    }
}
