/// One key as a list has it: the line, and what it says.
public struct ListedKey: Hashable, Sendable {
    public let line: String
    public let entry: AllowedSigners.Entry

    /// Nil for a line that is empty or a comment, and for one that is not understood.
    public init?(_ line: String) {
        // What cannot be read lists no key here; where a list has to be whole, reading all of it says what is wrong.
        guard let list = try? AllowedSigners(line), list.entries.count == 1 else { return nil }
        self.line = line
        entry = list.entries[0]
    }

    /// The keys of a list that are understood, in their order.
    public static func all(in text: String) -> [ListedKey] {
        AllowedSigners.lines(of: text).compactMap { ListedKey($0) }
    }
}
