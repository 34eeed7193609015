import Foundation

/// The inputs kept for an exercise: one a line, in base64.
public struct FuzzCorpus: Sendable {
    public let inputs: [[UInt8]]

    public struct Malformed: Error {
        /// Counted from one.
        public let line: Int
    }

    /// - Throws: `Malformed` for a line that is no base64.
    public init(_ text: String) throws(Malformed) {
        var inputs: [[UInt8]] = []
        for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
            guard let data = Data(base64Encoded: String(line)) else { throw Malformed(line: index + 1) }
            inputs.append(Array(data))
        }
        self.inputs = inputs
    }
}
