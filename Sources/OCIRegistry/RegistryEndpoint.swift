import Foundation
import ImageRegistry

/// A server that is asked for images: a registry, or a mirror of one.
struct RegistryEndpoint: Hashable, Sendable {
    /// Whose credentials are sent: `registry.example:5000`.
    let host: String
    /// `https://registry.example:5000`
    let origin: String

    init(host: String, isPlainHTTP: Bool?) {
        let host = host.lowercased()
        self.host = host
        // Docker Hub answers at another name than its images have.
        let server = host == "docker.io" ? "registry-1.docker.io" : host
        origin = "\(isPlainHTTP ?? Self.isThisMachine(host) ? "http" : "https")://\(server)"
    }

    /// Whether what is sent to it may be read on the way.
    var isExposed: Bool { origin.hasPrefix("http:") && !Self.isPrivate(Self.name(of: host)) }

    /// The mirrors of a registry, then the registry itself.
    static func endpoints(of registry: String, _ settings: [String: RegistrySettings]) -> [RegistryEndpoint] {
        ((settings[registry]?.mirrors ?? []) + [registry]).map {
            RegistryEndpoint(host: $0, isPlainHTTP: settings[$0]?.isPlainHTTP)
        }
    }

    /// The origin of an address; nil where it has none that may be asked.
    static func origin(of url: String) -> String? {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme),
            let host = parts.host, !host.isEmpty, parts.user == nil, (1...65535).contains(parts.port ?? 443)
        else { return nil }
        return "\(scheme)://\(host.lowercased())\(parts.port.map { ":\($0)" } ?? "")"
    }

    /// Why a registry must not send a client to an address; nil when that is fine.
    func problem(withRedirectTo url: String) -> String? {
        guard let target = Self.origin(of: url), let parts = URLComponents(string: url), let name = parts.host else {
            return "no address that could be asked"
        }
        if target == origin { return nil }
        if origin.hasPrefix("https:"), target.hasPrefix("http:") { return "an address without TLS" }
        return Self.isPrivate(name) ? "a private address" : nil
    }

    /// Why no credentials go to the token server at an address; nil when that is fine.
    func problem(withRealm url: String) -> String? {
        guard let target = Self.origin(of: url), let name = URLComponents(string: url)?.host else {
            return "no address that could be asked"
        }
        if target == origin { return nil }
        if target.hasPrefix("http:"), origin.hasPrefix("https:") || !Self.isPrivate(name) { return "an address without TLS" }
        // A registry nearby may have its tokens made nearby, and never where machines keep their own secrets.
        guard Self.isPrivate(name) else { return nil }
        let isNearby =
            ["localhost", "[::1]"].contains(name)
            || name.split(separator: ".").count == 4 && ["127.", "10.", "172.", "192.168."].contains { name.hasPrefix($0) }
        return isNearby && Self.isPrivate(Self.name(of: host)) ? nil : "a private address"
    }

    private static func isThisMachine(_ host: String) -> Bool {
        let name = name(of: host)
        return name == "localhost" || name == "[::1]" || name.hasPrefix("127.") && isPrivate(name)
    }

    private static func name(of host: String) -> String {
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") { return String(host[...end]) }
        return String(host.split(separator: ":").first ?? "")
    }

    /// Whether a host is written as an address that only machines nearby can have, or as this machine, or in a way that hides
    /// which address it is.
    ///
    /// Source: RFC 1918, 3927, 4193, 4291, 6598, 6761.
    static func isPrivate(_ host: String) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        if host.hasPrefix("[") || host.contains(":") {
            // Everything but global unicast.
            let first =
                host.trimmingCharacters(in: ["[", "]"]).split(separator: ":", omittingEmptySubsequences: false).first ?? ""
            return UInt16(first, radix: 16).map { !(0x2000...0x3fff).contains($0) } ?? true
        }
        let last = host.split(separator: ".").last ?? ""
        // A name ends in a label that is no number; everything else is an address.
        guard last.allSatisfy(\.isNumber) || last.hasPrefix("0x") else { return false }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let octets = parts.compactMap { UInt8($0) }
        guard octets.count == 4, parts.count == 4, zip(parts, octets).allSatisfy({ $0 == "\($1)" }) else { return true }
        switch (octets[0], octets[1]) {
        case (0, _), (10, _), (127, _), (169, 254), (192, 168), (172, 16...31), (100, 64...127), (224..., _): return true
        default: return false
        }
    }
}
