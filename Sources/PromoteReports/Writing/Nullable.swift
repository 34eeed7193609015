// The contract of `--json`: a key that an answer may have no value for is null and not missing. A key that only some answers
// have is a plain optional of the answer, which `Encodable` leaves out.

/// A value that is text in JSON.
@propertyWrapper struct Text<Value: CustomStringConvertible & Sendable>: Encodable, Sendable {
    var wrappedValue: Value

    init(wrappedValue: Value) {
        self.wrappedValue = wrappedValue
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue.description)
    }
}

/// A value that is text in JSON; null where there is none.
@propertyWrapper struct TextOrNull<Value: CustomStringConvertible & Sendable>: Encodable, Sendable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) {
        self.wrappedValue = wrappedValue
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue.description) } else { try container.encodeNil() }
    }
}

/// A value of JSON; null where there is none.
@propertyWrapper struct OrNull<Value: Encodable & Sendable>: Encodable, Sendable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) {
        self.wrappedValue = wrappedValue
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}
