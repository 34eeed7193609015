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
        return try apply(
            [addition(of: text, at: steps, in: root, like: style)], intended: [YAMLValue(root).setting(text, at: steps[...])])
    }

    /// The text with `text` as the value at the end of `steps` of a document, whether there is one or not.
    ///
    /// - Parameter document: its number in the file, which has it.
    /// - Throws: `YAMLError.notEditable` where a step leads to something else than a mapping, or the value is shared.
    public func settingValue(
        _ text: String, at steps: [String], inDocument document: Int, like style: YAMLScalar.Style = .plain
    ) throws(YAMLError) -> [UInt8] {
        let root = file.documents[document]
        var intended = file.documents.map(YAMLValue.init)
        if intended[document].text(at: steps[...]) == text { return file.bytes }
        intended[document] = intended[document].setting(text, at: steps[...])
        let entry = root.entry(at: steps[...])
        if let entry, entry.value.scalar != nil, !entry.value.isAlias {
            return try apply([replaceScalar(entry.value, with: text)], intended: intended)
        }
        return try apply([addition(of: text, at: steps, in: root, like: style)], intended: intended)
    }

    /// The text without the value at the end of `steps` of a document, and as it is where there is none.
    ///
    /// - Parameter document: its number in the file, which has it.
    /// - Throws: `YAMLError.notEditable` where nothing else is in the mapping, or it is shared.
    public func removingValue(at steps: [String], inDocument document: Int) throws(YAMLError) -> [UInt8] {
        let root = file.documents[document]
        guard let entry = root.entry(at: steps[...]), let mapping = root.entry(at: steps.dropLast())?.value else {
            return file.bytes
        }
        guard mapping.mapping?.count ?? 0 > 1, !mapping.isAlias else {
            throw YAMLError(.notEditable, "nothing else is beside it", at: file.position(of: entry.key))
        }
        var intended = file.documents.map(YAMLValue.init)
        intended[document] = intended[document].removing(steps[...])
        return try apply([removeEntry(entry, from: mapping)], intended: intended)
    }

    /// What adds `text` at the end of `steps`.
    private func addition(
        of text: String, at steps: [String], in root: YAMLNode, like style: YAMLScalar.Style
    ) throws(YAMLError) -> ByteSplice {
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
        return try splice((rest, text, style), in: node, of: entry)
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

extension YAMLNode {
    /// The entry at the end of `steps`; nil where there is none, or only through an alias or two of one name.
    fileprivate func entry(at steps: ArraySlice<String>) -> YAMLEntry? {
        guard !isAlias, let step = steps.first else { return nil }
        if let index = sequence?.indices.first(where: { String($0) == step }), let item = sequence?[index] {
            return item.entry(at: steps.dropFirst())
        }
        let found = mapping?.filter { $0.key.scalar?.text.isExactly(step) == true } ?? []
        guard let entry = found.first, found.count == 1 else { return nil }
        return steps.count == 1 ? entry : entry.value.entry(at: steps.dropFirst())
    }
}

extension YAMLValue {
    /// The text at the end of `steps`, where a text is.
    fileprivate func text(at steps: ArraySlice<String>) -> String? {
        guard let step = steps.first else {
            if case .scalar(let text, .string) = self { return text }
            return nil
        }
        switch self {
        case .scalar: return nil
        case .sequence(let items):
            return items.indices.first { String($0) == step }.flatMap { items[$0].text(at: steps.dropFirst()) }
        case .mapping(let pairs): return pairs.first { $0.key == .string(step) }?.value.text(at: steps.dropFirst())
        }
    }

    /// The value without what is at the end of `steps`.
    fileprivate func removing(_ steps: ArraySlice<String>) -> YAMLValue {
        guard let step = steps.first else { return self }
        switch self {
        case .scalar: return self
        case .sequence(var items):
            guard let index = items.indices.first(where: { String($0) == step }) else { return self }
            items[index] = items[index].removing(steps.dropFirst())
            return .sequence(items)
        case .mapping(var pairs):
            guard let index = pairs.firstIndex(where: { $0.key == .string(step) }) else { return self }
            if steps.count == 1 {
                pairs.remove(at: index)
            } else {
                pairs[index].value = pairs[index].value.removing(steps.dropFirst())
            }
            return .mapping(pairs)
        }
    }

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
