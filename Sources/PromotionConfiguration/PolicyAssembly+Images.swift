import GitOpsTypes
import ImageRegistry
import ImageSelection
import PromotionDomain
import Sigstore
import YAMLEditing

// Where images are, which of them are wanted, and what has to be proven of them.
extension PolicyAssembly {
    // MARK: Registries

    func registries() throws(ConfigurationError) -> [String: RegistrySettings] {
        var registries: [String: RegistrySettings] = [:]
        for document in documents[.registry] {
            let decoder = document.decoder
            try Self.requireHost(document.name, document.nameNode, decoder)
            let fields = try decoder.fields(document.spec, "a Registry's spec", ["mirrors", "plainHTTP"])
            var mirrors: [String] = []
            if let node = fields["mirrors"] {
                for item in try decoder.list(node, "mirrors") {
                    let mirror = try decoder.string(item, "the mirror")
                    try Self.requireHost(mirror, item, decoder)
                    mirrors.append(mirror)
                }
            }
            registries[document.name] = RegistrySettings(
                mirrors: mirrors,
                isPlainHTTP: try fields["plainHTTP"].map { node throws(ConfigurationError) in
                    try decoder.bool(node, "plainHTTP")
                })
        }
        return registries
    }

    /// A host, perhaps with a port: what may stand in front of the first slash of an image's name.
    private static func requireHost(_ text: String, _ node: YAMLNode, _ decoder: StrictDecoder) throws(ConfigurationError) {
        guard let name = ImageName(text + "/x"), RepositoryAddress(name).registry == text else {
            throw decoder.error(
                "“\(text.displayable)” is not the name of a registry", node, hint: "write a host, such as registry.example:5000")
        }
    }

    // MARK: Selection

    func selection(_ node: YAMLNode, _ decoder: StrictDecoder) throws(ConfigurationError) -> ImageSelection {
        let kinds = ["semver", "numerical", "alphabetical", "newest", "tag"]
        let fields = try decoder.fields(node, "select", kinds + ["filter"])
        let given = kinds.filter { fields[$0] != nil }
        guard let kind = given.first, given.count == 1, let value = fields[kind] else {
            throw decoder.error(
                "select has one of \(kinds.joined(separator: ", "))", node, hint: "write select: {semver: \">=1.0\"}")
        }
        return ImageSelection(
            try order(kind, value, decoder),
            filter: try fields["filter"].map { node throws(ConfigurationError) in try filter(node, decoder) })
    }

    private func order(
        _ kind: String, _ node: YAMLNode, _ decoder: StrictDecoder
    ) throws(ConfigurationError) -> ImageSelection.Order {
        switch kind {
        case "semver":
            let text = try decoder.string(node, "semver")
            guard let range = VersionRange(text) else {
                throw decoder.error(
                    "“\(text.displayable)” is not a range of versions", node, hint: "write one such as >=1.2 <2, or ^1.2")
            }
            return .semver(range)
        case "numerical": return .numerical(try decoder.choice(node, "numerical", ImageSelection.Direction.self))
        case "alphabetical": return .alphabetical(try decoder.choice(node, "alphabetical", ImageSelection.Direction.self))
        case "tag":
            let text = try decoder.string(node, "tag")
            guard let tag = ImageTag(text) else {
                throw decoder.error(
                    "“\(text.displayable)” is not a tag", node,
                    hint: "write a tag such as latest or 1.4.0, without the image's name")
            }
            return .tag(tag)
        default:
            guard try decoder.bool(node, "newest") else {
                throw decoder.error("newest is true, or not there", node, hint: "write newest: true, or another way to select")
            }
            return .newest
        }
    }

    private func filter(_ node: YAMLNode, _ decoder: StrictDecoder) throws(ConfigurationError) -> TagFilter {
        let fields = try decoder.fields(node, "filter", ["pattern", "extract"])
        let pattern = try decoder.required(fields, "pattern")
        let extract = try fields["extract"].map { node throws(ConfigurationError) in try decoder.string(node, "extract") }
        guard let filter = TagFilter(pattern: try decoder.string(pattern, "pattern"), extract: extract) else {
            throw decoder.error(
                "the pattern is not a regular expression", pattern, hint: "write one such as \"^main-(?P<ts>[0-9]+)$\"")
        }
        return filter
    }

    // MARK: Provenance

    func provenanceRules(_ node: YAMLNode, _ decoder: StrictDecoder) throws(ConfigurationError) -> ProvenanceRules {
        let fields = try decoder.fields(node, "verify", ["keys", "keyless", "predicates", "builders", "sources"])
        var keys: [ProvenanceRules.TrustedKey] = []
        if let node = fields["keys"] {
            for item in try decoder.list(node, "keys") { keys.append(try trustedKey(item, decoder)) }
        }
        let keyless = try fields["keyless"].map { node throws(ConfigurationError) in try self.keyless(node, decoder) }
        guard !keys.isEmpty || keyless != nil else {
            throw decoder.error(
                "without a key, nothing is proven", fields["keys"] ?? node,
                hint: "write keys: [cosign.pub], or keyless with a trustRoot and identities")
        }
        func texts(_ key: String) throws(ConfigurationError) -> [String] {
            guard let node = fields[key] else { return [] }
            var texts: [String] = []
            for item in try decoder.list(node, key) { texts.append(try decoder.string(item, key)) }
            return texts
        }
        return ProvenanceRules(
            keys: keys, keyless: keyless, predicates: try texts("predicates"), builders: try texts("builders"),
            sources: try texts("sources"))
    }

    /// `{trustRoot: trusted_root.json, identities: [{issuer: …, subject: …}]}`
    private func keyless(
        _ node: YAMLNode, _ decoder: StrictDecoder
    ) throws(ConfigurationError) -> ProvenanceRules.Keyless {
        let fields = try decoder.fields(node, "keyless", ["trustRoot", "identities"])
        let rootNode = try decoder.required(fields, "trustRoot")
        let (path, bytes) = try file(rootNode, "the trust root", decoder)
        do throws(SigstoreError) { _ = try TrustedRoot(bytes) } catch {
            throw decoder.error(
                "\(path) is \(error.reason)", rootNode,
                hint: "`cosign trusted-root create` writes one; sigstore's own is trusted_root.json of its TUF repository")
        }
        let identitiesNode = try decoder.required(fields, "identities")
        var identities: [ProvenanceRules.Identity] = []
        for item in try decoder.list(identitiesNode, "identities") {
            let fields = try decoder.fields(item, "an identity", ["issuer", "subject"])
            let subjectNode = try decoder.required(fields, "subject")
            let subject = try decoder.string(subjectNode, "subject")
            guard subject.contains(where: { $0 != "*" && $0 != "/" && $0 != "@" }) else {
                throw decoder.error(
                    "“\(subject.displayable)” matches every identity", subjectNode,
                    hint:
                        "write the subject of certificates, such as https://github.com/acme/web/.github/workflows/release.yml@refs/tags/*"
                )
            }
            identities.append(
                ProvenanceRules.Identity(
                    issuer: try decoder.string(decoder.required(fields, "issuer"), "issuer"), subject: subject))
        }
        guard !identities.isEmpty else {
            throw decoder.error(
                "without an identity, everybody who can log in could sign", identitiesNode,
                hint: "write - { issuer: https://…, subject: https://… }")
        }
        return ProvenanceRules.Keyless(root: bytes, identities: identities)
    }

    /// A file beside the policy, by its path from there or from the repository's root.
    private func file(
        _ node: YAMLNode, _ what: String, _ decoder: StrictDecoder
    ) throws(ConfigurationError) -> (path: String, bytes: [UInt8]) {
        let text = try decoder.string(node, what)
        let prefix = "\(decoder.path.parent)/"
        let name = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
        guard let bytes = files[name] else {
            throw decoder.error(
                "there is no file \(prefix)\(name.displayable)", node,
                hint: "\(what) is a file of \(prefix), so that it changes only with its approvals")
        }
        return (prefix + name.displayable, Array(bytes))
    }

    /// `cosign.pub`, or `{path: cosign.pub, expires: 2027-01-01T00:00:00Z}`.
    private func trustedKey(
        _ node: YAMLNode, _ decoder: StrictDecoder
    ) throws(ConfigurationError) -> ProvenanceRules.TrustedKey {
        var pathNode = node
        var expires: Timestamp?
        if node.mapping != nil {
            let fields = try decoder.fields(node, "a key", ["path", "expires"])
            pathNode = try decoder.required(fields, "path")
            if let node = fields["expires"] {
                let text = try decoder.string(node, "expires")
                guard let time = Timestamp(text) else {
                    throw decoder.error("“\(text.displayable)” is not a time", node, hint: "write it as 2027-01-31T00:00:00Z")
                }
                expires = time
            }
        }
        let (path, bytes) = try file(pathNode, "the key", decoder)
        let name = String(path.dropFirst("\(decoder.path.parent)/".utf8.count))
        let pem = String(decoding: bytes, as: UTF8.self)
        guard VerificationKey(pem: pem) != nil else {
            throw decoder.error(
                "\(path) is no public key in PEM form", pathNode,
                hint: "ECDSA on P-256, P-384 or P-521, Ed25519 and RSA are known, as cosign and openssl write them")
        }
        return ProvenanceRules.TrustedKey(name: name, pem: pem, expires: expires)
    }
}
