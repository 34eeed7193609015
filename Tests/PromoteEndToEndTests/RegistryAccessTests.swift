import ForgeServer
import Foundation
import PromoteTestSupport
import Synchronization
import Testing

/// How registries are asked that want tokens, or want to be left alone.
@Suite struct RegistryAccessTests {
    /// One image behind whatever `guarding` answers before it lets through.
    private func server(
        _ image: ServedImage,
        guarding: @escaping @Sendable (_ path: String, _ headers: [String: String], _ body: String) -> LoopbackServer.Outcome?
    ) throws -> LoopbackServer {
        try LoopbackServer { method, path, headers, body, reply in
            if let outcome = guarding(path, headers, String(decoding: body, as: UTF8.self)) { return reply(outcome) }
            reply(image.answer(method, path))
        }
    }

    struct ServedImage: Sendable {
        let digest: String
        private let manifest: [UInt8]
        private let config: [UInt8]

        init() throws {
            config = Array(#"{"architecture":"amd64","os":"linux","config":{}}"#.utf8)
            manifest = Array(
                #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(try Tool.digest(of: config))","size":1},"layers":[]}"#
                    .utf8)
            digest = try Tool.digest(of: manifest)
        }

        func answer(_ method: String, _ path: String) -> LoopbackServer.Outcome {
            if path.contains("/blobs/") { return .init(status: 200, body: config) }
            return .init(status: 200, headers: [("Docker-Content-Digest", digest)], body: method == "HEAD" ? [] : manifest)
        }
    }

    @Test(arguments: ["password", "identity token", "nobody"])
    func `A token is got from where the registry says, once, and sent to the registry alone`(_ way: String) throws {
        let image = try ServedImage()
        let tokens = Mutex<[String]>([])
        let port = Mutex(0)
        let server = try server(image) { path, headers, body in
            if path.hasPrefix("/token") {
                tokens.withLock { $0.append("\(path) \(headers["authorization"] ?? "") \(body)") }
                return .init(status: 200, body: Array(#"{"token":"the-token"}"#.utf8))
            }
            if headers["authorization"] == "Bearer the-token" { return nil }
            let realm = "http://127.0.0.1:\(port.withLock { $0 })/token"
            return .init(
                status: 401,
                headers: [("WWW-Authenticate", "Bearer realm=\"\(realm)\",service=\"a, b\",scope=\"repository:web:pull\"")],
                body: [])
        }
        port.withLock { $0 = server.port }
        var ci = try Playground(keepingImagesAt: "127.0.0.1:\(server.port)").person("ci")
        let folder = try ScratchDirectory()
        ci.environment["DOCKER_CONFIG"] = folder.path
        let auth = Data("bot:pass".utf8).base64EncodedString()
        switch way {
        case "password":
            try folder.write(#"{"auths": {"https://127.0.0.1:\#(server.port)/v1/": {"auth": "\#(auth)"}}}"#, to: "config.json")
        case "identity token":
            try folder.write(#"{"auths": {"127.0.0.1:\#(server.port)": {"identitytoken": "long lived"}}}"#, to: "config.json")
        default: break
        }
        let registered = try ci.ask("register", "registry.example/web:1.0.0")
        #expect(registered.text("images", 0, "digest") == image.digest, "\(registered.result.output)")
        let asked = tokens.withLock { $0 }
        #expect(asked.count == 1, "\(asked)")
        #expect(asked.first?.contains("service=a%2C%20b") == true, "\(asked)")
        #expect(asked.first?.contains("Basic \(auth)") == (way == "password"))
        #expect(asked.first?.contains("refresh_token=long%20lived") == (way == "identity token"))
    }

    @Test func `A registry that wants to be left alone is waited for, and not for long`() throws {
        let image = try ServedImage()
        let count = Mutex(0)
        let patient = try server(image) { _, _, _ in
            let isFirst = count.withLock { count in
                count += 1
                return count == 1
            }
            return isFirst
                ? .init(status: 429, headers: [("Retry-After", "1")], body: []) : nil
        }
        let ci = try Playground(keepingImagesAt: "127.0.0.1:\(patient.port)").person("ci")
        #expect(try ci.ask("register", "registry.example/web:1.0.0").status == 0)
        let hard = try server(image) { _, _, _ in .init(status: 429, headers: [("Retry-After", "3600")], body: []) }
        let other = try Playground(keepingImagesAt: "127.0.0.1:\(hard.port)").person("ci")
        let refused = try other.ask("register", "registry.example/web:1.0.0")
        #expect(refused.status == 69)
        #expect(refused.message?.contains("wants no more requests for 3600 seconds") == true, "\(refused.message ?? "")")
    }

    @Test func `A mirror that lacks an image, or is away, gives way to the next`() throws {
        let image = try ServedImage()
        let poor = try server(image) { _, _, _ in .init(status: 404, body: []) }
        let good = try server(image) { _, _, _ in nil }
        let ci = try Playground(keepingImagesAt: "127.0.0.1:\(poor.port)\", \"127.0.0.1:1\", \"127.0.0.1:\(good.port)")
            .person("ci")
        #expect(try ci.ask("register", "registry.example/web:1.0.0").text("images", 0, "digest") == image.digest)
    }

    enum Referrers: CaseIterable {
        case onTheSecondPage, pagesWithoutEnd, elsewhere
    }

    /// Source: OCI distribution specification 1.1, "Listing Referrers".
    @Test(arguments: Referrers.allCases)
    func `What refers to an image is read to the end of the list`(_ referrers: Referrers) throws {
        let image = try ServedImage()
        let signer = try ImageSigner()
        let bundle = try signer.bundle(
            ImageSigner.statement(of: image.digest, "https://sigstore.dev/cosign/sign/v1", predicate: "{}"))
        let type = "application/vnd.dev.sigstore.bundle.v0.3+json"
        let bytes = [UInt8](try JSONSerialization.data(withJSONObject: bundle))
        let blob = try Tool.digest(of: bytes)
        let manifest = Array(
            #"{"schemaVersion":2,"artifactType":"\#(type)","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"\#(blob)","size":2},"layers":[{"mediaType":"\#(type)","digest":"\#(blob)","size":\#(bytes.count)}]}"#
                .utf8)
        let referrer = try Tool.digest(of: manifest)
        let server = try server(image) { path, _, _ in
            func page(_ text: String, next: String? = nil) -> LoopbackServer.Outcome {
                .init(
                    status: 200, headers: next.map { [("Link", "<\($0)>; rel=\"next\"")] } ?? [],
                    body: Array(#"{"schemaVersion":2,"manifests":[\#(text)]}"#.utf8))
            }
            if path.hasSuffix(".sig") || path.hasSuffix(".att") || path.hasSuffix("sha256-\(image.digest.dropFirst(7))") {
                return .init(status: 404, body: [])
            }
            if path.hasSuffix("/blobs/\(blob)") { return .init(status: 200, body: bytes) }
            if path.hasSuffix("/manifests/\(referrer)") { return .init(status: 200, body: manifest) }
            guard path.contains("/referrers/") else { return nil }
            let other = #"{"mediaType":"x","artifactType":"application/spdx+json","digest":"\#(blob)","size":9}"#
            switch referrers {
            case .pagesWithoutEnd: return page(other, next: path)
            case .elsewhere: return page(other, next: "http://127.0.0.1:1/v2/web/referrers/x")
            case .onTheSecondPage:
                return path.contains("page=2")
                    ? page(#"{"mediaType":"x","artifactType":"\#(type)","digest":"\#(referrer)","size":9}"#)
                    : page(other, next: path + "?page=2")
            }
        }
        let ci = try Playground(
            keepingImagesAt: "127.0.0.1:\(server.port)", image: "verify: {keys: [cosign.pub]}",
            files: ["cosign.pub": try signer.publicKey()]
        ).person("ci")
        let answer = try ci.ask("register", "registry.example/web:1.0.0")
        switch referrers {
        case .onTheSecondPage: #expect(answer.status == 0, "\(answer.result.output)")
        case .pagesWithoutEnd:
            #expect(answer.status == 69)
            #expect(answer.message?.contains("without end") == true, "\(answer.message ?? "")")
        case .elsewhere:
            #expect(answer.refusedBy == "built-once")
            #expect(answer.message?.contains("sends elsewhere") == true, "\(answer.message ?? "")")
        }
    }
}
