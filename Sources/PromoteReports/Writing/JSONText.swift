import Foundation

/// JSON as it is printed: keys sorted, slashes as they are.
enum JSONText {
    /// Over several lines, ended by a line break.
    static func pages(of value: any Encodable) throws -> String {
        try text(of: value, [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]) + "\n"
    }

    /// On one line, without a line break.
    static func line(of value: any Encodable) throws -> String {
        try text(of: value, [.sortedKeys, .withoutEscapingSlashes])
    }

    private static func text(of value: any Encodable, _ formatting: JSONEncoder.OutputFormatting) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
