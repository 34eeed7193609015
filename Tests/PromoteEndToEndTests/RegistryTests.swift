import Foundation
import PromoteTestSupport
import Testing

/// What `register` makes sure of, against a real registry.
@Suite struct RegistryTests {
    static let commit = "4f2c9d1e7a3b5c6d8e9f0a1b2c3d4e5f60718293"
    static let labels = [
        "org.opencontainers.image.revision": commit, "org.opencontainers.image.version": "1.4.0",
        "org.opencontainers.image.source": "https://git.example/acme/web",
    ]

    private func events(_ playground: Playground) throws -> Int {
        try playground.remoteRefs().split(separator: "\n").filter { $0.contains("promote/ledger/") }.count
    }

    @Test func `A tag becomes the digest that it names, with what the image says of itself`() throws {
        let registry = try RealRegistry()
        let digest = try registry.push(image: Self.labels, to: "web", tag: "1.4.0")
        let ci = try Playground(keepingImagesAt: registry.host).person("ci")
        let registered = try ci.ask("register", "registry.example/web:1.4.0")
        #expect(registered.status == 0, "\(registered.result.output)\(registered.result.errors)")
        #expect(registered.text("images", 0, "digest") == digest)
        #expect(registered.text("registry", 0, "revision") == Self.commit)
        #expect(registered.text("registry", 0, "platforms", 0) == "linux/amd64")
        #expect(registered.text("registry", 0, "version") == "1.4.0")
        let shown = try ci.ask("show", try #require(registered.text("release")))
        #expect(shown.text("commit") == Self.commit)
        #expect(shown.text("source") == "https://git.example/acme/web")
        #expect(try ci.ask("register", "registry.example/web:1.4.0")["created"] as? Bool == false)
        #expect(try ci.ask("build", "dev").status == 0)
        #expect(try ci.ask("audit", "verify").status == 0)
    }

    @Test func `What the registry does not have is not registered, unless nobody asks it`() throws {
        let registry = try RealRegistry()
        try registry.push(image: Self.labels, to: "web", tag: "1.4.0")
        let playground = try Playground(keepingImagesAt: registry.host)
        let ci = try playground.person("ci")
        for image in ["registry.example/web@\(Playground.digest("1"))", "registry.example/web:1.5.0"] {
            let refused = try ci.ask("register", image)
            #expect(refused.status == 77, "\(refused.result.output)")
            #expect(refused.refusedBy == "built-once")
        }
        #expect(try events(playground) == 0)
        let unasked = try ci.ask("register", "registry.example/web@\(Playground.digest("1"))", "--no-registry")
        #expect(unasked.status == 0)
        #expect(unasked["registry"] == nil)
        let release = try #require(unasked.text("release"))
        #expect(try ci.promote.succeed("show", release).contains("registry    not asked"))
    }

    @Test func `An image that contradicts what CI says of it is refused`() throws {
        let registry = try RealRegistry()
        try registry.push(image: Self.labels, to: "web", tag: "1.4.0")
        let playground = try Playground(keepingImagesAt: registry.host)
        let ci = try playground.person("ci")
        let other = String(repeating: "a", count: 40)
        let refused = try ci.ask("register", "registry.example/web:1.4.0", "--commit", other)
        #expect(refused.refusedBy == "built-once")
        #expect(refused.message?.contains("says that it was built from \(Self.commit), and --commit says \(other)") == true)
        #expect(
            try ci.ask("register", "registry.example/web:1.4.0", "--source", "https://git.example/else").refusedBy == "built-once"
        )
        #expect(try events(playground) == 0)
        #expect(
            try ci.ask(
                "register", "registry.example/web:1.4.0", "--commit", String(Self.commit.prefix(9)), "--source",
                "git@git.example:acme/web.git"
            ).status == 0)
    }

    @Test(arguments: [
        "v1.4.0", "main", "4f2c9d", "4f2c9d1e7a3b5c6d-dirty",
        "4f2c9d1e7a3b5c6d8e9f0a1b2c3d4e5f607182934f2c9d1e7a3b5c6d8e9f0a1b2c", " ",
    ])
    func `A revision that is no commit is refused`(_ revision: String) throws {
        let registry = try RealRegistry()
        let key = "org.opencontainers.image.revision"
        let digest = try registry.push(image: [key: revision], to: "web", tag: "1.4.0")
        let playground = try Playground(keepingImagesAt: registry.host)
        let ci = try playground.person("ci")
        for refused in [
            try ci.ask("register", "registry.example/web@\(digest)"),
            try ci.ask("register", "registry.example/web@\(digest)", "--commit", Self.commit),
        ] {
            #expect(refused.refusedBy == "built-once" && refused.status == 77, "\(refused.result.output)")
            #expect(refused.message?.contains("which is no commit") == true, "\(refused.message ?? "")")
        }
        #expect(try events(playground) == 0)
        // None, or an empty one, says nothing.
        let silent = try registry.push(image: [key: ""], to: "web", tag: "1.5.0")
        #expect(try ci.ask("register", "registry.example/web@\(silent)").status == 0)
    }

    @Test func `An index without an image is refused, and one in another is read`() throws {
        let registry = try RealRegistry()
        let playground = try Playground(keepingImagesAt: registry.host)
        let ci = try playground.person("ci")
        let index = "application/vnd.oci.image.index.v1+json"
        func push(_ manifests: [[String: Any]]) throws -> String {
            try registry.push(manifest: ["schemaVersion": 2, "mediaType": index, "manifests": manifests], to: "web", tag: nil)
        }
        let image = try registry.push(image: Self.labels, to: "web", tag: nil)
        func entry(_ digest: String, _ more: [String: Any]) -> [String: Any] {
            ["mediaType": index, "digest": digest, "size": 1].merging(more) { $1 }
        }
        let empty = try push([])
        let attestation = try push([entry(image, ["platform": ["os": "unknown", "architecture": "unknown"]])])
        for digest in [empty, attestation, try push([entry(empty, [:])]), try push([entry(try push([entry(empty, [:])]), [:])])] {
            let refused = try ci.ask("register", "registry.example/web@\(digest)")
            #expect(refused.refusedBy == "built-once" && refused.status == 77, "\(refused.result.output)")
            #expect(refused.message?.contains("an index without an image") == true, "\(refused.message ?? "")")
        }
        #expect(try events(playground) == 0)
        let nested = try push([entry(try push([entry(image, ["platform": ["os": "linux", "architecture": "amd64"]])]), [:])])
        let registered = try ci.ask("register", "registry.example/web@\(nested)")
        #expect(registered.text("registry", 0, "revision") == Self.commit, "\(registered.result.output)")
    }

    @Test func `A tag that moved since is reported, and the digest is what counts`() throws {
        let registry = try RealRegistry()
        let first = try registry.push(image: Self.labels, to: "web", tag: "latest")
        let second = try registry.push(image: [:], to: "web", tag: "latest")
        let ci = try Playground(keepingImagesAt: registry.host).person("ci")
        let registered = try ci.ask("register", "registry.example/web:latest@\(first)")
        #expect(registered.status == 0)
        #expect(registered.text("images", 0, "digest") == first)
        #expect(registered.result.errors.contains("names \(second.prefix(19)) now"))
    }

    @Test func `An index is one image with the platforms that it has, all from one commit`() throws {
        let registry = try RealRegistry()
        let amd = try registry.push(image: Self.labels, to: "web", tag: nil)
        let arm = try registry.push(image: Self.labels, to: "web", tag: nil, platform: "arm64")
        let index = try registry.push(index: [(amd, "amd64"), (arm, "arm64")], to: "web", tag: "1.4.0")
        let playground = try Playground(keepingImagesAt: registry.host)
        let ci = try playground.person("ci")
        let registered = try ci.ask("register", "registry.example/web:1.4.0")
        #expect(registered.text("images", 0, "digest") == index)
        #expect(registered["registry", 0, "platforms"] as? [String] == ["linux/amd64", "linux/arm64"])

        let other = try registry.push(
            image: ["org.opencontainers.image.revision": String(repeating: "b", count: 40)], to: "web", tag: nil,
            platform: "arm64")
        _ = try registry.push(index: [(amd, "amd64"), (other, "arm64")], to: "web", tag: "1.5.0")
        let refused = try ci.ask("register", "registry.example/web:1.5.0")
        #expect(refused.refusedBy == "built-once")
        #expect(refused.message?.contains("contradict each other") == true)
    }

    @Test(arguments: ["auths", "helper"])
    func `A registry that wants a password gets what docker login keeps, and nobody sees it`(_ way: String) throws {
        let password = "a-secret-\(UUID().uuidString)"
        let registry = try RealRegistry(password: password)
        let digest = try registry.push(image: Self.labels, to: "web", tag: "1.4.0")
        let playground = try Playground(keepingImagesAt: registry.host)
        var ci = try playground.person("ci")
        let folder = try ScratchDirectory()
        ci.environment["DOCKER_CONFIG"] = folder.path
        let refused = try ci.ask("register", "registry.example/web:1.4.0")
        #expect(refused.status == 69)
        #expect(refused.text("error", "hint")?.contains("docker login") == true)
        let auth = Data("bot:\(password)".utf8).base64EncodedString()
        if way == "auths" {
            try folder.write(#"{"auths": {"\#(registry.host)": {"auth": "\#(auth)"}}}"#, to: "config.json")
        } else {
            try folder.write(#"{"credHelpers": {"\#(registry.host)": "ours"}}"#, to: "config.json")
            let script = """
                #!/bin/sh
                test "$1 $(cat)" = "get \(registry.host)" || exit 1
                echo '{"ServerURL": "x", "Username": "bot", "Secret": "\(password)"}'

                """
            try folder.write(script, to: "bin/docker-credential-ours")
            try Tool("chmod", in: folder.path).succeed("+x", "bin/docker-credential-ours")
            ci.environment["PATH"] = "\(folder.path)/bin:" + (Tool.hermeticEnvironment["PATH"] ?? "/usr/bin:/bin")
        }
        let registered = try ci.ask("register", "registry.example/web:1.4.0")
        #expect(registered.text("images", 0, "digest") == digest, "\(registered.result.output)\(registered.result.errors)")
        for text in [registered.result.output, registered.result.errors, refused.result.output, refused.result.errors] {
            #expect(!text.contains(password) && !text.contains(auth))
        }
        #expect(try Tool("grep", in: playground.scratch.path).run("-rlaF", password, ".").output == "")
    }

    @Test func `TLS is trusted when its authority is named, and never otherwise`() throws {
        let scratch = try ScratchDirectory()
        let (key, certificate) = (scratch.path + "/key.pem", scratch.path + "/certificate.pem")
        try Tool("openssl", in: scratch.path).succeed(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate)
        let registry = try RealRegistry(certificate: (certificate, key))
        try registry.push(image: Self.labels, to: "web", tag: "1.4.0")
        let tls = """
            ---
            apiVersion: promote/v1alpha1
            kind: Registry
            metadata: { name: "\(registry.host)" }
            spec: { plainHTTP: false }

            """
        var ci = try Playground(keepingImagesAt: registry.host, more: tls).person("ci")
        // The mirror cannot be trusted, and nobody answers at a name for examples.
        #expect(try ci.ask("register", "registry.example/web:1.4.0").status == 69)
        ci.environment["PROMOTE_CA_FILE"] = certificate
        #expect(try ci.ask("register", "registry.example/web:1.4.0").status == 0)
    }

    // MARK: Provenance

    private static let name = "registry.example/web"

    @Test func `What a listed key signed is registered, with the proof`() throws {
        let (registry, signer) = (try RealRegistry(), try ImageSigner())
        let digest = try registry.push(image: Self.labels, to: "web", tag: "1.4.0")
        try signer.sign(digest, of: Self.name, in: registry, at: "web")
        let playground = try Playground(
            keepingImagesAt: registry.host, image: "verify: " + "{keys: [cosign.pub]}",
            files: ["cosign.pub": try signer.publicKey()])
        let registered = try playground.person("ci").ask("register", "registry.example/web:1.4.0")
        #expect(registered.text("registry", 0, "provenance", 0) == "signed with cosign.pub", "\(registered.result.output)")
    }

    enum Forgery: CaseIterable {
        case missing, otherKey, altered, otherDigest, otherRepository, expiredKey, unasked
    }

    @Test(arguments: Forgery.allCases)
    func `A signature that does not prove it is refused, with the reason`(_ forgery: Forgery) throws {
        let (registry, signer) = (try RealRegistry(), try ImageSigner())
        let digest = try registry.push(image: Self.labels, to: "web", tag: "1.4.0")
        var (rules, reason) = ("{keys: [cosign.pub]}", "")
        switch forgery {
        case .missing: reason = "no signature that counts"
        case .otherKey:
            try ImageSigner().sign(digest, of: Self.name, in: registry, at: "web")
            reason = "altered, or made with a key that is not listed"
        case .altered:
            try signer.sign(digest, of: Self.name, in: registry, at: "web", altered: true)
            reason = "altered, or made with a key that is not listed"
        case .otherDigest:
            try signer.sign(digest, of: Self.name, in: registry, at: "web", claiming: Playground.digest("9"))
            reason = "of another digest"
        case .otherRepository:
            try signer.sign(digest, of: "registry.example/other", in: registry, at: "web")
            reason = "of another repository, registry.example/other"
        case .expiredKey:
            try signer.sign(digest, of: Self.name, in: registry, at: "web")
            rules = "{keys: [{path: cosign.pub, expires: \"2026-01-01T00:00:00Z\"}]}"
            reason = "which expired at 2026-01-01T00:00:00Z"
        case .unasked:
            try signer.sign(digest, of: Self.name, in: registry, at: "web")
            reason = "no registry is asked"
        }
        let playground = try Playground(
            keepingImagesAt: registry.host, image: "verify: " + rules, files: ["cosign.pub": try signer.publicKey()])
        let ci = try playground.person("ci")
        let refused =
            forgery == .unasked
            ? try ci.ask("register", "registry.example/web@\(digest)", "--no-registry")
            : try ci.ask("register", "registry.example/web:1.4.0")
        #expect(refused.refusedBy == "provenance", "\(refused.result.output)")
        #expect(refused.message?.contains(reason) == true, "\(refused.message ?? "")")
        #expect(try events(playground) == 0)
    }

    @Test func `Other things that are attached are nobody's proof, and nobody's trouble`() throws {
        let (registry, signer) = (try RealRegistry(), try ImageSigner())
        let digest = try registry.push(image: Self.labels, to: "web", tag: "1.4.0")
        try signer.sign(digest, of: Self.name, in: registry, at: "web")
        try registry.refer(Data(count: 6 << 20), "application/spdx+json", to: digest, in: "web")
        try registry.attach(
            Data("{".utf8), "application/vnd.dsse.envelope.v1+json", annotations: [:], to: digest, as: ".att", in: "web")
        let playground = try Playground(
            keepingImagesAt: registry.host, image: "verify: " + "{keys: [cosign.pub]}",
            files: ["cosign.pub": try signer.publicKey()])
        let registered = try playground.person("ci").ask("register", "registry.example/web:1.4.0")
        #expect(registered.text("registry", 0, "provenance", 0) == "signed with cosign.pub", "\(registered.result.output)")
    }

    @Test func `A certificate that cannot be read takes nothing from a signature by a listed key`() throws {
        let (registry, signer) = (try RealRegistry(), try ImageSigner())
        let digest = try registry.push(image: Self.labels, to: "web", tag: "1.4.0")
        let payload = ImageSigner.payload(of: digest, Self.name)
        try registry.attach(
            payload, "application/vnd.dev.cosign.simplesigning.v1+json",
            annotations: [
                "dev.cosignproject.cosign/signature": try signer.signature(of: payload), "dev.sigstore.cosign/certificate": "?",
                "dev.sigstore.cosign/bundle": "?",
            ], to: digest, as: ".sig", in: "web")
        let playground = try Playground(
            keepingImagesAt: registry.host, image: "verify: {keys: [cosign.pub]}", files: ["cosign.pub": try signer.publicKey()])
        let registered = try playground.person("ci").ask("register", "registry.example/web:1.4.0")
        #expect(registered.text("registry", 0, "provenance", 0) == "signed with cosign.pub", "\(registered.result.output)")
    }

    @Test(arguments: [#"["a", "list"]"#, #""text""#, #"{"builder": "jenkins", "materials": {"x": 1}}"#, "null"])
    func `A predicate of one's own may have any shape`(_ predicate: String) throws {
        let (registry, signer) = (try RealRegistry(), try ImageSigner())
        let digest = try registry.push(image: Self.labels, to: "web", tag: "1.4.0")
        let bundle = try signer.bundle(ImageSigner.statement(of: digest, "https://acme.example/tested/v1", predicate: predicate))
        try registry.refer(
            JSONSerialization.data(withJSONObject: bundle), "application/vnd.dev.sigstore.bundle.v0.3+json", to: digest, in: "web"
        )
        let playground = try Playground(
            keepingImagesAt: registry.host,
            image: "verify: {keys: [cosign.pub], predicates: [\"https://acme.example/tested/v1\"]}",
            files: ["cosign.pub": try signer.publicKey()])
        let registered = try playground.person("ci").ask("register", "registry.example/web:1.4.0")
        #expect(registered.status == 0, "\(registered.result.output)")
    }

    enum Origin: CaseIterable {
        case good, image, bundle, fork, noCommit, otherBuilder, otherSource, otherCommit, otherDigest, otherKey
    }

    @Test(arguments: Origin.allCases)
    func `Provenance tells builder, source and commit, and all of them count`(_ origin: Origin) throws {
        let (registry, signer) = (try RealRegistry(), try ImageSigner())
        let digest = try registry.push(image: Self.labels, to: "web", tag: "1.4.0")
        let attester = origin == .otherKey ? try ImageSigner() : signer
        try attester.attest(
            digest, in: registry, at: "web",
            builder: origin == .otherBuilder ? "https://laptop.example" : "https://ci.example/runner",
            source: origin == .otherSource ? "https://git.example/fork/web" : "https://git.example/acme/web.git",
            commit: origin == .otherCommit ? String(repeating: "c", count: 40) : origin == .noCommit ? "" : Self.commit,
            besides: origin == .fork
                ? ",{\"uri\":\"git+https://git.example/fork/evil\",\"digest\":{\"gitCommit\":\"\(String(repeating: "e", count: 40))\"}}"
                : origin == .image ? ",{\"uri\":\"pkg:docker/alpine\",\"digest\":{\"sha256\":\"aa\"}}" : "",
            claiming: origin == .otherDigest ? Playground.digest("9") : nil,
            asBundle: origin == .bundle)
        let playground = try Playground(
            keepingImagesAt: registry.host,
            image: "verify: "
                + "{keys: [cosign.pub], predicates: [\"https://slsa.dev/provenance/v1\"], builders: [\"https://ci.example/runner\"], sources: [\"https://git.example/acme/web\"]}",
            files: ["cosign.pub": try signer.publicKey()])
        let answer = try playground.person("ci").ask("register", "registry.example/web:1.4.0")
        let reason =
            switch origin {
            case .good, .image, .bundle: ""
            case .fork: "https://git.example/fork/evil”, which is not a listed source"
            case .noCommit: "and the release is of"
            case .otherBuilder: "by the builder “https://laptop.example”, who is not listed"
            case .otherSource: "which is not a listed source"
            case .otherCommit: "and the release is of \(Self.commit)"
            case .otherDigest: "for another digest"
            case .otherKey: "not listed"
            }
        if reason.isEmpty {
            #expect(answer.status == 0, "\(answer.result.output)")
        } else {
            #expect(answer.refusedBy == "provenance")
            #expect(answer.message?.contains(reason) == true, "\(answer.message ?? "")")
        }
    }
}
