/// Where the rules of time zones come from: the machine's own database, which is newer than anything that is built in.
public protocol TimeZoneDatabase: Sendable {
    /// The release of the data, such as `2026b`; nil where it does not say.
    var version: String? { get }
    /// Where it is, for people.
    var place: String { get }

    func rules(of name: TimeZoneName) -> TimeZoneAnswer

    /// The name that was meant by a text that is none; nil where nothing is near.
    func suggestion(for text: String) -> String?
}

/// What a database has of a zone.
public enum TimeZoneAnswer: Hashable, Sendable {
    case found(TimeZoneRules)
    /// There is no zone of that name in it.
    case unknown
    /// The zone's file cannot be read, and why.
    case damaged(String)
    /// The machine has no such database.
    case noDatabase
}

/// No database at all: UTC is the only zone.
public struct NoTimeZones: TimeZoneDatabase {
    public init() {}

    public var version: String? { nil }
    public var place: String { "nowhere" }
    public func rules(of name: TimeZoneName) -> TimeZoneAnswer { .noDatabase }
    public func suggestion(for text: String) -> String? { nil }
}
