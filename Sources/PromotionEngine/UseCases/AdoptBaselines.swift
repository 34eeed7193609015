import GitOpsTypes
import GitStore
import ImageRegistry
public import PromotionDomain

/// What `adopt` recorded, and where it could not.
public struct AdoptionReport: Sendable {
    public struct Baseline: Sendable {
        public let application: ApplicationName
        public let environment: EnvironmentName
        /// What runs there by the ledger.
        public let release: Release
        /// False where the ledger knew that already.
        public let isNew: Bool
    }

    /// A place that runs something of which no baseline can be made.
    public struct Omission: Sendable {
        public enum Kind: Sendable {
            /// What is there cannot be told by digests, whoever is asked.
            case unknowable
            /// A registry did not answer: asked again, it may.
            case unanswered
        }

        public let application: ApplicationName
        public let environment: EnvironmentName
        public let kind: Kind
        /// A sentence for people.
        public let reason: String
    }

    public internal(set) var baselines: [Baseline] = []
    public internal(set) var omissions: [Omission] = []
    /// In how many environments there is nothing of an application.
    public internal(set) var absent = 0
}

/// Records what environments run already when promotions begin, so that the first of them can be taken back.
struct AdoptBaselines: Sendable {
    let session: Session

    /// - Parameters:
    ///   - name: an application; nil where there is but one.
    ///   - all: every application, whatever their names.
    ///   - environment: nil for all that an application has.
    /// - Throws: what keeps an application's ledger from being written; those before it are recorded then.
    func adopt(application name: String?, all: Bool, environment: String?) async throws -> AdoptionReport {
        // What came in past the ledger is no baseline.
        var snapshot = try await SyncBranches(session: session).sync(from: session.refresh(identifying: true)).snapshot
        let named = try environment.map { try snapshot.policy.environment(named: $0).name }
        let registry = TagDigests(session.workspace.registries.registry(snapshot.policy.registries))
        var report = AdoptionReport()
        let applications = all ? snapshot.policy.applications : [try snapshot.policy.application(named: name)]
        let progress = AdoptionProgress(total: applications.count)
        for (done, application) in applications.enumerated() {
            if let note = progress.note(after: done) { session.workspace.notice(note) }
            snapshot = try await adopt(application, in: named, registry, snapshot, &report)
        }
        return report
    }

    /// - Returns: the world afterwards.
    private func adopt(
        _ application: Application, in named: EnvironmentName?, _ registry: TagDigests, _ snapshot: Snapshot,
        _ report: inout AdoptionReport
    ) async throws -> Snapshot {
        let done = try await session.transact(on: { _ in application.name }, from: snapshot) {
            snapshot, ledger, _ -> Proposal<AdoptionReport> in
            let application = try snapshot.policy.application(named: application.name.text)
            var found = AdoptionReport()
            var baselines: [RecordBaselines.Baseline] = []
            var leases: [BranchName: CommitID] = [:]
            for environment in snapshot.policy.environments(of: application, named: named) {
                if ledger.state.latestDeployment(in: environment.name) != nil {
                    baselines.append(.init([], in: environment.name, found: FoundContent(commit: snapshot.tip, images: nil)))
                    continue
                }
                let reader = FoundContentReader(session: session)
                let content = try await reader.found(application, in: environment)
                let labels =
                    content.images == nil
                    ? [:] : try await reader.labels(of: application, in: environment.name, at: content.commit)
                switch await baseline(content, application, registry, labels) {
                case .success(let images)?:
                    baselines.append(.init(images, in: environment.name, found: content))
                    leases[session.branch(of: environment)] = content.commit
                case .failure(let problem)?:
                    found.omissions.append(
                        .init(
                            application: application.name, environment: environment.name, kind: problem.kind,
                            reason: problem.reason))
                case nil: found.absent += 1
                }
            }
            let decision = try RecordBaselines(baselines).decide(snapshot.facts(ledger.state))
            // With leases: what is recorded is what is there, and not what was there a moment ago.
            let refs =
                decision.isNew ? leases.sorted { $0.key < $1.key }.map { RefUpdate($0.key, from: $0.value, to: $0.value) } : []
            return Proposal(decision, refs: refs) { [found] outcomes, _ in
                var result = found
                result.baselines = outcomes.map {
                    .init(application: application.name, environment: $0.environment, release: $0.release, isNew: $0.isNew)
                }
                return result
            }
        }
        report.baselines += done.outcome.baselines
        report.omissions += done.outcome.omissions
        report.absent += done.outcome.absent
        return done.snapshot
    }

    private struct Problem: Error {
        let kind: AdoptionReport.Omission.Kind
        let reason: String

        static func unknowable(_ reason: String) -> Problem { Problem(kind: .unknowable, reason: reason) }
    }

    /// What runs, by digests; nil where nothing of the application does.
    private func baseline(
        _ content: FoundContent, _ application: Application, _ registry: TagDigests, _ labels: [ImageName: ImageTag]
    ) async -> Result<[ReleaseImage], Problem>? {
        guard let found = content.images else {
            return .failure(.unknowable("it does not render: promote render \(application.name) <environment> tells why"))
        }
        guard !found.isEmpty else { return nil }
        var images: [ReleaseImage] = []
        for name in application.images {
            switch await image((name, application.kind(of: name)), found.filter { $0.name == name }, registry) {
            case .success(let image): images.append(image.labelled(labels[name]))
            case .failure(let problem): return .failure(problem)
            }
        }
        return .success(images)
    }

    private func image(
        _ artifact: (name: ImageName, kind: ArtifactKind), _ found: [FoundImage], _ registry: TagDigests
    ) async -> Result<ReleaseImage, Problem> {
        let (name, kind) = artifact
        guard let image = found.first else { return .failure(.unknowable("\(name) does not run there, and other images do")) }
        guard found.count == 1 else {
            let all = found.map(\.reference.displayable).joined(separator: " and ")
            return .failure(.unknowable("\(all) run there side by side"))
        }
        if let digest = image.digest { return .success(ReleaseImage(name: name, digest: digest, tag: nil, kind: kind)) }
        // Registries have `_` for the `+` of a version.
        let text = kind == .chart ? image.text?.replacing("+", with: "_") : image.text
        guard let reference = text.flatMap({ ImageReference($0) }),
            let tag = reference.tag ?? (kind == .image ? ImageTag("latest") : nil)
        else {
            return .failure(.unknowable("\(image.reference.displayable) names no \(kind.rawValue)"))
        }
        switch await registry.digest(of: tag, in: name) {
        case .success(let digest): return .success(ReleaseImage(name: name, digest: digest, tag: tag, kind: kind))
        case .failure(let error):
            let omission: AdoptionReport.Omission.Kind =
                switch error {
                case .notFound, .untrustworthy, .malformed: .unknowable
                case .unavailable, .rateLimited, .unauthorized: .unanswered
                }
            return .failure(Problem(kind: omission, reason: "what \(name):\(tag) is, is not known: \(error.reason)"))
        }
    }
}

extension ReleaseImage {
    /// The same with the tag that stands beside its digest, where it has none. The version of a chart is no label.
    fileprivate func labelled(_ label: ImageTag?) -> ReleaseImage {
        guard kind == .image, tag == nil, let label else { return self }
        return ReleaseImage(name: name, digest: digest, tag: label, kind: kind)
    }
}

/// What is told while many applications are adopted, one after another.
struct AdoptionProgress {
    let total: Int
    /// After so many more of them.
    static let step = 50

    /// Nil where there is nothing to be told yet, or the answer is about to tell all.
    func note(after done: Int) -> String? {
        guard done > 0, done < total, done.isMultiple(of: Self.step) else { return nil }
        return "adopted \(done) of \(total) applications"
    }
}

/// What tags name, each asked for once.
private actor TagDigests {
    private let registry: any ImageRegistry
    private var known: [ImageReference: Result<ImageDigest, RegistryError>] = [:]
    private var silent: [String: RegistryError] = [:]

    init(_ registry: any ImageRegistry) { self.registry = registry }

    func digest(of tag: ImageTag, in name: ImageName) async -> Result<ImageDigest, RegistryError> {
        let reference = ImageReference(name: name, tag: tag)
        if let answer = known[reference] { return answer }
        // One that does not answer is not asked for each of a thousand tags.
        let place = RepositoryAddress(name).registry
        if let silence = silent[place] { return .failure(silence) }
        let answer: Result<ImageDigest, RegistryError>
        do throws(RegistryError) {
            answer = .success(try await registry.digest(of: tag, in: name))
        } catch {
            answer = .failure(error)
            if case .unavailable = error { silent[place] = error }
        }
        known[reference] = answer
        return answer
    }
}
