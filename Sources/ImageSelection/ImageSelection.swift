public import GitOpsTypes

/// Which build of an image is the newest that is wanted.
///
/// The order is total: no two tags are alike in it, so the same tags always give the same answer.
///
/// Source: Flux, ImagePolicy `policy`, in meaning; numbers are compared by their digits, whatever their size.
public struct ImageSelection: Hashable, Sendable {
    public enum Order: Hashable, Sendable {
        case semver(VersionRange)
        case numerical(Direction)
        case alphabetical(Direction)
        /// By when it was built, as the image itself says.
        case newest
        /// Whatever one tag names now.
        case tag(ImageTag)
    }

    public enum Direction: String, Hashable, Sendable, CaseIterable {
        /// The last is the newest.
        case ascending = "asc"
        /// The first is.
        case descending = "desc"
    }

    public let order: Order
    public let filter: TagFilter?

    public init(_ order: Order, filter: TagFilter? = nil) {
        self.order = order
        self.filter = filter
    }

    /// What was selected.
    public struct Selected: Hashable, Sendable {
        public let tag: ImageTag
        /// Other tags that are compared alike, and were put in their order by their own text.
        public let ties: [ImageTag]
    }

    /// Why nothing can be selected, in words.
    public struct Failure: Error, Hashable, Sendable {
        public let reason: String
    }

    /// The tags that are looked at at all.
    public func candidates(among tags: [ImageTag]) -> [ImageTag] {
        values(of: tags).compactMap { ImageTag($0.tag) }
    }

    /// - Parameters:
    ///   - tags: all of them: of a part, the answer would be an older build.
    ///   - created: when each candidate was built; needed by `newest` only.
    public func select(among tags: [ImageTag], created: [ImageTag: Timestamp] = [:]) throws(Failure) -> Selected {
        if case .tag(let tag) = order {
            guard tags.contains(tag) else { throw Failure(reason: "there is no tag \(tag)") }
            return Selected(tag: tag, ties: [])
        }
        let values = values(of: tags)
        let ranked = try rank(values, created).sorted { $0.precedes($1) }
        guard let last = ranked.last, let tag = ImageTag(last.tag) else {
            throw Failure(
                reason: values.isEmpty
                    ? "none of its \(tags.count) tags \(filter == nil ? "is one" : "matches the pattern")"
                    : "none of the \(values.count) tags that are looked at is \(noun)")
        }
        let ties = ranked.dropLast().reversed().prefix { !$0.comesBefore(last) }.compactMap { ImageTag($0.tag) }
        return Selected(tag: tag, ties: ties)
    }

    /// Whether one tag is at least as new as another, by this order; nil where it cannot be told.
    public func isOlder(_ tag: ImageTag, than other: ImageTag, created: [ImageTag: Timestamp] = [:]) -> Bool? {
        // What cannot be compared is nil.
        guard let ranked = try? rank(values(of: [tag, other]), created), ranked.count == 2 else { return nil }
        return ranked[0].precedes(ranked[1])
    }

    private var noun: String {
        switch order {
        case .semver(let range): "a version in \(range.text)"
        case .numerical: "a number"
        case .alphabetical, .tag: "there"
        case .newest: "known to have been built at some time"
        }
    }

    private func values(of tags: [ImageTag]) -> [(tag: String, value: String)] {
        let builds = tags.map(\.text).filter { !Self.isAttachment($0) }
        return filter.map { $0.values(of: builds) } ?? builds.map { ($0, $0) }
    }

    /// Whether signatures and attestations are kept under a tag, so that it is no build: `sha256-<64 digits>`, and perhaps `.sig`.
    ///
    /// By its bytes: a regular expression is compiled for each of ten thousand tags.
    private static func isAttachment(_ tag: String) -> Bool {
        guard tag.hasPrefix("sha256-") else { return false }
        let rest = tag.utf8.dropFirst("sha256-".utf8.count)
        let digits = rest.prefix(64).filter { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return digits.count == 64 && (rest.count == 64 || rest.dropFirst(64).first == UInt8(ascii: "."))
    }

    /// A tag with what it is compared by.
    private struct Ranked {
        enum Value {
            case version(SemanticVersion)
            case number(DecimalNumber)
            case text([UInt8])
            case time(Timestamp)
        }

        let tag: String
        let value: Value
        let isReversed: Bool

        /// By what is compared alone.
        func comesBefore(_ other: Ranked) -> Bool {
            let (one, two) = isReversed ? (other, self) : (self, other)
            return switch (one.value, two.value) {
            case (.version(let one), .version(let two)): one.precedes(two)
            case (.number(let one), .number(let two)): one < two
            case (.text(let one), .text(let two)): one.lexicographicallyPrecedes(two)
            case (.time(let one), .time(let two)): one < two
            default: false
            }
        }

        /// In the total order: what is alike goes by build metadata, and then by the tag's own bytes.
        func precedes(_ other: Ranked) -> Bool {
            if comesBefore(other) { return true }
            if other.comesBefore(self) { return false }
            if case .version(let one) = value, case .version(let two) = other.value {
                let order = SemanticVersion.order(one.build, two.build)
                if order != 0 { return order < 0 }
            }
            return Array(tag.utf8).lexicographicallyPrecedes(Array(other.tag.utf8))
        }
    }

    private func rank(
        _ values: [(tag: String, value: String)], _ created: [ImageTag: Timestamp]
    ) throws(Failure) -> [Ranked] {
        var ranked: [Ranked] = []
        for (tag, text) in values {
            switch order {
            case .semver(let range):
                // What is no version is passed over.
                guard let version = SemanticVersion(text), range.contains(version) else { continue }
                ranked.append(Ranked(tag: tag, value: .version(version), isReversed: false))
            case .numerical(let direction):
                guard let number = DecimalNumber(text) else {
                    throw Failure(reason: "“\(text.displayable)” of the tag \(tag) is no number: narrow the filter")
                }
                ranked.append(Ranked(tag: tag, value: .number(number), isReversed: direction == .descending))
            case .alphabetical(let direction):
                ranked.append(Ranked(tag: tag, value: .text(Array(text.utf8)), isReversed: direction == .descending))
            case .newest:
                guard let time = ImageTag(tag).flatMap({ created[$0] }) else { continue }
                ranked.append(Ranked(tag: tag, value: .time(time), isReversed: false))
            case .tag: continue
            }
        }
        return ranked
    }
}
