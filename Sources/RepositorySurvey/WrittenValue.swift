import YAMLEditing

/// A value of a configuration as it is written: lists and mappings on one line, and every text so that it is read back as it is,
/// whatever the repository has it say.
indirect enum WrittenValue {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([WrittenValue])
    case fields([Field])

    /// A key, and what stands behind it.
    struct Field {
        let key: String
        let value: WrittenValue

        init(_ key: String, _ value: WrittenValue) {
            self.key = key
            self.value = value
        }

        init(_ key: String, _ text: String) { self.init(key, .text(text)) }

        /// On a line of its own.
        var line: String { "\(key): \(value.text(in: .block))" }
    }

    static func texts(_ texts: [String]) -> WrittenValue { .list(texts.map { .text($0) }) }

    /// Inside of brackets or braces.
    var inline: String { text(in: .any) }

    fileprivate func text(in context: YAMLScalar.Context) -> String {
        switch self {
        case .text(let text): YAMLScalar.written(text, like: .plain, in: context)
        case .number(let number): "\(number)"
        case .flag(let isTrue): "\(isTrue)"
        case .list(let items): "[\(items.map(\.inline).joined(separator: ", "))]"
        case .fields(let fields): "{ \(fields.map { "\($0.key): \($0.value.inline)" }.joined(separator: ", ")) }"
        }
    }
}
