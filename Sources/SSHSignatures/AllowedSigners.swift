public import GitOpsTypes

/// OpenSSH's allowed_signers file: which keys speak for which principal.
///
/// Source: ssh-keygen(1), ALLOWED SIGNERS. Principals here are written out, not patterns: a wildcard would let one key speak
/// for people who do not know of it. Certificates are not accepted.
public struct AllowedSigners: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public let principals: [String]
        public let key: SSHPublicKey
        /// Namespaces the key may sign for; empty for all.
        public let namespaces: [String]
        public let validAfter: Timestamp?
        public let validBefore: Timestamp?
    }

    public let entries: [Entry]
    /// Keys that count for nobody any more, whatever the entries say.
    public let revoked: Set<SSHPublicKey>

    public init(entries: [Entry] = [], revoked: Set<SSHPublicKey> = []) {
        self.entries = entries
        self.revoked = revoked
    }

    /// What is wrong with a line, counted from 1.
    public struct Failure: Error, Hashable, Sendable {
        public let line: Int
        public let message: String
    }

    /// - Throws: `Failure` for the first line that is not understood; a key that is skipped silently would be worse.
    public init(_ text: String) throws(Failure) {
        var entries: [Entry] = []
        // OpenSSH ends lines at LF alone: what only looks like another line is part of a comment there, and must be here.
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, bytes) in lines.enumerated() {
            let line = String(decoding: bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes, as: UTF8.self)
            guard
                line.unicodeScalars.allSatisfy({
                    ($0.value >= 0x20 && $0.value < 0x7F) || $0 == "\t"
                        || line.hasPrefix("#") && $0.value > 0x9F && $0.value != 0x2028 && $0.value != 0x2029
                })
            else {
                throw Failure(line: index + 1, message: "the line has characters that could hide something; use plain ASCII")
            }
            let fields = Self.fields(line[...])
            guard let first = fields.first, !first.hasPrefix("#") else { continue }
            entries.append(try Self.entry(principals: first, rest: Array(fields.dropFirst()), line: index + 1))
        }
        self.entries = entries
        revoked = []
    }

    /// Public keys as OpenSSH's revocation files list them, one a line.
    ///
    /// Source: ssh-keygen(1), `-r`: "a file containing a list of public keys"; the binary form is refused.
    ///
    /// - Throws: `Failure` for the first line that is no key.
    public static func revokedKeys(_ text: String) throws(Failure) -> Set<SSHPublicKey> {
        var keys: Set<SSHPublicKey> = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let fields = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }
            guard let first = fields.first, !first.hasPrefix("#") else { continue }
            guard fields.count >= 2, SSHPublicKey.knownTypes.contains(String(first)), let key = SSHPublicKey(base64: fields[1])
            else { throw Failure(line: index + 1, message: "the line is not a public key: write it as in the key's .pub file") }
            keys.insert(key)
        }
        return keys
    }

    private static func entry(principals: String, rest: [String], line: Int) throws(Failure) -> Entry {
        let names = principals.filter { $0 != "\"" }.split(separator: ",").map(String.init)
        if names.isEmpty || names.contains(where: { $0.contains("*") || $0.contains("?") || $0.hasPrefix("!") }) {
            throw Failure(line: line, message: "principals must be written out, without * ? or !")
        }
        var namespaces: [String] = []
        var after: Timestamp?
        var before: Timestamp?
        var rest = rest[...]
        if let options = rest.first, SSHPublicKey.knownTypes.contains(options) == false {
            rest = rest.dropFirst()
            for option in Self.options(options) {
                let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
                guard !parts.isEmpty else { throw Failure(line: line, message: "there is an empty option") }
                let value = parts.count == 2 ? parts[1].filter { $0 != "\"" } : ""
                switch parts[0].lowercased() {
                case "namespaces":
                    namespaces = value.split(separator: ",").map(String.init)
                    guard !namespaces.isEmpty else { throw Failure(line: line, message: "namespaces names none") }
                case "valid-after": after = try time(value, line: line)
                case "valid-before": before = try time(value, line: line)
                case "cert-authority":
                    throw Failure(line: line, message: "certificate authorities are not accepted; list each person's key")
                default: throw Failure(line: line, message: "“\(parts[0])” is neither an option nor a key type")
                }
            }
        }
        guard let type = rest.first, let base64 = rest.dropFirst().first, let key = SSHPublicKey(base64: base64), key.type == type
        else {
            throw Failure(line: line, message: "there is no public key after the principals")
        }
        return Entry(principals: names, key: key, namespaces: namespaces, validAfter: after, validBefore: before)
    }

    /// Words separated by blanks; blanks inside double quotes do not separate.
    private static func fields(_ line: Substring) -> [String] {
        split(line) { $0 == " " || $0 == "\t" }.filter { !$0.isEmpty }
    }

    private static func options(_ text: String) -> [String] {
        split(text[...]) { $0 == "," }
    }

    private static func split(_ text: Substring, _ isSeparator: (Character) -> Bool) -> [String] {
        var result = [""]
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if isSeparator(character), !isQuoted { result.append("") } else { result[result.count - 1].append(character) }
        }
        return result
    }

    /// `YYYYMMDD`, `YYYYMMDDHHMM` or with seconds, each in UTC with a `Z`.
    private static func time(_ text: String, line: Int) throws(Failure) -> Timestamp {
        guard text.hasSuffix("Z") else {
            throw Failure(line: line, message: "the time “\(text)” has no Z: times must be in UTC to mean the same everywhere")
        }
        let digits = text.dropLast()
        guard [8, 12, 14].contains(digits.count), digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            throw Failure(line: line, message: "“\(text)” is not a time such as 20261121Z or 202611210742Z")
        }
        let padded = Array(digits + String(repeating: "0", count: 14 - digits.count))
        func part(_ range: Range<Int>) -> String { String(padded[range]) }
        let iso = "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))Z"
        guard let time = Timestamp(iso) else { throw Failure(line: line, message: "“\(text)” is not a time") }
        return time
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

    private func allows(_ entry: Entry, as principal: String, namespace: String, at time: Timestamp) -> Bool {
        !revoked.contains(entry.key) && entry.principals.contains(principal)
            && (entry.namespaces.isEmpty || entry.namespaces.contains(namespace))
            && entry.validAfter.map { $0 <= time } ?? true && entry.validBefore.map { time < $0 } ?? true
    }
}

extension SSHPublicKey {
    /// The key types that may stand in an allowed_signers line.
    static let knownTypes: Set<String> = [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ]
}
