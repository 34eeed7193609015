/// A validated text value: encoded as its text, and checked again when decoded.
public protocol ValidatedText: Codable, Sendable, Hashable {
    /// The value as written.
    var text: String { get }
    /// What a reader calls such a value, for messages: "an image digest".
    static var noun: String { get }
    /// Nil when `text` does not follow the type's grammar.
    init?(_ text: String)
}

extension ValidatedText {
    /// By their bytes.
    public static func == (left: Self, right: Self) -> Bool { left.text.hasSameBytes(as: right.text) }

    public func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "“\(text)” is not \(Self.noun)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension ImageDigest: ValidatedText {
    public static var noun: String { "an image digest (sha256:<64 hex digits>)" }
    public init?(_ text: String) { self.init(text[...]) }
}

extension ImageName: ValidatedText {
    public static var noun: String { "an image name" }
    public init?(_ text: String) { self.init(text[...]) }
}

extension ImageTag: ValidatedText {
    public static var noun: String { "an image tag" }
    public init?(_ text: String) { self.init(text[...]) }
}
