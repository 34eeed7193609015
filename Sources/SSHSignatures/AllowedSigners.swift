public import GitOpsTypes

/// OpenSSH's allowed_signers file: which keys speak for which principal.
///
/// Source: ssh-keygen(1), ALLOWED SIGNERS. Principals here are written out, not patterns: a wildcard would let one key speak
/// for people who do not know of it. Certificates are not accepted. Everything else is as `ssh-keygen` reads it, whose
/// verdict is asked in the tests.
public struct AllowedSigners: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public let principals: [String]
        public let key: SSHPublicKey
        /// Namespaces the key may sign for; nil for all.
        public let namespaces: PatternList?
        public let validAfter: Timestamp?
        public let validBefore: Timestamp?
    }

    public let entries: [Entry]
    /// Keys that count for no principal any more, whatever the entries say.
    public let revoked: Set<SSHPublicKey>
    private let revokedFingerprints: Set<String>

    public init(entries: [Entry] = [], revoked: Set<SSHPublicKey> = []) {
        self.entries = entries
        self.revoked = revoked
        revokedFingerprints = Set(revoked.map(\.fingerprint))
    }

    /// What is wrong with a line, counted from 1.
    public struct Failure: Error, Hashable, Sendable {
        public let line: Int
        public let message: String
    }

    /// - Throws: `Failure` for the first line that is not understood; a key that is skipped silently would be worse.
    public init(_ text: String) throws(Failure) {
        var entries: [Entry] = []
        for (index, line) in Self.lines(of: text).enumerated() {
            guard
                line.unicodeScalars.allSatisfy({
                    ($0.value >= 0x20 && $0.value < 0x7F) || $0 == "\t"
                        || line.hasPrefix("#") && $0.value > 0x9F && $0.value != 0x2028 && $0.value != 0x2029
                })
            else {
                throw Failure(line: index + 1, message: "the line has characters that could hide something; use plain ASCII")
            }
            if let entry = try AllowedSignersLine(line, number: index + 1).entry() { entries.append(entry) }
        }
        self.init(entries: entries)
    }

    /// OpenSSH ends lines at LF alone: what only looks like another line is part of a comment there, and must be here.
    static func lines(of text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { bytes in
            String(decoding: bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes, as: UTF8.self)
        }
    }

    /// Public keys as OpenSSH's revocation files list them, one a line.
    ///
    /// Source: ssh-keygen(1), `-r`: "a file containing a list of public keys"; the binary form is refused.
    ///
    /// - Throws: `Failure` for the first line that is no key.
    public static func revokedKeys(_ text: String) throws(Failure) -> Set<SSHPublicKey> {
        var keys: Set<SSHPublicKey> = []
        // By bytes: to Swift, the end of a line of Windows is one character, and no line break.
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, bytes) in lines.enumerated() {
            let fields = String(decoding: bytes, as: UTF8.self).unicodeScalars
                .split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
            guard let first = fields.first, !first.hasPrefix("#") else { continue }
            guard fields.count >= 2, SSHPublicKey.knownTypes.contains(first), let key = SSHPublicKey(base64: fields[1]),
                key.type == first
            else { throw Failure(line: index + 1, message: "the line is not a public key: write it as in the key's .pub file") }
            keys.insert(key)
        }
        return keys
    }

    /// The text of a list with one more line; what it has stays as it is.
    public static func text(_ bytes: [UInt8], adding line: String) -> [UInt8] {
        let isOpen = bytes.last.map { $0 != UInt8(ascii: "\n") } ?? false
        return bytes + (isOpen ? [UInt8(ascii: "\n")] : []) + Array(line.utf8) + [UInt8(ascii: "\n")]
    }

    /// Whether any key is listed for `principal`, valid now or not.
    public func hasKeys(for principal: String) -> Bool {
        entries.contains { $0.principals.contains(principal) }
    }

    /// Whether `key` may sign as `principal` at `time` for `namespace`.
    public func allows(_ key: SSHPublicKey, as principal: String, namespace: String, at time: Timestamp) -> Bool {
        entries.contains { $0.key == key && allows($0, as: principal, namespace: namespace, at: time) }
    }

    /// As `allows(_:as:namespace:at:)`, for a key of which only the fingerprint (`SHA256:…`) is known.
    public func allows(fingerprint: String, as principal: String, namespace: String, at time: Timestamp) -> Bool {
        entries.contains {
            $0.key.fingerprint == fingerprint && allows($0, as: principal, namespace: namespace, at: time)
        }
    }

    /// Why a key that may once have counted for a principal counts for nothing any more.
    public enum KeyEnd: Hashable, Sendable {
        case revoked
        case expired(Timestamp)
    }

    /// How the key with `fingerprint` ended for `principal`; nil for one that counts, and for one that is merely not listed
    /// any more: what a principal signed before they left, or before their key was replaced, they did sign.
    public func end(ofKey fingerprint: String, for principal: String, at time: Timestamp) -> KeyEnd? {
        if revokedFingerprints.contains(fingerprint) { return .revoked }
        let listed = entries.filter { $0.principals.contains(principal) && $0.key.fingerprint == fingerprint }
        guard !listed.isEmpty, listed.allSatisfy({ $0.validBefore.map { $0 <= time } ?? false }) else { return nil }
        return listed.compactMap(\.validBefore).max().map { .expired($0) }
    }

    /// Whether the key with `fingerprint` is listed for `principal`, valid now or not.
    public func lists(fingerprint: String, for principal: String) -> Bool {
        entries.contains { $0.principals.contains(principal) && $0.key.fingerprint == fingerprint }
    }

    /// Whether one key is listed for both: then they cannot be told to be two people.
    public func shareKey(_ one: String, _ other: String) -> Bool {
        let keys = Set(entries.filter { $0.principals.contains(one) }.map(\.key))
        return entries.contains { $0.principals.contains(other) && keys.contains($0.key) }
    }

    private func allows(_ entry: Entry, as principal: String, namespace: String, at time: Timestamp) -> Bool {
        !revoked.contains(entry.key) && entry.principals.contains(principal)
            && entry.namespaces.map { $0.matches(namespace) } ?? true
            && entry.validAfter.map { $0 <= time } ?? true && entry.validBefore.map { time < $0 } ?? true
    }
}

extension SSHPublicKey {
    /// The key types that may stand in an allowed_signers line.
    public static let knownTypes: Set<String> = [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ]
}
