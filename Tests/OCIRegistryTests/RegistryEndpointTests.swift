import GitOpsTypes
import ImageRegistry
import Testing

@testable import OCIRegistry

/// Whom a registry may send us to, and who gets a secret.
@Suite struct RegistryEndpointTests {
    @Test(arguments: [
        "localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.9.9.9", "10.0.0.1", "192.168.1.1", "172.16.0.1",
        "172.31.255.255",
        "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fe80::1]", "[fd00::1]",
        "[::ffff:8.8.8.8]", "::1",
        // Addresses in disguise.
        "2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "8.8.8.008", "8.8.8.8.8", "256.1.1.1", "10.0.0.0x1",
    ])
    func `An address nearby, or in disguise, is private`(_ host: String) { #expect(RegistryEndpoint.isPrivate(host)) }

    @Test(arguments: [
        "registry.example", "8.8.8.8", "127.example", "127.0.0.1.example", "172.15.0.1", "172.32.0.1", "100.128.0.1",
        "192.169.0.1",
        "[2001:db8::1]", "localhost.example", "10.example", "0x7f.example",
    ])
    func `A name, or an address that anybody may have, is not`(_ host: String) { #expect(!RegistryEndpoint.isPrivate(host)) }

    @Test(
        arguments: [
            ("registry.example", true, true), ("registry.example", nil, false), ("8.8.8.8:5000", true, true),
            ("10.0.0.1", true, false), ("localhost:5000", nil, false), ("127.0.0.1.example", true, true),
            ("docker.io", true, true),
        ] as [(String, Bool?, Bool)])
    func `Without TLS, and not nearby, what is sent may be read`(_ host: String, _ isPlainHTTP: Bool?, _ isExposed: Bool) {
        #expect(RegistryEndpoint(host: host, isPlainHTTP: isPlainHTTP).isExposed == isExposed)
    }

    @Test(
        arguments: [
            ("registry.example", nil, "https://registry.example"), ("docker.io", nil, "https://registry-1.docker.io"),
            ("localhost:5000", nil, "http://localhost:5000"), ("127.0.0.1:5000", nil, "http://127.0.0.1:5000"),
            ("[::1]:5000", nil, "http://[::1]:5000"), ("127.evil.example", nil, "https://127.evil.example"),
            ("127.0.0.1.evil.example:443", nil, "https://127.0.0.1.evil.example:443"),
            ("10.0.0.1", nil, "https://10.0.0.1"), ("localhost", false, "https://localhost"),
            ("10.0.0.1", true, "http://10.0.0.1"),
            ("Registry.Example:5000", nil, "https://registry.example:5000"),
        ] as [(String, Bool?, String)])
    func `Without TLS only this machine is asked, unless somebody says otherwise`(
        _ host: String, _ isPlainHTTP: Bool?, _ origin: String
    ) {
        #expect(RegistryEndpoint(host: host, isPlainHTTP: isPlainHTTP).origin == origin)
    }

    @Test(arguments: [
        ("https://cdn.example/x", true), ("https://registry.example/v2/x", true), ("http://cdn.example/x", false),
        ("http://registry.example/x", false), ("https://10.0.0.1/x", false), ("https://2130706433/x", false),
        ("ftp://cdn.example/x", false), ("https://user@cdn.example/x", false), ("https://cdn.example:0/x", false), ("x", false),
    ])
    func `A redirect leads to the outside, with TLS, or nowhere`(_ target: String, _ isFine: Bool) {
        let endpoint = RegistryEndpoint(host: "registry.example", isPlainHTTP: nil)
        #expect((endpoint.problem(withRedirectTo: target) == nil) == isFine)
    }

    @Test(arguments: [
        ("registry.example", "https://auth.example/token", true), ("registry.example", "http://auth.example/token", false),
        ("registry.example", "https://10.0.0.1/token", false), ("registry.example", "http://169.254.169.254/token", false),
        ("127.0.0.1:5000", "http://127.0.0.1:5001/token", true), ("127.0.0.1:5000", "http://169.254.169.254/token", false),
        ("127.0.0.1:5000", "http://auth.example/token", false), ("127.0.0.1:5000", "http://127.0.0.1:5000/token", true),
    ])
    func `Credentials go to a token server nearby only from a registry nearby`(_ host: String, _ realm: String, _ isFine: Bool) {
        let endpoint = RegistryEndpoint(host: host, isPlainHTTP: nil)
        #expect((endpoint.problem(withRealm: realm) == nil) == isFine)
    }

    @Test(arguments: [
        ("Basic realm=\"x\"", RegistryChallenge.basic), ("BASIC", .basic),
        ("Bearer realm=\"https://a.example/t\"", .bearer(realm: "https://a.example/t", service: nil, scope: nil)),
        (
            "bearer Realm=\"https://a.example/t\", service=\"a, \\\"b\\\"\" ,scope=x",
            .bearer(realm: "https://a.example/t", service: "a, \"b\"", scope: "x")
        ),
        ("Bearer realm=\"https://a.example/t", .bearer(realm: "https://a.example/t", service: nil, scope: nil)),
    ])
    func `A challenge is read as it is quoted`(_ header: String, _ challenge: RegistryChallenge) {
        #expect(RegistryChallenge(header) == challenge)
    }

    @Test(arguments: ["", "Bearer", "Bearer realm", "Digest realm=\"x\"", "Negotiate", "Bearer ="])
    func `What cannot be met is no challenge`(_ header: String) { #expect(RegistryChallenge(header) == nil) }

    @Test(arguments: [
        ("web", "docker.io", "library/web"), ("acme/web", "docker.io", "acme/web"), ("docker.io/web", "docker.io", "library/web"),
        ("index.docker.io/acme/web", "docker.io", "acme/web"), ("localhost/web", "localhost", "web"),
        ("registry.example:5000/a/b/web", "registry.example:5000", "a/b/web"),
    ])
    func `A name says where the image is, as Docker reads it`(_ name: String, _ registry: String, _ path: String) throws {
        let address = RepositoryAddress(try #require(ImageName(name)))
        #expect(address.registry == registry && address.path == path)
    }
}
