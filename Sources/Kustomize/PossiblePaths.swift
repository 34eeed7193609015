import GitOpsTypes
import YAMLEditing

/// The words of a file that could be paths, whatever the file is and in whatever place they stand: for what is not rendered, and so
/// not understood either. Rather too many than too few.
public enum PossiblePaths {
    /// - Returns: nil where there are too many to look at.
    public static func words(of bytes: [UInt8]) -> Set<String>? {
        var words = plainWords(of: bytes[...])
        guard words.count <= maximumWords else { return nil }
        // As YAML has them: with spaces, folded, written with escapes. What cannot be read as YAML has its plain words.
        if let file = try? YAMLFile(bytes) { add(textsOf: file.documents, to: &words, depth: 0) }
        return words.count <= maximumWords ? words : nil
    }

    private static let maximumWords = 100_000
    private static let maximumDepth = 4

    private static func add(textsOf nodes: [YAMLNode], to words: inout Set<String>, depth: Int) {
        var nodes = nodes
        while let node = nodes.popLast() {
            nodes += node.sequence ?? []
            for entry in node.mapping ?? [] { nodes += [entry.key, entry.value] }
            guard let text = node.scalar?.text else { continue }
            add(text, to: &words, depth: depth)
        }
    }

    private static func add(_ text: String, to words: inout Set<String>, depth: Int) {
        words.formUnion(plainWords(of: Array(text.utf8)[...]))
        let isOneLine = !text.utf8.contains(UInt8(ascii: "\n"))
        if isOneLine {
            words.insert(text)
            // `key=path`, as generators have it.
            if let equals = text.firstIndex(of: "=") { words.insert(String(text[text.index(after: equals)...])) }
        }
        // A configuration within one, as of plugins, patches and functions.
        guard depth < maximumDepth, !isOneLine || text.contains(": ") || text.hasPrefix("{") || text.hasPrefix("["),
            let file = try? YAMLFile(Array(text.utf8))
        else { return }
        add(textsOf: file.documents.filter { $0.scalar == nil }, to: &words, depth: depth + 1)
    }

    /// What stands between spaces, quotes, brackets and the like. One that ends with a full stop or a colon, as in a sentence, is
    /// taken without it, too.
    private static func plainWords(of bytes: ArraySlice<UInt8>) -> Set<String> {
        var words: Set<String> = []
        for part in bytes.split(whereSeparator: isSeparator) {
            guard words.count <= maximumWords else { break }
            words.insert(String(decoding: part, as: UTF8.self))
            let trimmed = part.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "@") }
            let end = trimmed.reversed().drop { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }.count
            words.insert(String(decoding: trimmed.prefix(end), as: UTF8.self))
        }
        return words
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == 0x7F || separators.contains(byte)
    }

    private static let separators = Set("\"'`,;=()[]{}<>|&$#*!?".utf8)
}
