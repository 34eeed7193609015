import GitOpsTypes

/// A directory of another Git repository, as a kustomization names it.
///
/// Source: Kustomize 5.8.1, `api/internal/git/repospec.go`: what is read here otherwise than there would be built otherwise, too.
struct RemoteReference: Hashable, Sendable {
    /// The repository, as Git is given it.
    let address: String
    /// The directory in it, as it is written.
    let path: String
    /// What is to be checked out: a branch, a tag, a commit; empty for the default branch.
    let ref: String

    /// Nil for what Kustomize takes for no repository: a path of this one.
    init?(_ text: String) {
        let bytes = Array(text.utf8)[...]
        guard bytes.first != UInt8(ascii: "/") else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let place = RemotePlace(parts[0]), let split = place.split, !split.repository.isEmpty else { return nil }
        address = String(decoding: place.host + split.repository, as: UTF8.self)
        path = String(decoding: split.path.droppingSlash, as: UTF8.self)
        ref = RemoteQuery(parts.count == 2 ? parts[1] : []).ref
    }

    /// Whether Kustomize asks a web server for a file first: `git::` in front of an address keeps it from that.
    ///
    /// Source: Kustomize 5.8.1, `api/internal/loader/fileloader.go`.
    static func isAskedForByHTTP(_ text: String) -> Bool {
        let bytes = Array(text.utf8)[...]
        return ["http://", "https://"].contains { bytes.removing(prefix: $0) != nil }
    }
}

/// An address without its query: the host, as Kustomize writes it, and what follows.
private struct RemotePlace {
    let host: ArraySlice<UInt8>
    private let rest: ArraySlice<UInt8>

    private static let file = "file://"
    private static let schemes = ["ssh://", "https://", "http://", file]
    private static let slash = UInt8(ascii: "/")

    init?(_ text: ArraySlice<UInt8>) {
        let text = text.removing(prefix: "git::") ?? text
        let scheme = Self.schemes.first { text.removing(prefix: $0) != nil } ?? ""
        let behindScheme = text.dropFirst(scheme.utf8.count)
        let user = Self.user(in: behindScheme)
        let place = behindScheme.dropFirst(user.count)
        let isGitHub = ["github.com/", "github.com:"].contains { place.removing(prefix: $0) != nil }
        // Without a scheme, it is SSH's short form, which has a user everywhere but at GitHub.
        let isShort = scheme.isEmpty && (!user.isEmpty || isGitHub)
        guard !scheme.isEmpty || isShort else { return nil }
        if scheme == Self.file {
            (host, rest) = (scheme.bytes, behindScheme)
            return
        }
        let end = Self.end(ofHost: place, isShort: isShort)
        let name = end.map { place[...$0] } ?? place
        guard !name.isEmpty else { return nil }
        rest = end.map { place[($0 + 1)...] } ?? []
        if !isGitHub {
            host = scheme.bytes + user + name
        } else if scheme == "ssh://" || !user.isEmpty {
            host = user + "github.com:".bytes
        } else {
            host = "https://github.com/".bytes
        }
    }

    /// With the sign behind it.
    private static func user(in text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let at = text.firstIndex(of: UInt8(ascii: "@")), let first = text.first, first.isLetter,
            text[..<at].allSatisfy({ $0.isLetter || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") })
        else { return [] }
        return text[...at]
    }

    private static func end(ofHost text: ArraySlice<UInt8>, isShort: Bool) -> Int? {
        let slash = text.firstIndex(of: slash)
        guard isShort, let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return slash }
        guard let slash else { return colon }
        return colon > text.startIndex && colon < slash ? colon : slash
    }

    /// Where the repository ends: at a mark for it, else at what an organisation and a name have at GitHub.
    var split: (repository: ArraySlice<UInt8>, path: ArraySlice<UInt8>)? {
        if let mark = rest.firstRange(of: "_git/".bytes) {
            let end = rest[mark.upperBound...].firstIndex(of: Self.slash) ?? rest.endIndex
            return (rest[..<end], rest[end...].droppingSlash)
        }
        if let mark = rest.firstRange(of: "//".bytes) { return (rest[..<mark.lowerBound], rest[mark.upperBound...]) }
        if let mark = rest.firstRange(of: ".git".bytes) { return (rest[..<mark.upperBound], rest[mark.upperBound...]) }
        if host == Self.file.bytes { return (rest, []) }
        guard let first = rest.firstIndex(of: Self.slash) else { return nil }
        let second = rest[(first + 1)...].firstIndex(of: Self.slash) ?? rest.endIndex
        return (rest[..<second], rest[second...].droppingSlash)
    }
}

/// What follows the question mark.
private struct RemoteQuery {
    private var values: [String: String] = [:]

    /// Nothing of it counts where it is malformed anywhere. Source: Go, `url.ParseQuery`.
    init(_ query: ArraySlice<UInt8>) {
        var values: [String: String] = [:]
        for pair in query.split(separator: UInt8(ascii: "&")) {
            let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard !pair.contains(UInt8(ascii: ";")), let key = Self.unescaped(sides[0]),
                let value = Self.unescaped(sides.count == 2 ? sides[1] : [])
            else { return }
            if values[key] == nil { values[key] = value }
        }
        self.values = values
    }

    var ref: String { values["ref"].flatMap { $0.isEmpty ? nil : $0 } ?? values["version"] ?? "" }

    /// Source: Go, `url.QueryUnescape`.
    private static func unescaped(_ text: ArraySlice<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard rest.count >= 2, let decoded = [UInt8](hexadecimal: String(decoding: rest.prefix(2), as: UTF8.self)) else {
                    return nil
                }
                bytes += decoded
                rest = rest.dropFirst(2)
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case _: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ArraySlice<UInt8> {
    /// What follows a prefix in small letters, which may be written in capitals; nil where it does not begin so.
    fileprivate func removing(prefix: String) -> ArraySlice<UInt8>? {
        let head = self.prefix(prefix.utf8.count)
        guard head.count == prefix.utf8.count,
            zip(head, prefix.utf8).allSatisfy({ $0 == $1 || (0x41...0x5A).contains($0) && $0 | 0x20 == $1 })
        else { return nil }
        return dropFirst(head.count)
    }

    fileprivate var droppingSlash: ArraySlice<UInt8> { first == UInt8(ascii: "/") ? dropFirst() : self }
}

extension String {
    fileprivate var bytes: ArraySlice<UInt8> { Array(utf8)[...] }
}
