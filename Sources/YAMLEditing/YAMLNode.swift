/// A value in a YAML text, with the bytes it was read from.
public struct YAMLNode: Sendable {
    public enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
    }

    /// How a collection is written.
    public enum Layout: Sendable {
        case block
        case flow
    }

    public let content: Content
    /// Meaningful for collections only.
    public let layout: Layout
    /// The bytes of the value in its file. A scalar's quotes and block header are inside, its anchor and tag before it are
    /// not. For an alias, the bytes of `*name`.
    public let range: Range<Int>
    /// The explicit tag, in full: `tag:yaml.org,2002:str`.
    public let tag: String?
    public let anchor: String?
    /// Whether the text has an alias here, and the value stands elsewhere.
    public let isAlias: Bool

    public var scalar: YAMLScalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    public var sequence: [YAMLNode]? {
        if case .sequence(let items) = content { items } else { nil }
    }

    public var mapping: [YAMLEntry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// The value of `key`, where this is a mapping that has it.
    public subscript(key: String) -> YAMLNode? {
        mapping?.first { $0.key.scalar?.text.isExactly(key) == true }?.value
    }

    /// Whether this is a scalar that YAML reads as null: absent, `~` or `null`.
    public var isNull: Bool {
        scalar.map { $0.kind(tag: tag) == .null } ?? false
    }

    /// Where the last byte that belongs to the value ends; for a block collection, the end of its last leaf.
    public var contentEnd: Int {
        guard !isAlias, layout == .block else { return range.upperBound }
        switch content {
        case .scalar: return range.upperBound
        case .sequence(let items): return items.last?.contentEnd ?? range.upperBound
        case .mapping(let entries):
            guard let last = entries.last else { return range.upperBound }
            return max(last.key.contentEnd, last.value.contentEnd)
        }
    }
}

/// One `key: value` of a mapping.
public struct YAMLEntry: Sendable {
    public let key: YAMLNode
    public let value: YAMLNode
}

/// The text of a scalar as YAML means it (escapes and folding done), and how it was written.
public struct YAMLScalar: Sendable {
    public enum Style: Hashable, Sendable {
        case plain
        case singleQuoted
        case doubleQuoted
        case literal
        case folded
    }

    public let text: String
    public let style: Style
}

/// What a YAML text means, without how it is written: what two texts must agree in to be the same configuration.
public indirect enum YAMLValue: Hashable, Sendable {
    case scalar(String, ScalarKind)
    case sequence([YAMLValue])
    case mapping([Pair])

    public struct Pair: Hashable, Sendable {
        public var key: YAMLValue
        public var value: YAMLValue

        public init(key: YAMLValue, value: YAMLValue) {
            self.key = key
            self.value = value
        }
    }

    public init(_ node: YAMLNode) {
        switch node.content {
        case .scalar(let scalar): self = .scalar(scalar.text, scalar.kind(tag: node.tag))
        case .sequence(let items): self = .sequence(items.map(YAMLValue.init))
        case .mapping(let entries):
            self = .mapping(entries.map { Pair(key: YAMLValue($0.key), value: YAMLValue($0.value)) })
        }
    }

    public static func string(_ text: String) -> YAMLValue { .scalar(text, .string) }

    public static func == (left: YAMLValue, right: YAMLValue) -> Bool {
        switch (left, right) {
        case (.scalar(let one, let kind), .scalar(let other, let otherKind)): kind == otherKind && one.isExactly(other)
        case (.sequence(let one), .sequence(let other)): one == other
        case (.mapping(let one), .mapping(let other)): one == other
        case (.scalar, _), (.sequence, _), (.mapping, _): false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .scalar(let text, let kind):
            hasher.combine(ExactText(text))
            hasher.combine(kind)
        case .sequence(let items): hasher.combine(items)
        case .mapping(let pairs): hasher.combine(pairs)
        }
    }
}
