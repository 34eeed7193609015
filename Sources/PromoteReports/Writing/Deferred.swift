/// JSON that is made when it is printed, and not where the words are.
struct Deferred<Value: Encodable>: Encodable, Sendable {
    private let value: @Sendable () -> Value

    init(_ value: @escaping @Sendable () -> Value) {
        self.value = value
    }

    func encode(to encoder: any Encoder) throws { try value().encode(to: encoder) }
}
