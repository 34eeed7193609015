public import GitOpsTypes
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

    /// - Parameter settings: by the registry's name, as in names of images.
    public init(_ access: RegistryAccess, settings: [String: RegistrySettings]) {
        self.access = access
        self.settings = settings
    }

    // MARK: Where

    /// Asks the mirrors of an image's registry, and then the registry, for the first that has an answer.
    private func first<Answer: Sendable>(
        _ name: ImageName, asksMirrors: Bool = true,
        _ ask: (RemoteRepository) async throws(RegistryError) -> Answer
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
                return try await ask(RemoteRepository(address: address, session: session(endpoint)))
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
        // No server answers at a name for examples, so that the last mirror's word is the last.
        guard !address.isForExamples else { throw failure }
        return try await ask(RemoteRepository(address: address, session: session(last)))
    }

    private func session(_ endpoint: RegistryEndpoint) -> RegistrySession {
        if let session = sessions[endpoint] { return session }
        let new = RegistrySession(endpoint, access)
        sessions[endpoint] = new
        return new
    }

    // MARK: Questions

    public func digest(of tag: ImageTag, in name: ImageName) async throws(RegistryError) -> ImageDigest {
        try await first(name) { repository throws(RegistryError) in try await repository.digest(of: tag) }
    }

    public func inspect(_ digest: ImageDigest, of name: ImageName) async throws(RegistryError) -> ImageInspection {
        try await first(name) { repository throws(RegistryError) in try await repository.inspect(digest) }
    }

    public func tags(of name: ImageName) async throws(RegistryError) -> [ImageTag] {
        // A mirror may list only what it happens to keep.
        try await first(name, asksMirrors: RepositoryAddress(name).isForExamples) { repository throws(RegistryError) in
            try await repository.tags()
        }
    }

    public func has(_ digest: ImageDigest, of name: ImageName) async throws(RegistryError) -> Bool {
        do {
            try await first(name) { repository throws(RegistryError) in try await repository.require(digest) }
            return true
        } catch .notFound {
            return false
        }
    }

    public func attachments(to digest: ImageDigest, of name: ImageName) async throws(RegistryError) -> [ImageAttachment] {
        do {
            return try await first(name) { repository throws(RegistryError) in
                let found = try await repository.attachments(to: digest)
                guard !found.isEmpty else {
                    throw RegistryError.notFound("nothing that proves anything is attached to \(name)@\(digest.short)")
                }
                return found
            }
        } catch .notFound {
            return []
        }
    }
}
