/// The header of a commit object that holds its signature.
///
/// Source: gitformat-signature(5): the lines of the signature follow the header's name, each but the first after a space;
/// what is signed is the object without that header.
enum CommitSignatureHeader {
    static let name = "gpgsig"

    /// The signature in `content` and the bytes it is of; nil when the headers hold none.
    static func split(_ content: [UInt8]) -> (armored: String, signed: [UInt8])? {
        let prefix = Array((name + " ").utf8)
        var position = 0
        while position < content.count, content[position] != UInt8(ascii: "\n") {
            let end = lineEnd(content, from: position)
            guard content[position..<end].starts(with: prefix) else {
                position = end
                continue
            }
            var armored = Array(content[(position + prefix.count)..<end])
            var next = end
            while next < content.count, content[next] == UInt8(ascii: " ") {
                let lineEnd = lineEnd(content, from: next)
                armored += content[(next + 1)..<lineEnd]
                next = lineEnd
            }
            return (String(decoding: armored, as: UTF8.self), Array(content[..<position] + content[next...]))
        }
        return nil
    }

    /// One past the line break that ends the line at `start`.
    private static func lineEnd(_ content: [UInt8], from start: Int) -> Int {
        (content[start...].firstIndex(of: UInt8(ascii: "\n")) ?? content.count - 1) + 1
    }
}
