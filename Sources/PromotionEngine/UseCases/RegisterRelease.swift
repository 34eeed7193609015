public import GitOpsTypes
import GitStore
import ImageRegistry
public import PromotionDomain

/// A build as CI records it.
public struct RegistrationRequest: Sendable {
    public var images: [ImageReference]
    /// Charts, whose tags are their versions.
    public var charts: [ImageReference]
    public var application: String?
    public var commit: SourceCommit?
    public var source: String?
    public var run: String?
    /// The tag of every image that is given without one.
    public var tag: ImageTag?
    /// Whether registries are asked.
    public var asksRegistries: Bool

    public init(
        images: [ImageReference], charts: [ImageReference] = [], application: String?, commit: SourceCommit?, source: String?,
        run: String?, tag: ImageTag?, asksRegistries: Bool = true
    ) {
        self.charts = charts
        self.asksRegistries = asksRegistries
        self.images = images
        self.application = application
        self.commit = commit
        self.source = source
        self.run = run
        self.tag = tag
    }
}

/// What `register` came to.
public struct RegistrationReport: Sendable {
    public let application: ApplicationName
    public let release: Release
    /// False when these digests were registered before.
    public let created: Bool
    /// What the user should know: tags that named another digest before, and what is not recorded.
    public let notices: [String]
}

/// Records builds, once their registries were asked.
struct RegisterRelease: Sendable {
    let session: Session

    /// Records a build. The same digests again are the same release, and nothing is recorded.
    func register(_ request: RegistrationRequest) async throws -> RegistrationReport {
        // Asked once for each policy, so that a race for the ledger does not ask again.
        var inspection: (tip: CommitID, answer: Inspection)?
        return try await session.transact(on: { policy in try policy.application(named: request.application).name }) {
            snapshot, ledger, _ in
            let application = try snapshot.policy.application(named: request.application)
            let answer: Inspection
            if let known = inspection, known.tip == snapshot.tip {
                answer = known.answer
            } else {
                answer = try await inspect(request, application, ledger.state, snapshot)
                inspection = (snapshot.tip, answer)
            }
            let (request, images, found) = answer
            let movedTags = Self.movedTags(images, in: ledger.state)
            let build = BuildOrigin(
                commit: request.commit ?? found.commit, source: request.source ?? found.source, run: request.run)
            let decision = try RegisterBuild(images: images, build: build, records: found.records).decide(
                snapshot.facts(ledger.state))
            return Proposal(decision) { release, _ in
                RegistrationReport(
                    application: application.name, release: release, created: decision.isNew,
                    notices: (decision.isNew ? movedTags : Self.ignored(request, images, release)) + found.notices)
            }
        }.outcome
    }

    /// The request and its images with their digests, and what their registries say of them.
    private typealias Inspection = (RegistrationRequest, [ReleaseImage], RegistryFindings)

    private func inspect(
        _ request: RegistrationRequest, _ application: Application, _ state: ApplicationState, _ snapshot: Snapshot
    ) async throws -> Inspection {
        // What is known is not asked for again: doing it twice works without the registry, too.
        if (request.images + request.charts).allSatisfy({ $0.digest != nil }) {
            let images = try Self.releaseImages(request, application)
            if RegisterBuild.known(images, snapshot.facts(state)) != nil {
                return (request, images, RegistryFindings(records: nil, commit: nil, source: nil, notices: []))
            }
        }
        let examples = (request.images + request.charts).map(\.name).filter { Self.isForExamples($0, snapshot.policy) }
        guard request.asksRegistries, examples.isEmpty else {
            let images = try Self.releaseImages(request, application)
            if let image = images.first(where: { application.provenance[$0.name] != nil }) {
                throw Refusal(
                    .provenance, "the policy wants proof of where \(image.name) is from, and no registry is asked for it",
                    hint: "register without --no-registry")
            }
            let notices =
                request.asksRegistries
                ? examples.map { "no registry was asked for \($0): \(RepositoryAddress($0).registry) is a name for examples" }
                : []
            return (request, images, RegistryFindings(records: nil, commit: nil, source: nil, notices: notices))
        }
        let registry = session.workspace.registries.registry(snapshot.policy.registries)
        var request = request
        for (index, reference) in request.images.enumerated() where application.images.contains(reference.name) {
            request.images[index] = try await RegistryChecks(session: session).resolve(reference, tag: request.tag, registry)
        }
        for (index, reference) in request.charts.enumerated() where application.charts.contains(reference.name) {
            request.charts[index] = try await RegistryChecks(session: session).resolve(chart: reference, registry)
        }
        let images = try Self.releaseImages(request, application)
        return (
            request, images, try await RegistryChecks(session: session).check(images, request, application, registry, snapshot)
        )
    }

    /// Whether no registry can be asked for an image: its registry has a name for examples, and no mirrors.
    static func isForExamples(_ name: ImageName, _ policy: Policy) -> Bool {
        let address = RepositoryAddress(name)
        return address.isForExamples && policy.registries[address.registry]?.mirrors.isEmpty ?? true
    }

    private static func releaseImages(_ request: RegistrationRequest, _ application: Application) throws -> [ReleaseImage] {
        var images: [ReleaseImage] = []
        let given = request.images.map { ($0, ArtifactKind.image) } + request.charts.map { ($0, ArtifactKind.chart) }
        for (reference, kind) in given {
            try requireKind(kind, of: reference, application)
            guard let digest = reference.digest else {
                throw EngineError.usage(
                    "\(reference) has no digest, and no registry is asked for it",
                    hint: "give it as \(reference.name)@sha256:…; the build's push prints it")
            }
            guard !images.contains(where: { $0.name == reference.name }) else {
                throw EngineError.usage("\(reference.name) is given twice", hint: nil)
            }
            let tag = reference.tag ?? (kind == .image ? request.tag : nil)
            images.append(ReleaseImage(name: reference.name, digest: digest, tag: tag, kind: kind))
        }
        let missing = application.images.filter { name in !images.contains { $0.name == name } }
        guard missing.isEmpty else {
            throw EngineError.usage(
                "a release of \(application.name) has all of its images\(application.charts.isEmpty ? "" : " and charts"); missing: \(missing.map(\.text).joined(separator: ", "))",
                hint: "register them together")
        }
        return images.sorted { $0.name < $1.name }
    }

    /// That the application has it, as what it is given.
    private static func requireKind(
        _ kind: ArtifactKind, of reference: ImageReference, _ application: Application
    ) throws(EngineError) {
        let known = application.images.filter { application.kind(of: $0) == kind }
        guard !known.contains(reference.name) else { return }
        guard !application.images.contains(reference.name) else {
            throw EngineError.usage(
                "\(reference.name) is \(application.kind(of: reference.name).noun) of \(application.name), and given as \(kind.noun)",
                hint: kind == .image ? "give it as --chart \(reference)" : "give it without --chart")
        }
        throw EngineError.usage(
            "\(reference.name) is no \(kind.rawValue) of \(application.name)",
            hint: suggestion(reference.name.text, known.map(\.text)))
    }

    /// What a repeated registration says otherwise than the first, which stays as it is.
    private static func ignored(_ request: RegistrationRequest, _ images: [ReleaseImage], _ known: Release) -> [String] {
        var notices: [String] = []
        for image in images where image.tag != nil && known.image(image.name)?.tag != image.tag {
            let tag = known.image(image.name)?.tag?.text ?? "no tag"
            notices.append("\(known.id) is registered with \(tag); \(image.name):\(image.tag?.text ?? "") is not recorded")
        }
        if let commit = request.commit, known.build.commit.map(commit.isSame) != true {
            notices.append(
                "\(known.id) is registered with \(known.build.commit.map { "commit \($0)" } ?? "no commit"); \(commit) is not recorded"
            )
        }
        return notices
    }

    private static func movedTags(_ images: [ReleaseImage], in state: ApplicationState) -> [String] {
        images.compactMap { image in
            guard let tag = image.tag else { return nil }
            let earlier = state.releases.last { release in
                release.image(image.name).map { $0.tag == tag && $0.digest != image.digest } ?? false
            }
            return earlier.map { "the tag \(image.name):\(tag) named another digest before, in \($0.id)" }
        }
    }
}
