import PromoteTestSupport
import Testing
import YAMLEditing

/// Places in a file, as people count them.
@Suite struct PositionTests {
    private func nodes(_ node: YAMLNode) -> [YAMLNode] {
        switch node.content {
        case .scalar: [node]
        case .sequence(let items): [node] + items.flatMap(nodes)
        case .mapping(let entries): [node] + entries.flatMap { nodes($0.key) + nodes($0.value) }
        }
    }

    @Test func `A file gives the places that counting from its beginning gives`() throws {
        var random = SeededGenerator(seed: 5)
        let words = [
            "a", "é", "日本", "🚀", "\"x y\"", "'ü'", String(repeating: "ß", count: 700), String(repeating: "z", count: 1023),
        ]
        let ends = ["\n", "\r\n", "\r"]
        for round in 0..<60 {
            let end = ends[round % 3]
            let lines = (0..<Int.random(in: 1...40, using: &random)).map { number in
                let items = (0..<Int.random(in: 1...5, using: &random)).compactMap { _ in words.randomElement(using: &random) }
                return round.isMultiple(of: 2)
                    ? "k\(number): [\(items.joined(separator: ", "))] # é\(end)" : "- \(items[0])\(end)\(end)"
            }
            let text = (round.isMultiple(of: 4) ? "\u{FEFF}" : "") + lines.joined()
            let file = try YAMLFile(Array(text.utf8))
            for node in file.documents.flatMap(nodes) {
                #expect(file.position(of: node) == SourcePosition(of: node.range.lowerBound, in: file.bytes))
            }
        }
    }

    @Test func `The places of a hundred thousand values cost no more than a few passes over the file`() throws {
        // Counting from the beginning for each of them would be ten thousand million bytes.
        let file = try YAMLFile(Array(String(repeating: "- a\n", count: 100_000).utf8))
        let last = file.documents.flatMap(nodes).map { file.position(of: $0) }.max()
        #expect(last == SourcePosition(line: 100_000, column: 3))
    }
}
