import GitOpsTypes
import ImageRegistry
import ImageSelection
public import PromotionDomain

/// What `discover` found of one application.
public struct DiscoveryStep: Sendable {
    public enum Action: String, Sendable {
        /// A new build, registered as a candidate.
        case registered
        /// The newest build that is wanted is known.
        case known
        /// Every environment that takes builds is held or frozen, so that nothing is looked for.
        case held
        /// Nothing was registered, and a person has to look.
        case stuck
    }

    public let action: Action
    public let application: ApplicationName
    public let release: ReleaseID?
    /// In words.
    public let detail: String
    /// Why it is stuck, as the command answers it.
    public let failure: (any Error)?
}

/// Looks for new builds in registries. What is found is a candidate: it moves nowhere by itself, and never back.
struct DiscoverBuilds: Sendable {
    let session: Session

    /// Inspections that one pass makes to find out when images were built.
    private static let maximumInspections = 100

    /// - Parameter name: nil for every application that says how its builds are found.
    func discover(application name: String?) async throws -> [DiscoveryStep] {
        let snapshot = try await session.refresh(identifying: true)
        let applications =
            try name.map { [try snapshot.policy.application(named: $0)] }
            ?? snapshot.policy.applications.filter { !$0.selections.isEmpty }
        if let only = applications.first, name != nil, only.selections.isEmpty {
            throw EngineError.configuration(
                "\(only.name) does not say how its builds are found",
                hint: "write select: {semver: \">=1.0\"} at its image in environments/, or let CI register them")
        }
        var steps: [DiscoveryStep] = []
        for application in applications {
            do {
                steps.append(try await discover(application, snapshot))
            } catch let error as EngineError {
                // The machine's own trouble is everybody's; a race is for the next pass.
                guard case .configuration = error else { throw error }
                steps.append(Self.stuck(application, error))
            } catch let error as Refusal {
                steps.append(Self.stuck(application, error))
            } catch let error as RegistryError {
                steps.append(Self.stuck(application, error))
            }
        }
        return steps
    }

    private static func stuck(_ application: Application, _ error: any Error) -> DiscoveryStep {
        let detail =
            switch error {
            case let refusal as Refusal: "\(refusal.rule): \(refusal.message)"
            case let error as RegistryError: error.reason
            case EngineError.configuration(let message, _): message
            default: "\(error)"
            }
        return DiscoveryStep(action: .stuck, application: application.name, release: nil, detail: detail, failure: error)
    }

    private func discover(_ application: Application, _ snapshot: Snapshot) async throws -> DiscoveryStep {
        let state = try await session.ledger(of: application.name, snapshot).state
        func step(_ action: DiscoveryStep.Action, _ release: ReleaseID?, _ detail: String) -> DiscoveryStep {
            DiscoveryStep(action: action, application: application.name, release: release, detail: detail, failure: nil)
        }
        if let reason = Self.standstill(application, state, snapshot) { return step(.held, nil, reason) }
        let registry = session.workspace.registries.registry(snapshot.policy.registries)
        var references: [ImageReference] = []
        var notes: [String] = []
        for image in application.images {
            guard let selection = application.selections[image] else {
                throw EngineError.configuration(
                    "\(image) does not say how its builds are found, and a release has all images and charts of \(application.name)",
                    hint: "write select: {…} at it in environments/, or let CI register them together")
            }
            let (tag, note) = try await select(image, selection, state, registry)
            references.append(ImageReference(name: image, tag: tag, digest: try await registry.digest(of: tag, in: image)))
            if let note { notes.append(note) }
        }
        let told = (references.map { "\($0.name):\($0.tag?.text ?? "")" } + notes).joined(separator: ", ")
        let images = references.compactMap { reference in
            reference.digest.map {
                ReleaseImage(name: reference.name, digest: $0, tag: reference.tag, kind: application.kind(of: reference.name))
            }
        }
        if let known = state.release(ReleaseID(application.name, images: images)) { return step(.known, known.id, told) }
        let report = try await RegisterRelease(session: session).register(
            RegistrationRequest(
                images: references.filter { application.kind(of: $0.name) == .image },
                charts: references.filter { application.kind(of: $0.name) == .chart }, application: application.name.text,
                commit: nil, source: nil, run: nil, tag: nil))
        return step(
            report.created ? .registered : .known, report.release.id,
            (told.isEmpty ? [] : [told] + report.notices).joined(separator: "; "))
    }

    /// Why nothing new is wanted; nil while something is.
    private static func standstill(
        _ application: Application, _ state: ApplicationState, _ snapshot: Snapshot
    ) -> String? {
        let entries = snapshot.policy.environments(of: application).filter { $0.source == .build }
        let reasons = entries.compactMap { environment -> String? in
            if let hold = state.holds[environment.name] { return "\(environment.name) is held: \(hold.reason.displayable)" }
            let freeze = snapshot.freezes.first { $0.environment == environment.name && $0.isActive(at: snapshot.time) }
            return freeze.map { "\(environment.name) is frozen: \($0.reason.displayable)" }
        }
        return !entries.isEmpty && reasons.count == entries.count ? reasons.joined(separator: "; ") : nil
    }

    /// The tag that is the newest that is wanted, and what is strange about it.
    ///
    /// - Throws: `Refusal` of `no-silent-downgrade` where that is older than what is registered: then tags are missing.
    private func select(
        _ image: ImageName, _ selection: ImageSelection, _ state: ApplicationState, _ registry: any ImageRegistry
    ) async throws -> (ImageTag, String?) {
        if case .tag(let tag) = selection.order { return (tag, nil) }
        let tags = try await registry.tags(of: image)
        var created: [ImageTag: Timestamp] = [:]
        if case .newest = selection.order {
            let candidates = selection.candidates(among: tags)
            guard candidates.count <= Self.maximumInspections else {
                throw EngineError.configuration(
                    "\(image) has \(candidates.count) tags that might be the newest, and each has to be asked when it was built",
                    hint: "narrow them with filter: {pattern: …}, or select by version or number")
            }
            for tag in candidates {
                created[tag] = try await registry.inspect(registry.digest(of: tag, in: image), of: image).created
            }
        }
        let selected: ImageSelection.Selected
        do throws(ImageSelection.Failure) {
            selected = try selection.select(among: tags, created: created)
        } catch {
            throw EngineError.configuration("\(image): \(error.reason)", hint: "look at `select` of it in environments/")
        }
        // Tags that are gone were built when they were registered as such.
        for release in state.releases {
            guard let tag = release.image(image)?.tag, created[tag] == nil else { continue }
            created[tag] = release.records?.first { $0.name == image }?.created.flatMap { Timestamp($0) }
        }
        for tag in Set(state.releases.compactMap { $0.image(image)?.tag })
        where selection.isOlder(selected.tag, than: tag, created: created) == true {
            throw Refusal(
                .noSilentDowngrade,
                "\(image):\(selected.tag) is the newest that the registry shows, and \(tag) is registered",
                hint: "tags were deleted, or the list is not whole; to go back on purpose: promote rollback")
        }

        let ties = selected.ties.isEmpty ? nil : "as new as \(selected.ties.prefix(3).map(\.text).joined(separator: ", "))"
        return (selected.tag, ties)
    }
}
