/// A name in which `*` stands for any number of characters: `sandbox-*`.
public struct NamePattern: Hashable, Sendable {
    public let text: String
    /// What stands between the stars.
    private let parts: [Substring]

    /// Nil for what no name can match: letters, digits and hyphens are what names have.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 63, text.utf8.allSatisfy(Self.isOfPatterns) else { return nil }
        self.text = text
        parts = text.split(separator: "*", omittingEmptySubsequences: false)
    }

    private static func isOfPatterns(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "*")
    }

    /// Whether it has a star, so that it may match several names.
    public var isOpen: Bool { parts.count > 1 }

    public func matches(_ name: ApplicationName) -> Bool { matches(name.text) }

    /// Whether it matches the id, `shop-*` all of applications whose names begin so.
    public func matches(_ promotion: PromotionID) -> Bool { matches(promotion.description) }

    private func matches(_ name: String) -> Bool {
        guard let first = parts.first, let last = parts.last, isOpen else { return name == text }
        guard name.hasPrefix(first) else { return false }
        var rest = name.dropFirst(first.count)
        // What is found as early as possible leaves the most for what follows.
        for part in parts.dropFirst().dropLast() {
            guard let place = rest.firstRange(of: part) else { return false }
            rest = rest[place.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}
