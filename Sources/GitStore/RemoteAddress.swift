import GitOpsTypes

/// Where a remote is, as far as two ways of writing it can be told to be one place.
public enum RemoteAddress {
    /// Whether two addresses name the same repository: the same host and path, by whatever protocol, port and user.
    ///
    /// Source: git-clone(1), “Git URLs”.
    public static func isSame(_ left: String, _ right: String) -> Bool {
        left == right || (place(left) != nil && place(left) == place(right))
    }

    private struct Place: Equatable {
        let host: String
        let path: String
    }

    private static func place(_ address: String) -> Place? {
        if let scheme = address.firstRange(of: "://") {
            let rest = address[scheme.upperBound...]
            guard let slash = rest.firstIndex(of: "/") else { return nil }
            return Place(host: host(rest[..<slash]), path: path(rest[slash...]))
        }
        // A path of this machine, unless a colon comes before the first slash: then it is SSH's short form.
        guard let colon = address.firstIndex(of: ":"), !address[..<colon].contains("/") else {
            return address.hasPrefix("/") ? Place(host: "", path: path(address[...])) : nil
        }
        return Place(host: host(address[..<colon]), path: path(address[address.index(after: colon)...]))
    }

    private static func host(_ authority: Substring) -> String {
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        guard let colon = host.lastIndex(of: ":"), host[host.index(after: colon)...].allSatisfy(\.isNumber) else {
            return host.lowercased()
        }
        return host[..<colon].lowercased()
    }

    private static func path(_ text: Substring) -> String {
        var names = text.split(separator: "/").map(String.init)
        if let last = names.last, last.hasSuffix(".git"), last != ".git" { names[names.count - 1] = String(last.dropLast(4)) }
        return names.joined(separator: "/")
    }
}

extension GitConfiguration {
    /// Whether Git may push to another place than it fetches from.
    public func mayPushElsewhere(_ remote: String) -> Bool {
        self["remote.\(remote).pushurl"] != nil || all("remote.\(remote).url").count > 1
            || keys.contains { $0.hasPrefix("url.") && $0.hasSuffix(".pushinsteadof") }
    }
}

extension GitProgram {
    /// Where Git reads a remote from, or pushes it to, with all that its configuration puts in another's place.
    public func addresses(of remote: String, pushing: Bool) async throws -> [String] {
        let output = try await process.run(["remote", "get-url", "--all"] + (pushing ? ["--push"] : []) + ["--", remote])
        guard output.isSuccess else {
            throw GitError(.configuration, "read where \(remote) is", output.standardError.firstLine.displayable)
        }
        return String(decoding: output.standardOutput, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
