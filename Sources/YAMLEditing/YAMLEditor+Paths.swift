/// Values that are not there yet, with the mappings that lead to them.
extension YAMLEditor {
    /// The text with `text` at the end of `steps`, which are keys from the document's mapping on; the last of them is not there.
    ///
    /// - Parameter style: of what is added in braces; in quotes, it stays JSON.
    /// - Throws: `YAMLError.notEditable` where a step leads to something else than a mapping.
    public func addingValue(
        _ text: String, at steps: [String], like style: YAMLScalar.Style = .plain
    ) throws(YAMLError) -> [UInt8] {
        guard file.documents.count <= 1 else {
            throw YAMLError(.notEditable, "there is more than one document", at: file.position(of: file.documents[1]))
        }
        guard let root = file.documents.first, !root.isNull else {
            let splice = appendDocument(Self.lines(steps[...], text, indentation: ""))
            return try apply([splice], intended: [Self.nested(steps[...], text)])
        }
        var node = root
        var entry: YAMLEntry?
        var rest = steps[...]
        while let key = rest.first, !node.isAlias {
            if let next = node.mapping?.first(where: { $0.key.scalar?.text.isExactly(key) == true }) {
                (entry, node) = (next, next.value)
            } else if let index = node.sequence?.indices.first(where: { String($0) == key }), let item = node.sequence?[index] {
                (entry, node) = (nil, item)
            } else {
                break
            }
            rest = rest.dropFirst()
        }
        guard !node.isAlias, node.mapping != nil || node.isNull, !rest.isEmpty else {
            throw YAMLError(
                .notEditable, "there is a value in the way of /\(steps.joined(separator: "/"))", at: file.position(of: node))
        }
        let splice = try splice((rest, text, style), in: node, of: entry)
        return try apply([splice], intended: [YAMLValue(root).setting(text, at: steps[...])])
    }

    /// What is added: the steps that lead to it, its text, and how both are written in braces.
    private typealias Addition = (steps: ArraySlice<String>, text: String, style: YAMLScalar.Style)

    private func splice(_ addition: Addition, in node: YAMLNode, of entry: YAMLEntry?) throws(YAMLError) -> ByteSplice {
        let (rest, text, _) = addition
        if let last = node.mapping?.last {
            let end = max(last.key.contentEnd, last.value.contentEnd)
            switch node.layout {
            case .flow: return .insertion(at: end, ", " + Self.flow(addition))
            case .block: return insertLines(Self.lines(rest, text, indentation: indentation(of: last.key)), afterLineOf: end)
            }
        }
        // An empty mapping, or nothing behind a key.
        guard node.range.isEmpty, let entry else { return ByteSplice(node.range, with: "{\(Self.flow(addition))}") }
        let indentation = indentation(of: entry.key) + "  "
        return insertLines(
            Self.lines(rest, text, indentation: indentation), afterLineOf: max(entry.key.contentEnd, node.range.upperBound))
    }

    private static func lines(_ steps: ArraySlice<String>, _ text: String, indentation: String) -> [String] {
        steps.enumerated().map { depth, step in
            let key = indentation + String(repeating: "  ", count: depth) + YAMLScalar.written(step, like: .plain) + ":"
            return depth == steps.count - 1 ? "\(key) \(YAMLScalar.written(text, like: .plain))" : key
        }
    }

    private static func flow(_ addition: Addition) -> String {
        let keys = addition.steps.map { YAMLScalar.written($0, like: addition.style) }
        return keys.joined(separator: ": {") + ": " + YAMLScalar.written(addition.text, like: addition.style)
            + String(repeating: "}", count: addition.steps.count - 1)
    }

    private static func nested(_ steps: ArraySlice<String>, _ text: String) -> YAMLValue {
        steps.reversed().reduce(.string(text)) { value, step in .mapping([.init(key: .string(step), value: value)]) }
    }
}

extension YAMLValue {
    /// The value with `text` at the end of `steps`, behind whatever is there.
    fileprivate func setting(_ text: String, at steps: ArraySlice<String>) -> YAMLValue {
        guard let step = steps.first else { return .string(text) }
        if case .sequence(var items) = self, let index = items.indices.first(where: { String($0) == step }) {
            items[index] = items[index].setting(text, at: steps.dropFirst())
            return .sequence(items)
        }
        guard case .mapping(var pairs) = self else { return YAMLValue.mapping([]).setting(text, at: steps) }
        if let index = pairs.firstIndex(where: { $0.key == .string(step) }) {
            pairs[index].value = pairs[index].value.setting(text, at: steps.dropFirst())
        } else {
            pairs.append(.init(key: .string(step), value: YAMLValue.mapping([]).setting(text, at: steps.dropFirst())))
        }
        return .mapping(pairs)
    }
}
