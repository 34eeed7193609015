import Crypto
import Foundation
import GitOpsTypes
import HTTPExchange
import ImageRegistry

/// One repository of one registry, or of a mirror of it.
struct RemoteRepository: Sendable {
    let address: RepositoryAddress
    let session: RegistrySession

    /// For people.
    var host: String { session.endpoint.host }

    /// From the server's root, to something below the repository.
    func path(_ below: String) -> String { "/v2/\(address.path)/\(below)" }

    /// The answer to a request for something below the repository, of status 200, 304, 404 or one of `statuses`.
    func get(
        _ below: String, method: HTTPRequest.Method = .get, headers: [(name: String, value: String)] = [], limit: Int,
        accepting statuses: Set<Int> = []
    ) async throws(RegistryError) -> HTTPResponse {
        try await session.get(
            path(below), of: address.path, method: method, headers: headers, limit: limit, accepting: statuses)
    }

    /// Where a list goes on, as `Link` with `rel="next"` says; nil at its end.
    ///
    /// - Parameter what: is listed, for people.
    func nextLink(_ response: HTTPResponse, _ what: String) throws(RegistryError) -> String? {
        guard let link = response["Link"], let start = link.firstIndex(of: "<"), let end = link.firstIndex(of: ">"), start < end,
            link[end...].contains("next")
        else { return nil }
        let target = String(link[link.index(after: start)..<end])
        guard let url = URL(string: target, relativeTo: URL(string: session.endpoint.origin))?.absoluteURL.absoluteString,
            RegistryEndpoint.origin(of: url) == session.endpoint.origin
        else { throw RegistryError.untrustworthy("\(host) sends elsewhere for \(what) of \(address)") }
        return url
    }

    // MARK: Tags and digests

    /// What a tag names now.
    func digest(of tag: ImageTag) async throws(RegistryError) -> ImageDigest {
        let what = "\(address):\(tag)"
        let head = try await manifest(tag.text, method: .head)
        guard head.status != 404 else { throw RegistryError.notFound("there is no \(what)") }
        if let text = head["Docker-Content-Digest"] {
            guard let digest = ImageDigest(text) else {
                throw RegistryError.malformed("\(host) gives “\(text.displayable)” as the digest of \(what)")
            }
            return digest
        }
        // A registry need not tell; then it is counted.
        let response = try await manifest(tag.text)
        guard response.status != 404, let digest = ImageDigest(Self.hash(response.body)) else {
            throw RegistryError.notFound("there is no \(what)")
        }
        return digest
    }

    /// - Throws: `RegistryError.notFound` where it is not there.
    func require(_ digest: ImageDigest) async throws(RegistryError) {
        guard try await manifest(digest.text, method: .head).status != 404 else {
            throw RegistryError.notFound("there is no \(address)@\(digest)")
        }
    }

    // MARK: Bytes

    func manifest(
        _ reference: String, method: HTTPRequest.Method = .get
    ) async throws(RegistryError) -> HTTPResponse {
        try await get(
            "manifests/\(reference)", method: method, headers: [(name: "Accept", value: Manifest.accept)],
            limit: Manifest.maximumSize)
    }

    /// A manifest whose bytes hash to `digest`.
    func manifest(by digest: String) async throws(RegistryError) -> [UInt8] {
        try requireDigest(digest)
        let response = try await manifest(digest)
        guard response.status != 404 else { throw RegistryError.notFound("there is no \(address)@\(digest)") }
        if let claimed = response["Docker-Content-Digest"], claimed != digest {
            throw RegistryError.untrustworthy(
                "\(host) gives \(claimed.displayable) where \(address)@\(digest) was asked for")
        }
        return try checked(response.body, digest)
    }

    /// A blob whose bytes hash to `digest`.
    func blob(_ digest: String, limit: Int) async throws(RegistryError) -> [UInt8] {
        try requireDigest(digest)
        let response = try await get("blobs/\(digest)", limit: limit)
        guard response.status != 404 else { throw RegistryError.notFound("there is no blob \(digest) in \(address)") }
        return try checked(response.body, digest)
    }

    private func requireDigest(_ text: String) throws(RegistryError) {
        guard ImageDigest(text) != nil else {
            throw RegistryError.malformed("“\(text.displayable)” in a manifest of \(address) is no digest")
        }
    }

    private func checked(_ bytes: [UInt8], _ digest: String) throws(RegistryError) -> [UInt8] {
        guard Self.hash(bytes) == digest else {
            throw RegistryError.untrustworthy(
                "what \(host) sends as \(address)@\(digest) is something else: it hashes to \(Self.hash(bytes))")
        }
        return bytes
    }

    static func hash(_ bytes: [UInt8]) -> String { "sha256:\(SHA256.hash(data: bytes).hexadecimal)" }
}
