/// A path inside a repository: relative, `/`-separated, without `.`, `..` or empty parts, so it can never lead out.
///
/// Of this repository, or of another one at a commit: what is read relative to a path stays in its repository.
/// Paths are the same when their bytes are, as to Git: two that are equal to Unicode are two.
public struct RepositoryPath: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The parts from the root down; empty for the root itself.
    public let components: [String]
    /// The other repository that it is in; nil for this one.
    public let repository: PinnedRepository?

    /// The root of this repository.
    public static let root = RepositoryPath(components: [], in: nil)

    /// The root of another repository.
    public static func root(of repository: PinnedRepository) -> RepositoryPath { RepositoryPath(components: [], in: repository) }

    private static let separator = UInt8(ascii: "/")

    private init(components: [String], in repository: PinnedRepository?) {
        self.components = components
        self.repository = repository
    }

    /// Reads `text` relative to `base`, following `.` and `..`.
    ///
    /// Nil for an absolute path, one that leaves the repository, or one that holds a control character.
    public init?(_ text: some StringProtocol, relativeTo base: RepositoryPath = .root) {
        let bytes = String(text).utf8
        guard bytes.first != Self.separator, bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        var parts = base.components
        for part in bytes.split(separator: Self.separator) {
            switch String(Substring(part)) {
            case ".": continue
            case "..":
                guard !parts.isEmpty else { return nil }
                parts.removeLast()
            case let name: parts.append(name)
            }
        }
        self.init(components: parts, in: base.repository)
    }

    public var isRoot: Bool { components.isEmpty }
    /// The last part; empty for the root.
    public var name: String { components.last ?? "" }
    /// The directory that holds this path; the root holds itself.
    public var parent: RepositoryPath { RepositoryPath(components: Array(components.dropLast()), in: repository) }

    public var description: String {
        let path = components.isEmpty ? "." : components.joined(separator: "/")
        return repository.map { "\($0.address)//\(path)?ref=\($0.commit.hex)" } ?? path
    }

    /// The path one level down. Nil when `name` is not a single plain name.
    public func appending(_ name: some StringProtocol) -> RepositoryPath? {
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else { return nil }
        return RepositoryPath(name, relativeTo: self)
    }

    /// Whether this path is `other` or lies below it.
    public func isInside(_ other: RepositoryPath) -> Bool {
        components.count >= other.components.count && repository == other.repository
            && zip(components, other.components).allSatisfy { $0.hasSameBytes(as: $1) }
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.components.count == right.components.count && left.isInside(right)
    }

    public func hash(into hasher: inout Hasher) {
        for component in components { component.hashBytes(into: &hasher) }
        if let repository { hasher.combine(repository) }
    }

    public static func < (left: Self, right: Self) -> Bool {
        switch (left.repository, right.repository) {
        case (let one?, let other?) where one != other: return one < other
        case (nil, _?): return true
        case (_?, nil): return false
        case (_, _): break
        }
        for (one, other) in zip(left.components, right.components) where !one.hasSameBytes(as: other) {
            return one.utf8.lexicographicallyPrecedes(other.utf8)
        }
        return left.components.count < right.components.count
    }
}
