import Foundation
import GitOpsTypes

/// Which hosts are reached through a proxy.
///
/// Source: curl(1), ENVIRONMENT: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, lower case first.
struct ProxySettings: Sendable {
    struct Proxy: Sendable {
        let host: String
        let port: Int
        let user: String?
        let password: String?
    }

    let proxy: Proxy?
    private let exceptions: [String]

    init(_ environment: [String: String]) throws(HTTPClientTransport.SettingsFailure) {
        func value(_ name: String) -> String? {
            [name.lowercased(), name].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        exceptions = (value("NO_PROXY") ?? "").split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces).lowercased()
        }
        guard let text = value("HTTPS_PROXY") ?? value("HTTP_PROXY") ?? value("ALL_PROXY") else {
            proxy = nil
            return
        }
        guard let url = URLComponents(string: text.contains("://") ? text : "http://\(text)"), let host = url.host,
            url.scheme == "http"
        else {
            // The text may hold a password.
            throw HTTPClientTransport.SettingsFailure(message: "HTTPS_PROXY is not like http://host:port")
        }
        proxy = Proxy(host: host, port: url.port ?? 80, user: url.user, password: url.password)
    }

    /// Whether `host` is reached without the proxy: as named by `NO_PROXY`, or this machine itself.
    func isDirect(_ host: String) -> Bool {
        let host = host.lowercased()
        if proxy == nil || ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host) { return true }
        return exceptions.contains { exception in
            let name = exception.hasPrefix(".") ? String(exception.dropFirst()) : exception
            return exception == "*" || host == name || !name.isEmpty && host.hasSuffix(".\(name)")
        }
    }
}
