import Foundation
import GitOpsTypes
import Glibc
import Synchronization

/// Takes the secrets of this process out of texts that others wrote: answers of servers, words of programs.
///
/// What is hidden is known once per process, as the one that would print a secret seldom is the one that was given it.
public enum Redaction {
    /// What stands in the place of a secret.
    public static let placeholder = "***"

    /// A text as short as that is part of too many words to be looked for in what we say ourselves.
    private static let minimumInOwnWords = 8
    private static let minimumInOthersWords = 4
    /// Some servers take a token for a name; names of people are shorter.
    private static let minimumOfTokens = 16

    /// The ways in which secrets may be written, longest first.
    private static let known = Mutex<[[UInt8]]>([])

    static func remember(_ secret: String) {
        let forms = forms(of: secret)
        known.withLock { known in
            let new = forms.subtracting(known)
            guard !new.isEmpty else { return }
            known = (known + new).sorted { $0.count > $1.count }
        }
    }

    /// As it is, as a part of an address, as JSON writes it, and in Base64; none that is part of too many words to be looked for.
    private static func forms(of secret: String) -> Set<[UInt8]> {
        let unreserved = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        let encoded = secret.addingPercentEncoding(withAllowedCharacters: unreserved) ?? secret
        let quoted = secret.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let base64 = String(Data(secret.utf8).base64EncodedString().prefix { $0 != "=" })
        let forms = [
            secret, encoded, lowerCaseEscapes(in: encoded), quoted, quoted.replacing("/", with: "\\/"), base64,
            base64.replacing("+", with: "-").replacing("/", with: "_"),
        ]
        return Set(forms.map { Array($0.utf8) }.filter { $0.count >= minimumInOthersWords })
    }

    /// `%2F` may be written `%2f`.
    private static func lowerCaseEscapes(in encoded: String) -> String {
        encoded.split(separator: "%", omittingEmptySubsequences: false).enumerated().map { index, part in
            index == 0 ? String(part) : part.prefix(2).lowercased() + part.dropFirst(2)
        }.joined(separator: "%")
    }

    /// Remembers what opens the addresses of a text of ours: a setting, a variable of the environment.
    public static func rememberUserInformation(in text: String) {
        for information in text.userInformation {
            let parts = information.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() where index == 1 || part.utf8.count >= minimumOfTokens {
                remember(String(part))
                if let plain = String(part).removingPercentEncoding { remember(plain) }
            }
            // As basic authentication sends it.
            let plain = String(information).removingPercentEncoding ?? String(information)
            if parts.count == 2 { remember(Data(plain.utf8).base64EncodedString()) }
        }
    }

    /// Remembers what a header of Git's configuration shows to a server: `Authorization: Basic …`.
    public static func rememberHeader(_ header: String) {
        guard let word = header.split(separator: " ").last, header.contains(":") else { return }
        remember(String(word))
        // What basic authentication has of it, which a server may repeat as it read it.
        guard let data = Data(base64Encoded: String(word)), let plain = String(data: data, encoding: .utf8),
            let colon = plain.firstIndex(of: ":")
        else { return }
        remember(String(plain[plain.index(after: colon)...]))
    }

    /// Words of others, without any secret, and without what opens an address.
    ///
    /// - Parameter more: what is known as a secret only where the words are from.
    public static func hide(in text: String, and more: [String] = []) -> String {
        let others = more.reduce(into: Set()) { $0.formUnion(forms(of: $1)) }
        return hide(in: text.withoutUserInformation, minimumInOthersWords, others)
    }

    /// An answer of others, which is read by programs: short secrets stay, as they may be words of its language.
    public static func hide(inBody bytes: [UInt8]) -> [UInt8] { hide(in: bytes, minimumInOwnWords) ?? bytes }

    /// Words of ours, in which a short secret is hidden only where it came from: the words would not be recognizable otherwise.
    public static func hide(inOwnWords text: String) -> String { hide(in: text, minimumInOwnWords) }

    private static func hide(in text: String, _ minimum: Int, _ others: Set<[UInt8]> = []) -> String {
        hide(in: Array(text.utf8), minimum, others).map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// Nil where there is nothing to hide.
    private static func hide(in bytes: [UInt8], _ minimum: Int, _ others: Set<[UInt8]> = []) -> [UInt8]? {
        var result: [UInt8]?
        for secret in known.withLock({ $0 }) + others.sorted(by: { $0.count > $1.count }) where secret.count >= minimum {
            if let hidden = replacing(secret, in: result ?? bytes) { result = hidden }
        }
        return result
    }

    /// Nil where it does not occur.
    private static func replacing(_ secret: [UInt8], in bytes: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var position = 0
        while let found = first(secret, in: bytes, from: position) {
            result += bytes[position..<found]
            result += Array(placeholder.utf8)
            position = found + secret.count
        }
        return position == 0 ? nil : result + bytes[position...]
    }

    private static func first(_ secret: [UInt8], in bytes: [UInt8], from position: Int) -> Int? {
        bytes.withUnsafeBytes { whole in
            secret.withUnsafeBytes { part in
                guard let start = whole.baseAddress, let wanted = part.baseAddress, let head = part.first else { return nil }
                var next = position
                while next + part.count <= whole.count {
                    let rest = whole.count - part.count - next + 1
                    guard let found = memchr(start + next, Int32(head), rest) else { return nil }
                    if memcmp(found, wanted, part.count) == 0 { return UnsafeRawPointer(found) - start }
                    next = UnsafeRawPointer(found) - start + 1
                }
                return nil
            }
        }
    }
}

extension String {
    /// Words of others, as we print and keep them: without secrets, and without control characters.
    public var quotable: String { Redaction.hide(in: self).displayable }
}
