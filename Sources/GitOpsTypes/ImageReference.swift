/// The digest of an image manifest or index: `sha256:` and 64 hexadecimal digits.
///
/// Source: OCI image specification, "Digests". Only SHA-256 is accepted: it is what every registry computes.
public struct ImageDigest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// `sha256:<64 hex>`, lower case.
    public let text: String

    public init?(_ text: some StringProtocol) {
        let prefix = "sha256:"
        guard text.hasPrefix(prefix), text.utf8.count == prefix.utf8.count + 64,
            text.utf8.dropFirst(prefix.utf8.count).allSatisfy({ $0.isHexDigit && !(0x41...0x46).contains($0) })
        else { return nil }
        self.text = String(text)
    }

    /// Whether it is all zeros: what overlays have until something is promoted there, and the digest of nothing.
    public var isPlaceholder: Bool { text.utf8.dropFirst(7).allSatisfy { $0 == UInt8(ascii: "0") } }

    /// `sha256:` and the first twelve digits, for people.
    public var short: String { String(text.prefix(19)) }
    public var description: String { text }

    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// The name of an image without tag and digest, as manifests write it: `registry.example/team/web`.
///
/// Source: distribution reference grammar (`domain[:port]/path`), lower-case path components.
public struct ImageName: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let text: String

    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.isEmpty, text.utf8.count <= 255, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        for (index, part) in parts.enumerated() {
            let isDomain = index == 0 && parts.count > 1 && (part.contains(".") || part.contains(":") || part == "localhost")
            guard isDomain ? Self.isDomain(part) : Self.isPathComponent(part) else { return nil }
        }
        self.text = String(text)
    }

    private static func isDomain(_ part: some StringProtocol) -> Bool {
        let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
        guard pieces.count <= 2, let host = pieces.first, !host.isEmpty else { return false }
        if pieces.count == 2, pieces[1].isEmpty || !pieces[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return false }
        return host.utf8.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
            && !host.hasPrefix("-") && !host.hasPrefix(".")
    }

    private static func isPathComponent(_ text: some StringProtocol) -> Bool {
        let part = Array(text.utf8)
        guard let first = part.first, let last = part.last, first.isAlphanumeric, last.isAlphanumeric else {
            return false
        }
        return part.allSatisfy { byte in
            (byte.isAlphanumeric && !(0x41...0x5A).contains(byte)) || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
    }

    public var description: String { text }

    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// A tag: a label that its registry may move, never an identity.
///
/// Source: OCI distribution specification, `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
public struct ImageTag: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    public init?(_ text: some StringProtocol) {
        guard let first = text.utf8.first, text.utf8.count <= 128, first.isAlphanumeric || first == UInt8(ascii: "_"),
            text.utf8.allSatisfy({
                $0.isAlphanumeric || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
            })
        else { return nil }
        self.text = String(text)
    }

    public var description: String { text }
}

/// An image as people and manifests write it: `name[:tag][@digest]`.
public struct ImageReference: Hashable, Sendable, CustomStringConvertible {
    public var name: ImageName
    public var tag: ImageTag?
    public var digest: ImageDigest?

    public init(name: ImageName, tag: ImageTag? = nil, digest: ImageDigest? = nil) {
        self.name = name
        self.tag = tag
        self.digest = digest
    }

    /// Nil when any part is not of its grammar.
    public init?(_ text: some StringProtocol) {
        var rest = Substring(text)
        var digest: ImageDigest?
        if let at = rest.firstIndex(of: "@") {
            guard let parsed = ImageDigest(rest[rest.index(after: at)...]) else { return nil }
            digest = parsed
            rest = rest[..<at]
        }
        var tag: ImageTag?
        // A colon after the last slash separates the tag; one before it belongs to the registry's port.
        let afterSlash = rest.lastIndex(of: "/").map { rest.index(after: $0) } ?? rest.startIndex
        if let colon = rest[afterSlash...].lastIndex(of: ":") {
            guard let parsed = ImageTag(rest[rest.index(after: colon)...]) else { return nil }
            tag = parsed
            rest = rest[..<colon]
        }
        guard let name = ImageName(rest) else { return nil }
        self.init(name: name, tag: tag, digest: digest)
    }

    public var description: String {
        name.text + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }
}
