import GitOpsTypes
import PromotionDomain
import YAMLEditing

/// A file with the values of a chart, and values in it by where they are.
struct ValuesFile {
    private let path: RepositoryPath
    private let yaml: Result<YAMLFile, YAMLError>

    init(_ bytes: [UInt8], _ path: RepositoryPath) {
        self.path = path
        yaml = Result { () throws(YAMLError) in try YAMLFile(bytes) }
    }

    /// Whether there is a value of its own at `pointer`; one of nothing is one, and is written over.
    func has(_ pointer: JSONPointer) -> Bool { value(at: pointer)?.scalar != nil }

    /// The text there; nil where there is none, and where the file is no YAML.
    func text(at pointer: JSONPointer) -> String? {
        guard let node = value(at: pointer), !node.isNull else { return nil }
        return node.scalar?.text
    }

    private func value(at pointer: JSONPointer) -> YAMLNode? {
        guard case .success(let file) = yaml else { return nil }
        return file.documents.first?.descendant(pointer.steps[...])
    }

    /// The file with a text at `pointer` that has none there, and whatever mappings lead there.
    ///
    /// - Throws: `PlanningError` where the place is taken, or the file cannot be edited.
    func adding(_ text: String, at pointer: JSONPointer) throws(PlanningError) -> [UInt8] {
        do {
            let style: YAMLScalar.Style = path.name.hasSuffix(".json") ? .doubleQuoted : .plain
            return try YAMLEditor(yaml.get()).addingValue(text, at: pointer.steps, like: style)
        } catch {
            throw PlanningError(
                error.message, in: path, at: error.position,
                hint: "write a value at \(pointer.description.displayable) by hand, or correct `images` of the application's helm"
            )
        }
    }
}

extension YAMLNode {
    /// What is at the end of `steps`; nil where nothing is, or only through an alias.
    func descendant(_ steps: ArraySlice<String>) -> YAMLNode? {
        guard !isAlias else { return nil }
        guard let step = steps.first else { return self }
        let next: YAMLNode? =
            switch content {
            case .scalar: nil
            case .sequence(let items): items.indices.first { String($0) == step }.map { items[$0] }
            case .mapping(let entries): entries.first { $0.key.scalar?.text.hasSameBytes(as: step) == true }?.value
            }
        return next?.descendant(steps.dropFirst())
    }
}
