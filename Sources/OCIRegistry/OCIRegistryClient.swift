import Crypto
import Foundation
public import GitOpsTypes
import HTTPExchange
public import ImageRegistry

/// Images by the OCI distribution protocol, version 1.1, and Docker's version 2.
///
/// No registry is taken at its word: what is named by a digest is hashed, lists are read to their end, and every answer has a
/// size and a time.
public actor OCIRegistryClient: ImageRegistry {
    private let access: RegistryAccess
    private let settings: [String: RegistrySettings]
    private var sessions: [RegistryEndpoint: RegistrySession] = [:]
    /// Mirrors that did not answer: they are not waited for again.
    private var away: [RegistryEndpoint: RegistryError] = [:]

    /// Tags of a page, pages of a list, platforms of an image, and things attached to it: more than anybody has.
    private static let pageSize = 1000
    private static let maximumPages = 2000
    private static let maximumImages = 64
    private static let maximumAttachments = 100
    /// Bytes of a signature or an attestation.
    private static let maximumEvidence = 4 << 20

    /// - Parameter settings: by the registry's name, as in names of images.
    public init(_ access: RegistryAccess, settings: [String: RegistrySettings]) {
        self.access = access
        self.settings = settings
    }

    // MARK: Where

    /// Asks the mirrors of an image's registry, and then the registry, for the first that has an answer.
    private func first<Answer: Sendable>(
        _ name: ImageName, asksMirrors: Bool = true,
        _ ask: (RegistrySession, RepositoryAddress) async throws(RegistryError) -> Answer
    ) async throws(RegistryError) -> Answer {
        let address = RepositoryAddress(name)
        let endpoints = RegistryEndpoint.endpoints(of: address.registry, settings)
        var failure = RegistryError.unavailable("\(address.registry) is a name for examples, at which no registry answers")
        for endpoint in endpoints.dropLast() where asksMirrors {
            if let known = away[endpoint] {
                failure = known
                continue
            }
            do throws(RegistryError) {
                return try await ask(session(endpoint), address)
            } catch {
                switch error {
                // A mirror may lack what the registry has. One that lies is no mirror.
                case .unavailable, .rateLimited:
                    failure = error
                    away[endpoint] = error
                case .notFound: failure = error
                case .unauthorized, .untrustworthy, .malformed: throw error
                }
            }
        }
        guard let last = endpoints.last else { preconditionFailure("a registry is its own last endpoint") }
        // Nobody answers at a name for examples, so that the last mirror's word is the last.
        guard !address.isForExamples else { throw failure }
        return try await ask(session(last), address)
    }

    private func session(_ endpoint: RegistryEndpoint) -> RegistrySession {
        if let session = sessions[endpoint] { return session }
        let new = RegistrySession(endpoint, access)
        sessions[endpoint] = new
        return new
    }

    // MARK: Digests

    public func digest(of tag: ImageTag, in name: ImageName) async throws(RegistryError) -> ImageDigest {
        try await first(name) { session, address throws(RegistryError) in
            try await Self.digest(of: tag.text, address, session)
        }
    }

    private static func digest(
        of reference: String, _ address: RepositoryAddress, _ session: RegistrySession
    ) async throws(RegistryError) -> ImageDigest {
        let what = "\(address):\(reference)"
        let head = try await manifest(reference, address, session, method: .head)
        guard head.status != 404 else { throw RegistryError.notFound("there is no \(what)") }
        if let text = head["Docker-Content-Digest"] {
            guard let digest = ImageDigest(text) else {
                throw RegistryError.malformed("\(session.endpoint.host) gives “\(text.displayable)” as the digest of \(what)")
            }
            return digest
        }
        // A registry need not tell; then it is counted.
        let response = try await manifest(reference, address, session)
        guard response.status != 404, let digest = ImageDigest(Self.hash(response.body)) else {
            throw RegistryError.notFound("there is no \(what)")
        }
        return digest
    }

    public func has(_ digest: ImageDigest, of name: ImageName) async throws(RegistryError) -> Bool {
        do {
            return try await first(name) { session, address throws(RegistryError) in
                guard try await Self.manifest(digest.text, address, session, method: .head).status != 404 else {
                    throw RegistryError.notFound("there is no \(address)@\(digest)")
                }
                return true
            }
        } catch .notFound {
            return false
        }
    }

    // MARK: Images

    public func inspect(_ digest: ImageDigest, of name: ImageName) async throws(RegistryError) -> ImageInspection {
        try await first(name) { session, address throws(RegistryError) in
            try await Self.inspect(digest, address, session)
        }
    }

    private static func inspect(
        _ digest: ImageDigest, _ address: RepositoryAddress, _ session: RegistrySession
    ) async throws(RegistryError) -> ImageInspection {
        let what = "\(address)@\(digest)"
        let top = try Manifest(try await manifest(by: digest.text, address, session), what)
        var labels: [String: Set<String>] = [:]
        func add(_ values: [String: String]?) { for (key, value) in values ?? [:] { labels[key, default: []].insert(value) } }
        add(top.annotations)
        let images = top.images
        guard images.count <= maximumImages else { throw RegistryError.malformed("\(what) has \(images.count) images") }
        var configurations = [top.config].compactMap(\.self)
        var platforms = images.compactMap(\.platform?.text)
        for image in images {
            let manifest = try Manifest(try await manifest(by: image.digest, address, session), "\(address)@\(image.digest)")
            add(manifest.annotations)
            if let config = manifest.config { configurations.append(config) }
        }
        var created: Timestamp?
        for descriptor in configurations where descriptor.mediaType.hasSuffix("json") {
            let bytes = try await blob(descriptor.digest, address, session, limit: ImageConfiguration.maximumSize)
            // An artifact's configuration may be anything.
            guard let configuration = try? JSONDecoder().decode(ImageConfiguration.self, from: Data(bytes)) else { continue }
            add(configuration.config?.Labels)
            if images.isEmpty, let platform = configuration.platform { platforms.append(platform) }
            created = [created, configuration.created.flatMap(timestamp)].compactMap(\.self).max()
        }
        return ImageInspection(
            platforms: Set(platforms.filter { $0.utf8.count <= 100 }.map(\.displayable)).sorted(), labels: labels,
            created: created)
    }

    /// RFC 3339 with any fraction and offset, to the second.
    private static func timestamp(_ text: String) -> Timestamp? {
        let whole = text.split(separator: ".", maxSplits: 1)
        guard whole.count == 2 else { return Timestamp(text) }
        return Timestamp(whole[0] + whole[1].drop(while: \.isNumber))
    }

    // MARK: Lists

    public func tags(of name: ImageName) async throws(RegistryError) -> [ImageTag] {
        // A mirror may list only what it happens to keep.
        try await first(name, asksMirrors: RepositoryAddress(name).isForExamples) { session, address throws(RegistryError) in
            try await Self.tags(address, session)
        }
    }

    private struct TagPage: Decodable {
        let tags: [String]?

        private enum Key: CodingKey { case tags }

        /// `null` is a list of nothing; without the key it is something else.
        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            tags = try container.decodeNil(forKey: .tags) ? nil : container.decode([String].self, forKey: .tags)
        }
    }

    private static func tags(
        _ address: RepositoryAddress, _ session: RegistrySession
    ) async throws(RegistryError) -> [ImageTag] {
        var names: [String] = []
        var seen: Set<String> = []
        var next: String? = "/v2/\(address.path)/tags/list?n=\(pageSize)"
        var pages = 0
        while let path = next {
            pages += 1
            guard pages <= maximumPages else {
                throw RegistryError.malformed("\(session.endpoint.host) lists the tags of \(address) without end")
            }
            // Where all tags are one page, and the registry marks its answers, nothing new costs next to nothing.
            let key = "\(session.endpoint.origin)\(path)"
            let known = pages == 1 ? session.cache.answer(for: key) : nil
            let response = try await session.get(
                path, of: address.path, headers: known.map { [(name: "If-None-Match", value: $0.mark)] } ?? [], limit: 16 << 20)
            if response.status == 304, let known { return try Self.page(known.body, address, 1).compactMap { ImageTag($0) } }
            guard response.status == 200 else { throw RegistryError.notFound("there is no \(address)") }
            let tags = try Self.page(response.body, address, pages)
            let new = tags.filter { seen.insert($0).inserted }
            names += new
            next = try nextPage(response, after: tags, hasNews: !new.isEmpty, address, session)
            if pages == 1, next == nil, let mark = response["ETag"] { session.cache.keep(response.body, mark: mark, for: key) }
        }
        return names.compactMap { ImageTag($0) }
    }

    /// - Throws: `RegistryError.malformed` for a page that is cut off, or none: what was read before is no answer either.
    private static func page(_ body: [UInt8], _ address: RepositoryAddress, _ number: Int) throws(RegistryError) -> [String] {
        do {
            return try JSONDecoder().decode(TagPage.self, from: Data(body)).tags ?? []
        } catch {
            throw RegistryError.malformed("the list of the tags of \(address) breaks off on page \(number)")
        }
    }

    /// Source: OCI distribution specification 1.1, "Listing Tags": `Link` with `rel="next"`, or asking from the `last` one on.
    private static func nextPage(
        _ response: HTTPResponse, after tags: [String], hasNews: Bool, _ address: RepositoryAddress, _ session: RegistrySession
    ) throws(RegistryError) -> String? {
        if let link = response["Link"], let start = link.firstIndex(of: "<"), let end = link.firstIndex(of: ">"), start < end,
            link[end...].contains("next")
        {
            guard hasNews else {
                throw RegistryError.malformed(
                    "\(session.endpoint.host) sends from page to page of the tags of \(address) in a circle")
            }
            let target = String(link[link.index(after: start)..<end])
            guard let url = URL(string: target, relativeTo: URL(string: session.endpoint.origin))?.absoluteURL.absoluteString,
                RegistryEndpoint.origin(of: url) == session.endpoint.origin
            else { throw RegistryError.untrustworthy("\(session.endpoint.host) sends elsewhere for the tags of \(address)") }
            return url
        }
        // A page as long as was asked for, or of a size that servers like to stop at, may be a part without saying so.
        guard let last = tags.last, hasNews, tags.count == pageSize || tags.count % 50 == 0 else { return nil }
        return "/v2/\(address.path)/tags/list?n=\(pageSize)&last=\(last.percentEncoded())"
    }

    // MARK: What is attached

    public func attachments(to digest: ImageDigest, of name: ImageName) async throws(RegistryError) -> [ImageAttachment] {
        do {
            return try await first(name) { session, address throws(RegistryError) in
                var manifests = try await Self.taggedAttachments(digest, address, session)
                manifests += try await Self.referrers(digest, address, session)
                var attachments: [ImageAttachment] = []
                // Other things may be attached, of any size: they are nobody's proof, and nobody's trouble.
                let layers = manifests.flatMap { $0.layers ?? [] }.filter {
                    Self.isEvidence($0.mediaType) && $0.size <= Self.maximumEvidence
                }
                for layer in layers.prefix(Self.maximumAttachments) {
                    let content = try await Self.blob(layer.digest, address, session, limit: Self.maximumEvidence)
                    attachments.append(
                        ImageAttachment(mediaType: layer.mediaType, annotations: layer.annotations ?? [:], content: content))
                }
                guard !attachments.isEmpty else {
                    throw RegistryError.notFound("nothing that proves anything is attached to \(address)@\(digest.short)")
                }
                return attachments
            }
        } catch .notFound {
            return []
        }
    }

    /// Source: cosign, "Signature Specification": `sha256-<hex>.sig` and `.att` beside the image.
    private static func taggedAttachments(
        _ digest: ImageDigest, _ address: RepositoryAddress, _ session: RegistrySession
    ) async throws(RegistryError) -> [Manifest] {
        var manifests: [Manifest] = []
        for suffix in [".sig", ".att"] {
            let tag = digest.text.replacing(":", with: "-") + suffix
            let response = try await manifest(tag, address, session)
            if response.status == 404 { continue }
            if let manifest = Self.readable(response.body) { manifests.append(manifest) }
        }
        return manifests
    }

    /// Source: OCI distribution specification 1.1, "Listing Referrers", with its tag schema where a registry has no such API.
    private static func referrers(
        _ digest: ImageDigest, _ address: RepositoryAddress, _ session: RegistrySession
    ) async throws(RegistryError) -> [Manifest] {
        let listing = try await session.get(
            "/v2/\(address.path)/referrers/\(digest)", of: address.path,
            headers: [(name: "Accept", value: "application/vnd.oci.image.index.v1+json")], limit: Manifest.maximumSize,
            // Registries that have no such list say so in several ways.
            accepting: [400, 405, 406])
        var index = listing.status == 200 ? readable(listing.body) : nil
        if index?.manifests == nil {
            let tagged = try await manifest(digest.text.replacing(":", with: "-"), address, session)
            // Some registries take such a tag for the image itself.
            index = tagged.status == 200 && hash(tagged.body) != digest.text ? readable(tagged.body) : nil
        }
        let found = (index?.manifests ?? []).filter { $0.artifactType.map(isEvidence) ?? true }
        var manifests: [Manifest] = []
        for descriptor in found.prefix(maximumAttachments) {
            let bytes = try await manifest(by: descriptor.digest, address, session)
            if let manifest = readable(bytes) { manifests.append(manifest) }
        }
        return manifests
    }

    /// What is attached and cannot be read proves nothing, and is no error: anybody who may push may attach it.
    private static func readable(_ bytes: [UInt8]) -> Manifest? {
        // As said above.
        try? Manifest(bytes, "what is attached")
    }

    /// Whether something that is attached may be a signature or an attestation, and no list of ingredients.
    private static func isEvidence(_ type: String) -> Bool {
        ["cosign", "sigstore", "in-toto", "dsse"].contains { type.contains($0) }
    }

    // MARK: Bytes

    private static func manifest(
        _ reference: String, _ address: RepositoryAddress, _ session: RegistrySession, method: HTTPRequest.Method = .get
    ) async throws(RegistryError) -> HTTPResponse {
        try await session.get(
            "/v2/\(address.path)/manifests/\(reference)", of: address.path, method: method,
            headers: [(name: "Accept", value: Manifest.accept)], limit: Manifest.maximumSize)
    }

    /// A manifest whose bytes hash to `digest`.
    private static func manifest(
        by digest: String, _ address: RepositoryAddress, _ session: RegistrySession
    ) async throws(RegistryError) -> [UInt8] {
        guard ImageDigest(digest) != nil else {
            throw RegistryError.malformed("“\(digest.displayable)” in a manifest of \(address) is no digest")
        }
        let response = try await manifest(digest, address, session)
        guard response.status != 404 else { throw RegistryError.notFound("there is no \(address)@\(digest)") }
        if let claimed = response["Docker-Content-Digest"], claimed != digest {
            throw RegistryError.untrustworthy(
                "\(session.endpoint.host) gives \(claimed.displayable) where \(address)@\(digest) was asked for")
        }
        return try checked(response.body, digest, address, session)
    }

    private static func blob(
        _ digest: String, _ address: RepositoryAddress, _ session: RegistrySession, limit: Int
    ) async throws(RegistryError) -> [UInt8] {
        guard ImageDigest(digest) != nil else {
            throw RegistryError.malformed("“\(digest.displayable)” in a manifest of \(address) is no digest")
        }
        let response = try await session.get("/v2/\(address.path)/blobs/\(digest)", of: address.path, limit: limit)
        guard response.status != 404 else { throw RegistryError.notFound("there is no blob \(digest) in \(address)") }
        return try checked(response.body, digest, address, session)
    }

    private static func checked(
        _ bytes: [UInt8], _ digest: String, _ address: RepositoryAddress, _ session: RegistrySession
    ) throws(RegistryError) -> [UInt8] {
        guard hash(bytes) == digest else {
            throw RegistryError.untrustworthy(
                "what \(session.endpoint.host) sends as \(address)@\(digest) is something else: it hashes to \(hash(bytes))")
        }
        return bytes
    }

    private static func hash(_ bytes: [UInt8]) -> String { "sha256:\(SHA256.hash(data: bytes).hexadecimal)" }
}
