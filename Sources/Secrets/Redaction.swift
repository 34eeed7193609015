import Foundation
import GitOpsTypes
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
        let forms = forms(of: secret).filter { $0.count >= minimumInOthersWords }
        known.withLock { known in
            known += forms.filter { !known.contains($0) }
            known.sort { $0.count > $1.count }
        }
    }

    /// As it is, as a part of an address, and as JSON writes it.
    private static func forms(of secret: String) -> [[UInt8]] {
        let unreserved = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        let encoded = secret.addingPercentEncoding(withAllowedCharacters: unreserved) ?? secret
        let quoted = secret.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return [secret, encoded, quoted, quoted.replacing("/", with: "\\/")].map { Array($0.utf8) }
    }

    /// Remembers what opens the addresses of a text of ours: a setting, a variable of the environment.
    public static func rememberUserInformation(in text: String) {
        for information in text.userInformation {
            let parts = information.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() where index == 1 || part.utf8.count >= minimumOfTokens {
                remember(String(part))
                if let plain = String(part).removingPercentEncoding { remember(plain) }
            }
        }
    }

    /// Remembers what a header of Git's configuration shows to a server: `Authorization: Basic …`.
    public static func rememberHeader(_ header: String) {
        if let word = header.split(separator: " ").last, header.contains(":") { remember(String(word)) }
    }

    /// Words of others, without any secret, and without what opens an address.
    public static func hide(in text: String) -> String {
        hide(in: text.withoutUserInformation, minimumInOthersWords)
    }

    /// An answer of others.
    public static func hide(inBody bytes: [UInt8]) -> [UInt8] { hide(in: bytes, minimumInOthersWords) ?? bytes }

    /// Words of ours, in which a short secret is hidden only where it came from: nobody would know the words again.
    public static func hide(inOwnWords text: String) -> String { hide(in: text, minimumInOwnWords) }

    private static func hide(in text: String, _ minimum: Int) -> String {
        hide(in: Array(text.utf8), minimum).map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// Nil where there is nothing to hide.
    private static func hide(in bytes: [UInt8], _ minimum: Int) -> [UInt8]? {
        let secrets = known.withLock { $0 }.filter { $0.count >= minimum }
        guard !secrets.isEmpty else { return nil }
        var data = Data(bytes)
        var isChanged = false
        for secret in secrets {
            var start = data.startIndex
            while let range = data.range(of: Data(secret), in: start..<data.endIndex) {
                let replacement = Data(placeholder.utf8)
                data.replaceSubrange(range, with: replacement)
                start = range.lowerBound + replacement.count
                isChanged = true
            }
        }
        return isChanged ? Array(data) : nil
    }
}

extension String {
    /// Words of others, as we print and keep them: without secrets, and without control characters.
    public var quotable: String { Redaction.hide(in: self).displayable }
}
