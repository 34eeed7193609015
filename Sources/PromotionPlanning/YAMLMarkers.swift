import YAMLEditing

/// Finds the markers of a YAML file: comments behind values. What is commented out itself, or quoted in a text, is none.
struct YAMLMarkers {
    private let bytes: [UInt8]
    /// In the order of the file; none overlaps another.
    private let leaves: [Leaf]

    /// A scalar, or an alias.
    private struct Leaf {
        let node: YAMLNode
        /// Whether it is a value, and no key.
        let isValue: Bool

        var isBlock: Bool {
            guard !node.isAlias, let style = node.scalar?.style else { return false }
            return style == .literal || style == .folded
        }
    }

    init(_ file: YAMLFile) {
        bytes = file.bytes
        leaves = file.documents.flatMap { Self.leaves($0, isValue: true) }
    }

    private static func leaves(_ node: YAMLNode, isValue: Bool) -> [Leaf] {
        if node.isAlias { return [Leaf(node: node, isValue: isValue)] }
        return switch node.content {
        case .scalar: [Leaf(node: node, isValue: isValue)]
        case .sequence(let items): items.flatMap { leaves($0, isValue: isValue) }
        case .mapping(let entries): entries.flatMap { leaves($0.key, isValue: false) + leaves($0.value, isValue: isValue) }
        }
    }

    func places() -> [MarkerPlace] {
        var result: [MarkerPlace] = []
        for (number, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        where SetterMarker.mayStand(in: line) {
            guard let sign = comment(in: line.indices), let marker = SetterMarker(comment: line[(sign + 1)...]) else { continue }
            let target = target(from: line.startIndex, to: sign)
            // Something else was commented out together with its marker.
            if marker == .malformed, target == .nothing { continue }
            result.append(MarkerPlace(marker: marker, target: target, line: number + 1))
        }
        return result
    }

    /// The leaves that have a byte of `line`, or stand in it as an absent value.
    private func leaves(in line: Range<Int>) -> ArraySlice<Leaf> {
        // By halves: the first that ends at or behind the line's beginning.
        var (low, high) = (0, leaves.count)
        while low < high {
            let middle = (low + high) / 2
            if leaves[middle].node.range.upperBound < line.lowerBound { low = middle + 1 } else { high = middle }
        }
        return leaves[low...].prefix { $0.node.range.lowerBound <= line.upperBound }
    }

    /// Where the comment of a line begins; nil where it has none.
    private func comment(in line: Range<Int>) -> Int? {
        var index = line.lowerBound
        var rest = leaves(in: line).filter { !$0.node.range.isEmpty }[...]
        while index < line.upperBound {
            while let first = rest.first, first.node.range.upperBound <= index { rest = rest.dropFirst() }
            if let leaf = rest.first, leaf.node.range.contains(index) {
                if leaf.isBlock, leaf.node.range.lowerBound == index { return sign(from: index, in: line) }
                index = leaf.node.range.upperBound
                continue
            }
            if isSign(index, in: line) { return index }
            index += 1
        }
        return nil
    }

    private func sign(from start: Int, in line: Range<Int>) -> Int? {
        (start..<line.upperBound).first { isSign($0, in: line) }
    }

    private func isSign(_ index: Int, in line: Range<Int>) -> Bool {
        bytes[index] == UInt8(ascii: "#")
            && (index == line.lowerBound || bytes[index - 1] == UInt8(ascii: " ") || bytes[index - 1] == UInt8(ascii: "\t"))
    }

    private func target(from start: Int, to sign: Int) -> MarkerPlace.Target {
        let values = leaves(in: start..<sign).filter { leaf in
            leaf.isValue && (leaf.node.range.upperBound > start || leaf.node.range.lowerBound == start)
        }
        guard let leaf = values.first else { return .nothing }
        guard values.count == 1 else { return .several }
        if leaf.node.isAlias { return .alias }
        guard leaf.node.range.lowerBound >= start, leaf.node.range.upperBound <= sign else { return .lines }
        return .value(leaf.node.range, leaf.node.scalar?.text ?? "")
    }
}
