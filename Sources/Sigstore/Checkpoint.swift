import Foundation

/// What a log says of itself and signs: how long it is, and the root of its tree.
///
/// Source: C2SP, "tlog-checkpoint" and "signed-note".
struct Checkpoint {
    let size: UInt64
    let root: [UInt8]
    private let signed: [UInt8]
    /// The first bytes of the key's identifier, and the signature.
    private let signatures: [(hint: [UInt8], bytes: [UInt8])]

    init(_ text: String) throws(SigstoreError) {
        let malformed = SigstoreError("an entry of a log whose checkpoint cannot be read")
        guard let end = text.range(of: "\n\n") else { throw malformed }
        let body = text[..<end.lowerBound] + "\n"
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, !lines[0].isEmpty, let size = UInt64(lines[1]), let root = Data(base64Encoded: String(lines[2])),
            root.count == 32
        else { throw malformed }
        self.size = size
        self.root = Array(root)
        signed = Array(body.utf8)
        signatures = text[end.upperBound...].split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "\u{2014}", let bytes = Data(base64Encoded: String(words[2])), bytes.count > 4
            else { return nil }
            return (Array(bytes.prefix(4)), Array(bytes.dropFirst(4)))
        }
    }

    /// Whether the log itself signed it. Others, who watched, may have, too.
    func isSigned(by log: TrustedRoot.Log) -> Bool {
        signatures.contains { $0.hint == Array(log.id.prefix(4)) && log.key.signed(signed, $0.bytes) }
    }
}
