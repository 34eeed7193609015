import ForgeServer
import Foundation
import PromoteTestSupport
import Synchronization
import Testing

/// A registry that is not taken at its word: whatever it does, the error is clear and nothing is registered.
@Suite struct LyingRegistryTests {
    enum Lie: CaseIterable {
        case wrongDigestOfTag, wrongContentDigest, bodyOfAnother, blobOfAnother, redirectLoop, redirectHome, redirectToMetadata
        case redirectInDisguise, redirectToNoPort, endlessWait, gigantic, unauthorizedForEver, tokenFromNearby, drip, truncated,
            noJSON, oldSchema,
            digestOfNoForm
        case tooManyImages
    }

    private static let manifestType = "application/vnd.oci.image.manifest.v1+json"

    @Test(arguments: Lie.allCases)
    func `Nothing is registered on the word of a registry that lies`(_ lie: Lie) throws {
        let config = Array(#"{"architecture":"amd64","os":"linux","config":{}}"#.utf8)
        let configDigest = try Tool.digest(of: config)
        var text =
            #"{"schemaVersion":2,"mediaType":"\#(Self.manifestType)","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(configDigest)","size":1},"layers":[]}"#
        switch lie {
        case .oldSchema: text = #"{"schemaVersion":1,"name":"web"}"#
        case .noJSON: text = "<html>"
        case .gigantic: text += String(repeating: " ", count: 5 << 20)
        case .tooManyImages:
            let entry = #"{"mediaType":"\#(Self.manifestType)","digest":"\#(configDigest)","size":1}"#
            text = #"{"schemaVersion":2,"manifests":[\#(Array(repeating: entry, count: 100).joined(separator: ","))]}"#
        default: break
        }
        let manifest = Array(text.utf8)
        let digest = try Tool.digest(of: manifest)
        let asked = Mutex(0)
        let server = try LoopbackServer { method, path, headers, _, reply in
            asked.withLock { $0 += 1 }
            func answer(
                _ status: Int, _ body: [UInt8] = [], _ headers: [(String, String)] = [],
                _ manner: LoopbackServer.Outcome.Manner = .whole
            ) { reply(.init(status: status, headers: headers, body: body, manner: manner)) }
            let isManifest = path.contains("/manifests/")
            switch lie {
            case .unauthorizedForEver:
                answer(401, [], [("WWW-Authenticate", "Basic realm=\"x\"")])
            case .tokenFromNearby:
                answer(401, [], [("WWW-Authenticate", "Bearer realm=\"http://169.254.169.254/token\",service=\"x\"")])
            case .redirectLoop: answer(307, [], [("Location", path + "x")])
            case .redirectHome: answer(307, [], [("Location", "http://127.0.0.1:1/steal")])
            case .redirectToMetadata: answer(302, [], [("Location", "http://169.254.169.254/latest/meta-data")])
            case .redirectInDisguise: answer(302, [], [("Location", "http://2130706433:1/")])
            case .redirectToNoPort: answer(302, [], [("Location", "https://8.8.8.8:99999/")])
            case .endlessWait:
                answer(429, [], [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "-9223372036854775808")])
            case .digestOfNoForm: answer(200, [], [("Docker-Content-Digest", "sha256:x")])
            case .wrongDigestOfTag where method == "HEAD":
                answer(200, [], [("Docker-Content-Digest", Playground.digest("5"))])
            case .wrongContentDigest where isManifest && path.contains("sha256"):
                answer(200, manifest, [("Docker-Content-Digest", Playground.digest("5"))])
            case .bodyOfAnother where isManifest && path.contains("sha256"):
                answer(200, manifest + Array(" ".utf8), [("Docker-Content-Digest", digest)])
            case .blobOfAnother where path.contains("/blobs/"): answer(200, config + Array(" ".utf8))
            case .drip where method == "GET": answer(200, manifest, [], .dripping)
            case .truncated where method == "GET": answer(200, manifest, [], .truncated)
            default:
                if method == "HEAD" {
                    answer(200, [], [("Docker-Content-Digest", digest)])
                } else if isManifest {
                    // What is named by a digest that nobody has is not there.
                    answer(path.hasSuffix(digest) || !path.contains("sha256") ? 200 : 404, manifest)
                } else {
                    answer(200, config)
                }
            }
        }
        let playground = try Playground(keepingImagesAt: "127.0.0.1:\(server.port)")
        var ci = try playground.person("ci")
        ci.environment["PROMOTE_HTTP_TIMEOUT"] = "2"
        let folder = try ScratchDirectory()
        try folder.write(
            #"{"auths": {"127.0.0.1:\#(server.port)": {"auth": "\#(Data("bot:hidden".utf8).base64EncodedString())"}}}"#,
            to: "config.json")
        ci.environment["DOCKER_CONFIG"] = folder.path
        let refused = try ci.ask("register", "registry.example/web:1.4.0")
        #expect([69, 77].contains(refused.status), "\(refused.result.output)")
        let reason =
            switch lie {
            case .wrongDigestOfTag: "there is no registry.example/web@\(Playground.digest("5"))"
            case .wrongContentDigest: "where registry.example/web@\(digest) was asked for"
            case .bodyOfAnother, .blobOfAnother: "is something else: it hashes to"
            case .redirectLoop: "sends from address to address without end"
            case .redirectHome, .redirectToMetadata, .redirectInDisguise: "a private address, which is not followed"
            case .redirectToNoPort: "no address that could be asked"
            case .endlessWait: "wants no more requests for 86400 seconds"
            case .gigantic: "larger than"
            case .unauthorizedForEver: "does not accept the credentials"
            case .tokenFromNearby: "169.254.169.254"
            case .drip: "within 2 seconds"
            case .truncated: "closed"
            case .noJSON, .oldSchema: "manifest"
            case .digestOfNoForm: "“sha256:x” as the digest"
            case .tooManyImages: "100 images"
            }
        #expect(refused.message?.contains(reason) == true, "\(refused.message ?? "")")
        #expect(!(refused.result.output + refused.result.errors).contains("hidden"))
        #expect(asked.withLock { $0 } <= 12)
        #expect(try !playground.remoteRefs().contains("promote/ledger/"))
    }
}
