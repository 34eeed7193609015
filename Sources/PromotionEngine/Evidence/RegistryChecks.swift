import GitOpsTypes
import ImageProvenance
import ImageRegistry
import PromotionDomain

/// What the registries say of the images of a build.
struct RegistryFindings: Sendable {
    /// In the order of the images; nil where no registry was asked.
    let records: [ImageRecord]?
    /// The commit and the repository that the images say they were built from; nil where they do not, or not the same.
    let commit: SourceCommit?
    let source: String?
    /// What the user should know.
    let notices: [String]
}

/// Asks registries, so that only what is there, and is what it is said to be, gets into the ledger.
struct RegistryChecks: Sendable {
    let session: Session

    /// The digest that a tag names, where an image was given without one.
    func resolve(
        _ reference: ImageReference, tag: ImageTag?, _ registry: any ImageRegistry
    ) async throws -> ImageReference {
        guard reference.digest == nil else { return reference }
        guard let tag = reference.tag ?? tag else {
            throw EngineError.usage(
                "\(reference) has neither a tag nor a digest",
                hint: "give it as \(reference.name):<tag> or \(reference.name)@sha256:…")
        }
        let digest = try await asking(reference.name) { () throws(RegistryError) in
            try await registry.digest(of: tag, in: reference.name)
        }
        return ImageReference(name: reference.name, tag: tag, digest: digest)
    }

    /// The digest that a chart's version names, where it was given without one, and the version that it has, where it was given without that.
    func resolve(chart reference: ImageReference, _ registry: any ImageRegistry) async throws -> ImageReference {
        guard let digest = reference.digest else { return try await resolve(reference, tag: nil, registry) }
        guard reference.tag == nil else { return reference }
        let inspection = try await asking(reference.name) { () throws(RegistryError) in
            try await registry.inspect(digest, of: reference.name)
        }
        return ImageReference(
            name: reference.name, tag: inspection.chart.flatMap { ChartVersion($0.version)?.tag }, digest: digest)
    }

    /// - Throws: `Refusal` where an image is not there, is not what it is said to be, or lacks the proof that the policy wants.
    func check(
        _ images: [ReleaseImage], _ request: RegistrationRequest, _ application: Application,
        _ registry: any ImageRegistry, _ snapshot: Snapshot
    ) async throws -> RegistryFindings {
        var records: [ImageRecord] = []
        var notices: [String] = []
        var (commits, sources): (Set<SourceCommit>, Set<String>) = ([], [])
        for image in images {
            let inspection = try await asking(image.name) { () throws(RegistryError) in
                try await registry.inspect(image.digest, of: image.name)
            }
            try requireKind(of: image, inspection)
            let labels = ImageLabels(inspection)
            if image.kind == .image {
                if let commit = try agreedCommit(labels, image, request) { commits.insert(commit) }
                if let source = try agreedSource(labels, image, request) { sources.insert(source) }
            }
            if let tag = image.tag, let notice = try await movedTag(tag, image, registry) { notices.append(notice) }
            // A chart may be from another repository than the images that it runs.
            let commit = image.kind == .image ? request.commit ?? labels.revision : labels.revision
            let proofs = try await provenance(of: image, commit, application, registry, snapshot)
            records.append(
                ImageRecord(
                    name: image.name, platforms: inspection.platforms, revision: labels.revision?.text,
                    source: labels.source,
                    version: inspection.chart.map(\.version).flatMap { ImageLabels.isRecordable($0) ? $0 : nil }
                        ?? labels.version,
                    created: labels.created ?? inspection.created?.description,
                    provenance: proofs))
        }
        return RegistryFindings(
            records: records, commit: commits.count == 1 ? commits.first : nil, source: sources.count == 1 ? sources.first : nil,
            notices: notices)
    }

    /// That it is what it is registered as: an image, or a chart in the version that is its tag.
    private func requireKind(of image: ReleaseImage, _ inspection: ImageInspection) throws(Refusal) {
        let what = "\(image.name)@\(image.digest.short)"
        switch (image.kind, inspection.chart) {
        case (.image, nil): return
        case (.image, _?):
            throw Refusal(
                .builtOnce, "\(what) is a Helm chart, and the application has it among its images",
                hint: "list it under charts of the application, and register it with --chart")
        case (.chart, nil):
            throw Refusal(
                .builtOnce, "\(what) is no Helm chart: its configuration is not of application/vnd.cncf.helm.config.v1+json",
                hint: "push it with `helm push`")
        case (.chart, let chart?):
            if let tag = image.tag, tag.text != chart.version.replacing("+", with: "_") {
                throw Refusal(
                    .builtOnce,
                    "\(what) says that it is version \(String(chart.version.prefix(100)).displayable), and is registered as \(tag)",
                    hint: "register it with its own version, or without one")
            }
        }
    }

    /// What is proven of an image by the policy's rules for it; nil where there are none.
    ///
    /// - Throws: `Refusal` of `provenance` where it is not.
    private func provenance(
        of image: ReleaseImage, _ commit: SourceCommit?, _ application: Application, _ registry: any ImageRegistry,
        _ snapshot: Snapshot
    ) async throws -> [String]? {
        guard let rules = application.provenance[image.name] else { return nil }
        let proof = try await asking(image.name) { () async throws(RegistryError) in
            try await Self.proof(of: image, commit, rules, registry, at: snapshot.time)
        }
        switch proof.finding {
        case .proven(let proofs): return proofs
        case .unproven(let reasons):
            throw Refusal(
                .provenance, "\(image.name)@\(image.digest.short): \(reasons.joined(separator: "; "))",
                hint: Self.howToSign(image, rules))
        }
    }

    private static func howToSign(_ image: ReleaseImage, _ rules: ProvenanceRules) -> String {
        let command = rules.keys.isEmpty ? "cosign sign" : "cosign sign --key <key>"
        let signers = rules.signers.joined(separator: " or ")
        return "sign it \(signers) (environments/), such as: \(command) \(image.name)@\(image.digest)"
    }

    /// What is attached to an image, held against the rules for it.
    ///
    /// - Returns: also whether nothing is attached at all.
    private static func proof(
        of image: ReleaseImage, _ commit: SourceCommit?, _ rules: ProvenanceRules, _ registry: any ImageRegistry,
        at time: Timestamp
    ) async throws(RegistryError) -> (finding: ProvenanceFinding, isBare: Bool) {
        let attachments = try await registry.attachments(to: image.digest, of: image.name)
        let judgement = ProvenanceJudgement(
            rules, image: image.name, digest: image.digest, commit: commit?.text, at: time)
        return (await judgement.finding(attachments), attachments.isEmpty)
    }

    /// Tells a lie of a registry from its silence.
    private func asking<Answer>(
        _ name: ImageName, _ ask: () async throws(RegistryError) -> Answer
    ) async throws -> Answer {
        do throws(RegistryError) {
            return try await ask()
        } catch {
            switch error {
            case .notFound(let reason):
                throw Refusal(
                    .builtOnce, "\(reason), and only what its registry has can be released",
                    hint: "push it first; `--no-registry` registers without asking")
            case .untrustworthy(let reason):
                throw Refusal(.builtOnce, reason, hint: "look at the registry: nothing was registered")
            case .unavailable, .rateLimited, .unauthorized, .malformed: throw error
            }
        }
    }

    private func agreedCommit(
        _ labels: ImageLabels, _ image: ReleaseImage, _ request: RegistrationRequest
    ) throws(Refusal) -> SourceCommit? {
        guard let text = try labels.one(ImageLabels.revisionKey, of: image) else { return nil }
        guard let labelled = SourceCommit(text) else {
            throw Refusal(
                .builtOnce,
                "\(image.name)@\(image.digest.short) says that it was built from “\(String(text.prefix(100)).displayable)”, which is no commit",
                hint: "build it with the label \(ImageLabels.revisionKey)=$(git rev-parse HEAD), or without that label")
        }
        if let said = request.commit, !said.isSame(as: labelled) {
            throw Refusal(
                .builtOnce,
                "\(image.name)@\(image.digest.short) says that it was built from \(labelled), and --commit says \(said)",
                hint: "register what was built from \(said), or leave --commit out")
        }
        return labelled
    }

    private func agreedSource(
        _ labels: ImageLabels, _ image: ReleaseImage, _ request: RegistrationRequest
    ) throws(Refusal) -> String? {
        guard let labelled = try labels.one(ImageLabels.sourceKey, of: image), ImageLabels.isRecordable(labelled) else {
            return nil
        }
        if let said = request.source, SourceRepository(said) != SourceRepository(labelled) {
            throw Refusal(
                .builtOnce,
                "\(image.name)@\(image.digest.short) says that it was built from \(labelled.displayable), and --source says \(said.displayable)",
                hint: "register it with its own source, or leave --source out")
        }
        return labelled
    }

    private func movedTag(
        _ tag: ImageTag, _ image: ReleaseImage, _ registry: any ImageRegistry
    ) async throws -> String? {
        let present: ImageDigest
        do throws(RegistryError) {
            present = try await registry.digest(of: tag, in: image.name)
        } catch {
            guard case .notFound = error else { throw error }
            return "the registry has no tag \(image.name):\(tag)"
        }
        if present == image.digest { return nil }
        switch image.kind {
        case .image: return "the tag \(image.name):\(tag) names \(present.short) now, not \(image.digest.short)"
        case .chart:
            // What takes it by its version would get the other one.
            throw Refusal(
                .builtOnce, "\(image.name) \(tag) is \(present.short) in its registry, and not \(image.digest.short)",
                hint: "register what the registry has, or push this one again in a version of its own")
        }
    }
}

/// What an image says of its build.
///
/// Source: OCI image specification 1.1, "Annotations".
struct ImageLabels {
    static let revisionKey = "org.opencontainers.image.revision"
    static let sourceKey = "org.opencontainers.image.source"

    private let labels: [String: Set<String>]

    init(_ inspection: ImageInspection) { labels = inspection.labels }

    var revision: SourceCommit? { sole(Self.revisionKey).flatMap { SourceCommit($0) } }
    var source: String? { sole(Self.sourceKey) }
    var version: String? { sole("org.opencontainers.image.version") }
    var created: String? { sole("org.opencontainers.image.created") }

    /// The value where all that have it agree, if it is of a size that belongs into a ledger.
    private func sole(_ key: String) -> String? {
        let values = (labels[key] ?? []).filter { !$0.isEmpty && Self.isRecordable($0) }
        return values.count == 1 ? values.first : nil
    }

    /// Whether a value is of a size that belongs into a ledger.
    static func isRecordable(_ value: String) -> Bool { value.utf8.count <= 500 }

    /// - Throws: `Refusal` where the parts of an image contradict each other.
    func one(_ key: String, of image: ReleaseImage) throws(Refusal) -> String? {
        let values = (labels[key] ?? []).filter { !$0.isEmpty }
        guard values.count <= 1 else {
            throw Refusal(
                .builtOnce,
                "the parts of \(image.name)@\(image.digest.short) contradict each other in \(key): \(values.sorted().joined(separator: ", ").displayable)",
                hint: "build all platforms from one commit")
        }
        return values.first
    }
}

extension RegistryChecks {
    /// The commit that an image of a release was built from, or a chart by its own word; nil where that is not known.
    private static func commit(of image: ReleaseImage, in release: Release) -> SourceCommit? {
        switch image.kind {
        case .image: release.build.commit
        case .chart: release.records?.first { $0.name == image.name }?.revision.flatMap { SourceCommit($0) }
        }
    }

    /// Whether where the images of a release are from is proven now; nil where the environment does not ask.
    func provenance(_ question: EvidenceQuestion) async throws -> ExternalVerdict? {
        let (environment, release, policy) = (question.environment, question.release, question.policy)
        guard environment.asksProvenance else { return nil }
        let registry = session.workspace.registries.registry(policy.registries)
        var proofs: [String] = []
        for image in release.images {
            guard let rules = policy.anyApplication(question.application)?.provenance[image.name] else {
                return ExternalVerdict(
                    .failed("\(environment.name) asks for proof, and the policy does not say how \(image.name) is verified"),
                    output: "")
            }
            let proof: (finding: ProvenanceFinding, isBare: Bool)
            do throws(RegistryError) {
                proof = try await Self.proof(of: image, Self.commit(of: image, in: release), rules, registry, at: question.time)
            } catch {
                if question.isSettled { throw error }
                return ExternalVerdict(.unknown(error.reason), output: "")
            }
            if question.isSettled, proof.isBare {
                throw RegistryError.unavailable("what proved where \(image.name)@\(image.digest.short) is from is there no more")
            }
            switch proof.finding {
            case .proven(let found): proofs += found.map { "\(image.name) \($0)" }
            case .unproven(let reasons):
                return ExternalVerdict(.failed("\(image.name): \(reasons.joined(separator: "; "))"), output: "")
            }
        }
        return ExternalVerdict(.passed, output: proofs.joined(separator: "; "))
    }
}
