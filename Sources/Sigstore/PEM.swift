import Foundation

/// What is between the lines that say what it is, however long its own lines are.
///
/// Source: RFC 7468, section 3, "laxtextualmsg".
enum PEM {
    /// Nil for anything but one block with the label.
    static func der(_ text: String, label: String) -> [UInt8]? {
        let parts = text.trimmingCharacters(in: .whitespacesAndNewlines).components(separatedBy: "-----")
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "BEGIN \(label)", parts[3] == "END \(label)", parts[4].isEmpty
        else { return nil }
        return Data(base64Encoded: parts[2].filter { !$0.isWhitespace }).map { Array($0) }
    }
}
