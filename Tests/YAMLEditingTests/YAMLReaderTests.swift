import PromoteTestSupport
import Testing
import YAMLEditing

@Suite struct YAMLReaderTests {
    private func read(_ text: String, _ limits: YAMLFile.Limits = .init()) throws -> YAMLFile {
        try YAMLFile(Array(text.utf8), limits: limits)
    }

    /// The bytes of every scalar, in order.
    private func scalars(_ file: YAMLFile) -> [String] {
        func walk(_ node: YAMLNode) -> [String] {
            switch node.content {
            case .scalar: [String(decoding: file.bytes[node.range], as: UTF8.self)]
            case .sequence(let items): items.flatMap(walk)
            case .mapping(let entries): entries.flatMap { walk($0.key) + walk($0.value) }
            }
        }
        return file.documents.flatMap(walk)
    }

    @Test(arguments: ["\n", "\r\n"])
    func `A value's range is its own bytes, whatever stands before it`(_ lineBreak: String) throws {
        let text = [
            "# ü 🚀 \u{2028}", "ключ: \"wért\" # é", "b: &a !!str 'q'", "c: [1, \"日本\", *a]", "d: |", "  blöck", "", "e: >-",
            "  fold", "  ed",
            "f:", "",
        ].joined(separator: lineBreak)
        let file = try read(text)
        #expect(
            scalars(file) == [
                "ключ", "\"wért\"", "b", "'q'", "c", "1", "\"日本\"", "*a", "d", "|\(lineBreak)  blöck", "e",
                ">-\(lineBreak)  fold\(lineBreak)  ed", "f", "",
            ])
    }

    @Test func `A byte order mark is skipped and counted`() throws {
        let file = try read("\u{FEFF}a: é\nb: c\n")
        #expect(scalars(file) == ["a", "é", "b", "c"])
        #expect(file.documents[0]["b"].map { file.position(of: $0) } == SourcePosition(line: 2, column: 4))
    }

    @Test(arguments: [
        ("yes", ScalarKind.string), ("true", .bool), ("~", .null), ("", .null), ("1e3", .float), ("0o7", .int), ("0x1F", .int),
        ("010", .int),
        ("1_000", .int), ("1.20", .float), ("1.2.3", .string), ("2026-11-21", .timestamp), ("-", .string), (".5", .float),
        ("+1", .int),
        ("1e", .string), ("0b101", .int), (".inf", .float), ("sha256:12", .string), ("12e", .string), ("-.inf", .float),
        ("...", .string),
    ])
    func `A plain scalar has the type that Kubernetes' readers give it`(_ text: String, _ kind: ScalarKind) {
        #expect(ScalarKind(plain: text) == kind)
    }

    @Test func `A duplicate key is refused with its place`() {
        #expect { try read("a: 1\nb:\n  c: 1\n  c: 2\n") } throws: { "\($0)" == "4:3: the key “c” is given twice" }
    }

    @Test func `An alias bomb is refused before it goes off`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
        }
        #expect { try read(text) } throws: { ($0 as? YAMLError)?.code == .limit }
    }

    @Test(arguments: [10_000, 100_000])
    func `Nesting without end is refused`(_ depth: Int) {
        #expect { try read(String(repeating: "[", count: depth)) } throws: { $0 is YAMLError }
        #expect { try read(String(repeating: "- ", count: depth) + "x") } throws: { $0 is YAMLError }
        #expect { try read(String(repeating: "{a: ", count: depth)) } throws: { $0 is YAMLError }
    }

    @Test func `Invalid UTF-8 is refused with its place`() {
        #expect { try YAMLFile([0x61, 0x3A, 0x20, 0x0A, 0x62, 0xFF]) } throws: { "\($0)" == "2:2: the file is not UTF-8" }
    }

    @Test func `A file over the limit is refused unread`() {
        var limits = YAMLFile.Limits()
        limits.bytes = 10
        #expect { try read("a: 12345678901", limits) } throws: { ($0 as? YAMLError)?.code == .limit }
    }

    @Test func `No random bytes crash the reader or its ranges`() {
        var random = SeededGenerator(seed: 42)
        let alphabet = Array("ab:- \n\t[]{},&*!|>'\"#%@`?\r\u{E9}".utf8) + [0xFF, 0x00, 0xEF, 0xBB, 0xBF, 0xF0, 0x9F]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            guard let file = try? YAMLFile(bytes) else { continue }
            _ = scalars(file)
        }
    }

    @Test func `A string written in any style reads back as itself`() throws {
        var random = SeededGenerator(seed: 3)
        let pieces = [
            "a", "yes", "1", ".", ":", " ", "#", "'", "\"", "\\", "\n", "é", "🚀", "-", "{", "}", "\u{7F}", "\u{85}", "\t", "null",
            "0x1", "%", "\u{FEFF}",
        ]
        for _ in 0..<5000 {
            let text = (0..<Int.random(in: 0...5, using: &random)).compactMap { _ in pieces.randomElement(using: &random) }
                .joined()
            for style in [YAMLScalar.Style.plain, .singleQuoted, .doubleQuoted, .literal] {
                for (before, after) in [("a: ", "\n"), ("{a: ", "}\n"), ("- a: ", " # c\n")] {
                    let file = try read(before + YAMLScalar.written(text, like: style) + after)
                    let root = try #require(file.documents.first)
                    let value = try #require(root["a"] ?? root.sequence?[0]["a"])
                    #expect(YAMLValue(value) == .string(text))
                }
                let line = try read("a: \(YAMLScalar.written(text, like: style, in: .block))\nb: 1\n")
                #expect(YAMLValue(try #require(line.documents.first?["a"])) == .string(text))
            }
        }
    }
}
