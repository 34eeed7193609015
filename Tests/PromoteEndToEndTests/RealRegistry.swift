import Foundation
import PromoteTestSupport
import Testing

/// A registry of the distribution project on a free port of this machine, and what puts images into it.
struct RealRegistry {
    let host: String
    private let server: Server
    private let folder: ScratchDirectory
    private let arguments: [String]
    private let scheme: String

    /// - Parameters:
    ///   - password: of somebody called `bot`, who alone may use it; nil for everybody.
    ///   - certificate: to speak TLS with, and the key; for the name `localhost`.
    init(password: String? = nil, certificate: (file: String, key: String)? = nil) throws {
        folder = try ScratchDirectory()
        let port = try Tool.freePort()
        var configuration = """
            version: 0.1
            log: {level: info}
            storage: {filesystem: {rootdirectory: \(folder.path)/data}, delete: {enabled: true}}
            http: {addr: "127.0.0.1:\(port)"\(certificate.map { ", tls: {certificate: \($0.file), key: \($0.key)}" } ?? "")}

            """
        if let password {
            let line = try Tool("htpasswd", in: folder.path).succeed("-Bbn", "bot", password)
            try folder.write(line + "\n", to: "htpasswd")
            configuration += "auth: {htpasswd: {realm: registry, path: \(folder.path)/htpasswd}}\n"
        }
        try folder.write(configuration, to: "config.yml")
        server = try Server(["docker-registry", "serve", folder.path + "/config.yml"], in: folder.path)
        #expect(try server.says("listening on"), "\(server.output)")
        host = "\(certificate == nil ? "127.0.0.1" : "localhost"):\(port)"
        scheme = certificate == nil ? "http" : "https"
        arguments =
            ["-sS", "--fail-with-body"] + (certificate.map { ["--cacert", $0.file] } ?? [])
            + (password.map { ["-u", "bot:\($0)"] } ?? [])
    }

    private func curl(_ more: [String]) throws -> String {
        try Tool("curl", in: folder.path).succeed(arguments + more)
    }

    /// - Returns: its digest.
    @discardableResult
    func push(blob: Data, to repository: String) throws -> String {
        let file = folder.url.appending(component: "blob-\(UUID().uuidString)")
        try blob.write(to: file)
        let digest = try Self.digest(of: file)
        let headers = try curl([
            "-D", "-", "-o", "/dev/null", "-X", "POST", "\(scheme)://\(host)/v2/\(repository)/blobs/uploads/",
        ])
        let location = try #require(headers.firstMatch(of: /(?i)location: *([^\r\n]+)/)?.output.1)
        _ = try curl([
            "-X", "PUT", "-H", "Content-Type: application/octet-stream", "--data-binary", "@\(file.path)",
            "\(location)\(location.contains("?") ? "&" : "?")digest=\(digest)",
        ])
        return digest
    }

    /// - Parameter tag: nil to push it by its digest.
    /// - Returns: its digest.
    @discardableResult
    func push(manifest: [String: Any], to repository: String, tag: String?) throws -> String {
        let file = folder.url.appending(component: "manifest-\(UUID().uuidString)")
        try JSONSerialization.data(withJSONObject: manifest, options: [.sortedKeys]).write(to: file)
        let digest = try Self.digest(of: file)
        let type = manifest["mediaType"] as? String ?? ""
        _ = try curl([
            "-X", "PUT", "-H", "Content-Type: \(type)", "--data-binary", "@\(file.path)",
            "\(scheme)://\(host)/v2/\(repository)/manifests/\(tag ?? digest)",
        ])
        return digest
    }

    /// An image with labels and nothing in it.
    ///
    /// - Returns: its digest.
    @discardableResult
    func push(
        image labels: [String: String], to repository: String, tag: String?, platform: String = "amd64",
        created: String = "2026-11-20T10:00:00.123456789Z"
    ) throws -> String {
        let configuration: [String: Any] = [
            "architecture": platform, "os": "linux", "created": created, "config": ["Labels": labels],
            "rootfs": ["type": "layers", "diff_ids": [String]()],
        ]
        let config = try JSONSerialization.data(withJSONObject: configuration, options: [.sortedKeys])
        let layer = Data("\(labels.sorted { $0.key < $1.key }) \(platform) \(tag ?? "")".utf8)
        return try push(
            manifest: [
                "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": try descriptor("application/vnd.oci.image.config.v1+json", config, in: repository),
                "layers": [try descriptor("application/vnd.oci.image.layer.v1.tar", layer, in: repository)],
            ], to: repository, tag: tag)
    }

    /// A Helm chart with nothing in it, as `helm push` pushes it.
    ///
    /// - Parameter tag: nil for what its version makes of it.
    /// - Returns: its digest.
    @discardableResult
    func push(
        chart name: String, version: String, to repository: String, tag: String? = nil, content: String = ""
    ) throws -> String {
        let definition: [String: Any] = ["apiVersion": "v2", "name": name, "version": version, "type": "application"]
        let config = try JSONSerialization.data(withJSONObject: definition, options: [.sortedKeys])
        return try push(
            manifest: [
                "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": try descriptor("application/vnd.cncf.helm.config.v1+json", config, in: repository),
                "layers": [
                    try descriptor(
                        "application/vnd.cncf.helm.chart.content.v1.tar+gzip", Data("\(name) \(version) \(content)".utf8),
                        in: repository)
                ],
                "annotations": ["org.opencontainers.image.title": name, "org.opencontainers.image.version": version],
            ], to: repository, tag: tag ?? version.replacing("+", with: "_"))
    }

    /// An index of images that were pushed before.
    func push(index images: [(digest: String, platform: String)], to repository: String, tag: String?) throws -> String {
        try push(
            manifest: [
                "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
                "manifests": images.map { image in
                    [
                        "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": image.digest, "size": 1,
                        "platform": ["os": "linux", "architecture": image.platform],
                    ] as [String: Any]
                },
            ], to: repository, tag: tag)
    }

    /// Something attached to an image, by the layout of tags.
    func attach(
        _ content: Data, _ mediaType: String, annotations: [String: String], to digest: String, as suffix: String,
        in repository: String
    ) throws {
        var layer = try descriptor(mediaType, content, in: repository)
        layer["annotations"] = annotations
        try push(
            manifest: [
                "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": try descriptor("application/vnd.oci.image.config.v1+json", Data("{}".utf8), in: repository),
                "layers": [layer],
            ], to: repository, tag: digest.replacing(":", with: "-") + suffix)
    }

    /// Something that refers to an image, by the layout for registries that have no API for it.
    ///
    /// Source: OCI distribution specification 1.1, "Referrers Tag Schema".
    func refer(_ content: Data, _ mediaType: String, to digest: String, in repository: String) throws {
        let referrer = try push(
            manifest: [
                "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "artifactType": mediaType,
                "config": try descriptor("application/vnd.oci.empty.v1+json", Data("{}".utf8), in: repository),
                "layers": [try descriptor(mediaType, content, in: repository)],
                "subject": ["mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": 1],
            ], to: repository, tag: nil)
        try push(
            manifest: [
                "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
                "manifests": [
                    [
                        "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": referrer, "size": 1,
                        "artifactType": mediaType,
                    ]
                ],
            ], to: repository, tag: digest.replacing(":", with: "-"))
    }

    func delete(_ digest: String, in repository: String) throws {
        _ = try curl(["-X", "DELETE", "\(scheme)://\(host)/v2/\(repository)/manifests/\(digest)"])
    }

    private func descriptor(_ type: String, _ content: Data, in repository: String) throws -> [String: Any] {
        ["mediaType": type, "digest": try push(blob: content, to: repository), "size": content.count]
    }

    private static func digest(of file: URL) throws -> String {
        "sha256:" + (try Tool("sha256sum", in: "/").succeed(file.path).prefix(64))
    }
}

/// A key to sign images with, made by openssl.
struct ImageSigner {
    private let folder: ScratchDirectory

    init() throws {
        folder = try ScratchDirectory()
        try Tool("openssl", in: folder.path).succeed("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", "key.pem")
    }

    /// In PEM form.
    func publicKey() throws -> String {
        try Tool("openssl", in: folder.path).succeed("ec", "-in", "key.pem", "-pubout") + "\n"
    }

    /// In base 64.
    func signature(of content: Data) throws -> String {
        try content.write(to: folder.url.appending(component: "content"))
        try Tool("openssl", in: folder.path).succeed("dgst", "-sha256", "-sign", "key.pem", "-out", "signature", "content")
        return try Data(contentsOf: folder.url.appending(component: "signature")).base64EncodedString()
    }

    /// As `cosign sign --key` writes it.
    func sign(
        _ digest: String, of name: String, in registry: RealRegistry, at repository: String,
        claiming claimed: String? = nil, altered: Bool = false
    ) throws {
        let payload = Self.payload(of: claimed ?? digest, name)
        let signature = try signature(of: payload)
        try registry.attach(
            altered ? payload + Data(" ".utf8) : payload, "application/vnd.dev.cosign.simplesigning.v1+json",
            annotations: ["dev.cosignproject.cosign/signature": signature], to: digest, as: ".sig", in: repository)
    }

    /// As `cosign attest --key --type slsaprovenance1` writes it, at a tag of its own or as a bundle that refers to the image.
    func attest(
        _ digest: String, in registry: RealRegistry, at repository: String, builder: String, source: String, commit: String,
        besides more: String = "", claiming claimed: String? = nil, asBundle: Bool = false
    ) throws {
        let predicateType = "https://slsa.dev/provenance/v1"
        let statement = Self.statement(
            of: claimed ?? digest, predicateType,
            predicate: """
                {"buildDefinition":{"buildType":"https://ci.example/v1","resolvedDependencies":[{"uri":"git+\(source)@refs/heads/main","digest":{"gitCommit":"\(commit)"}}\(more)]},"runDetails":{"builder":{"id":"\(builder)"}}}
                """)
        if asBundle {
            return try registry.refer(
                JSONSerialization.data(withJSONObject: bundle(statement)), Self.bundleType, to: digest, in: repository)
        }
        let envelope = try envelope(statement)
        try registry.attach(
            JSONSerialization.data(withJSONObject: envelope), "application/vnd.dsse.envelope.v1+json",
            annotations: ["predicateType": predicateType], to: digest, as: ".att", in: repository)
    }

    private static let bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"

    /// What `cosign sign` signs.
    static func payload(of digest: String, _ name: String) -> Data {
        Data(
            """
            {"critical":{"identity":{"docker-reference":"\(name)"},"image":{"docker-manifest-digest":"\(digest)"},"type":"cosign container image signature"},"optional":null}
            """.utf8)
    }

    /// An in-toto statement about an image.
    static func statement(of digest: String, _ type: String, predicate: String) -> String {
        """
        {"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"x","digest":{"sha256":"\(digest.dropFirst(7))"}}],"predicateType":"\(type)","predicate":\(predicate)}
        """
    }

    private func envelope(_ statement: String) throws -> [String: Any] {
        let type = "application/vnd.in-toto+json"
        let encoded = "DSSEv1 \(type.utf8.count) \(type) \(statement.utf8.count) \(statement)"
        return [
            "payloadType": type, "payload": Data(statement.utf8).base64EncodedString(),
            "signatures": [["keyid": "", "sig": try signature(of: Data(encoded.utf8))]],
        ]
    }

    func bundle(_ statement: String) throws -> [String: Any] {
        [
            "mediaType": Self.bundleType, "verificationMaterial": ["publicKey": ["hint": "x"]],
            "dsseEnvelope": try envelope(statement),
        ]
    }
}
