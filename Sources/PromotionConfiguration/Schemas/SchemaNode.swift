/// A JSON Schema, as far as configuration needs it: what an editor completes and marks.
///
/// Source: JSON Schema 2020-12.
indirect enum SchemaNode: Sendable {
    case string(String, pattern: String? = nil)
    case choice(String, [String])
    case bool(String)
    case integer(String, in: ClosedRange<Int>)
    case list(String, of: SchemaNode, atLeast: Int = 0)
    /// A mapping whose keys are known: no other may stand there.
    case object(String, [(key: String, value: SchemaNode)], required: [String] = [])
    /// A mapping whose keys are names that the file gives.
    case map(String, of: SchemaNode)
    case anyOf(String, [SchemaNode])
}

extension SchemaNode: Encodable {
    private enum Key: String, CodingKey {
        case additionalProperties, anyOf, description, items, maximum, minimum, minItems, pattern, properties, required, type
        case values = "enum"
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .string(let description, let pattern):
            try Self.begin(&container, "string", description)
            try container.encodeIfPresent(pattern, forKey: .pattern)
        case .choice(let description, let values):
            try Self.begin(&container, "string", description)
            try container.encode(values, forKey: .values)
        case .bool(let description): try Self.begin(&container, "boolean", description)
        case .integer(let description, let range):
            try Self.begin(&container, "integer", description)
            try container.encode(range.lowerBound, forKey: .minimum)
            try container.encode(range.upperBound, forKey: .maximum)
        case .list(let description, let item, let least):
            try Self.begin(&container, "array", description)
            try container.encode(item, forKey: .items)
            if least > 0 { try container.encode(least, forKey: .minItems) }
        case .object(let description, let fields, let required):
            try Self.begin(&container, "object", description)
            var properties = container.nestedContainer(keyedBy: Name.self, forKey: .properties)
            for (key, value) in fields { try properties.encode(value, forKey: Name(stringValue: key)) }
            if !required.isEmpty { try container.encode(required, forKey: .required) }
            try container.encode(false, forKey: .additionalProperties)
        case .map(let description, let value):
            try Self.begin(&container, "object", description)
            try container.encode(value, forKey: .additionalProperties)
        case .anyOf(let description, let nodes):
            try container.encode(description, forKey: .description)
            try container.encode(nodes, forKey: .anyOf)
        }
    }

    private static func begin(_ container: inout KeyedEncodingContainer<Key>, _ type: String, _ description: String) throws {
        try container.encode(type, forKey: .type)
        try container.encode(description, forKey: .description)
    }
}
