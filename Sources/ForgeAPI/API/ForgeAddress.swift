import Foundation
public import GitOpsTypes

/// Where a forge answers, and for which repository.
public struct ForgeAddress: Hashable, Sendable {
    public let kind: ForgeKind
    /// The API's root, without a slash at its end.
    public let api: String
    /// `owner/name`; on GitLab with any number of groups.
    public let repository: String

    /// What is wrong with an address, and how to write it.
    public struct Failure: Error, Hashable, Sendable {
        public let message: String
        public let hint: String
    }

    /// - Parameters:
    ///   - api: `https://…`; plain HTTP for this machine only, as a token travels with every request.
    ///   - repository: the path of the repository.
    /// - Throws: `Failure`.
    public init(kind: ForgeKind, api: String, repository: String) throws(Failure) {
        self.kind = kind
        let trimmed = api.hasSuffix("/") ? String(api.dropLast()) : api
        guard let url = URLComponents(string: trimmed), let host = url.host, url.user == nil, url.query == nil,
            url.scheme == "https" || url.scheme == "http"
        else {
            throw Failure(
                message: "“\(api.displayable)” is not the address of an API",
                hint: "write \(ForgeProviders.provider(of: kind).exampleAPI)")
        }
        guard url.scheme == "https" || ["127.0.0.1", "localhost", "::1", "[::1]"].contains(host) else {
            throw Failure(
                message: "“\(api.displayable)” would send a token in the clear", hint: "write https://…")
        }
        let parts = repository.split(separator: "/", omittingEmptySubsequences: false)
        guard ForgeProviders.provider(of: kind).nestsRepositories ? parts.count >= 2 : parts.count == 2,
            parts.allSatisfy({ part in
                !part.isEmpty && !part.hasPrefix(".") && part.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x25 }
            })
        else {
            throw Failure(
                message: "“\(repository.displayable)” is not the path of a repository", hint: "write owner/name")
        }
        self.api = trimmed
        self.repository = repository
    }

    /// What a remote's address tells by itself; nil where the host is that of no public server.
    ///
    /// - Parameter remote: as Git has it: `https://github.com/acme/config.git`, `git@github.com:acme/config.git`, `ssh://…`.
    public init?(inferredFrom remote: String) {
        guard let (host, path) = Self.place(of: remote) else { return nil }
        guard let (kind, api) = ForgeProviders.publicServer(host) else { return nil }
        do { try self.init(kind: kind, api: api, repository: path) } catch { return nil }
    }

    /// Host and path of a remote's address; nil for a path of this machine.
    public static func place(of remote: String) -> (host: String, path: String)? {
        var host: String
        var path: Substring
        if let scheme = remote.range(of: "://") {
            guard let url = URLComponents(string: remote), let name = url.host,
                ["https", "http", "ssh", "git"].contains(remote[..<scheme.lowerBound])
            else { return nil }
            host = name
            path = url.path.drop { $0 == "/" }
        } else {
            // scp's way of writing: [user@]host:path
            guard let colon = remote.firstIndex(of: ":"), !remote[..<colon].contains("/") else { return nil }
            host = String(remote[..<colon].split(separator: "@").last ?? "")
            path = remote[remote.index(after: colon)...].drop { $0 == "/" }
        }
        host = host.lowercased()
        if path.hasSuffix("/") { path = path.dropLast() }
        if path.hasSuffix(".git") { path = path.dropLast(4) }
        return host.isEmpty || path.isEmpty ? nil : (host, String(path))
    }
}
