import GitOpsTypes
import HTTPExchange
import Testing

@testable import ForgeAPI
@testable import HTTPClientTransport

/// Where a forge is, and how it is reached.
@Suite struct ForgeAddressTests {
    @Test(arguments: [
        ("https://github.com/acme/config.git", ForgeKind.github, "https://api.github.com", "acme/config"),
        ("git@github.com:acme/config.git", .github, "https://api.github.com", "acme/config"),
        ("ssh://git@ssh.github.com:443/acme/config", .github, "https://api.github.com", "acme/config"),
        ("https://user:secret@gitlab.com/group/sub/config.git", .gitlab, "https://gitlab.com/api/v4", "group/sub/config"),
        ("https://codeberg.org/acme/config/", .gitea, "https://codeberg.org/api/v1", "acme/config"),
    ])
    func `A remote on a host that everybody knows tells the forge`(
        _ remote: String, _ kind: ForgeKind, _ api: String, _ repository: String
    ) throws {
        let address = try #require(ForgeAddress(inferredFrom: remote))
        #expect(address.kind == kind)
        #expect(address.api == api)
        #expect(address.repository == repository)
    }

    @Test(arguments: [
        "/srv/git/config.git", "../config.git", "file:///srv/config.git", "https://git.example.org/acme/config.git",
        "https://github.com.example.org/acme/config", "git@example.org:github.com/acme/config", "https://github.com/acme",
        "https://github.com/a/b/c", "",
    ])
    func `Any other remote tells nothing`(_ remote: String) {
        #expect(ForgeAddress(inferredFrom: remote) == nil)
    }

    @Test(arguments: [
        "http://git.example.org/api/v1", "ftp://git.example.org", "git.example.org/api/v1", "https://user@git.example.org/api",
        "https://git.example.org/api?token=1", "http://127.0.0.1.example.org/api",
    ])
    func `A token is sent over TLS, to an address without secrets in it`(_ api: String) {
        #expect(throws: ForgeAddress.Failure.self) { try ForgeAddress(kind: .gitea, api: api, repository: "acme/config") }
    }

    @Test(arguments: ["acme", "acme/", "/config", "acme/../config", "acme/con fig", "a/b/c", "acme/%2e%2e"])
    func `A repository is an owner and a name`(_ repository: String) {
        #expect(throws: ForgeAddress.Failure.self) {
            try ForgeAddress(kind: .github, api: "https://api.github.com", repository: repository)
        }
    }

    @Test func `A proxy is used for what NO_PROXY does not name, and never for this machine`() throws {
        let settings = try ProxySettings([
            "HTTPS_PROXY": "http://alice:secret@proxy.example:3128", "no_proxy": "internal.example, .corp.example",
        ])
        #expect(settings.proxy?.host == "proxy.example")
        #expect(settings.proxy?.port == 3128)
        #expect(settings.proxy?.user == "alice")
        for host in ["localhost", "127.0.0.1", "internal.example", "git.internal.example", "a.corp.example", "corp.example"] {
            #expect(settings.isDirect(host), "\(host)")
        }
        for host in ["api.github.com", "notinternal.example", "internal.example.org"] {
            #expect(!settings.isDirect(host), "\(host)")
        }
        #expect(try ProxySettings([:]).isDirect("api.github.com"))
        #expect(throws: HTTPClientTransport.SettingsFailure.self) { try ProxySettings(["HTTPS_PROXY": "socks5://proxy"]) }
    }

    @Test func `Dates of HTTP are read`() {
        #expect(HTTPDate.timestamp("Sun, 06 Nov 1994 08:49:37 GMT") == Timestamp("1994-11-06T08:49:37Z"))
        #expect(HTTPDate.timestamp("yesterday") == nil)
    }
}
