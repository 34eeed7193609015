/// Remembers answers by address, so that asking again costs nothing where nothing changed.
public protocol ConditionalCache: Sendable {
    /// The answer's mark (ETag) and body; nil where none is kept.
    func answer(for address: String) -> (mark: String, body: [UInt8])?
    func keep(_ body: [UInt8], mark: String, for address: String)
}
