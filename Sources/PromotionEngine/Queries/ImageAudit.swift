import GitOpsTypes
import GitStore
import ImageRegistry
import ManifestRendering
public import PromotionDomain
import PromotionPlanning

/// What `audit images` found.
public struct ImageFinding: Sendable {
    public enum Kind: String, Sendable {
        /// An environment has an image that no release has.
        case unregistered
        /// An environment names an image by its tag.
        case unpinned
        /// The registry does not have an image any more that an environment runs or may go back to.
        case vanished
        /// The registry does not have an image any more that nothing needs.
        case gone
        /// A tag names another digest now than when it was registered.
        case moved
        /// Unknown: there was no answer.
        case unknown
        /// There is no registry to ask.
        case unasked

        /// Whether something is wrong now, or would be in a rollback.
        public var isViolation: Bool {
            switch self {
            case .unregistered, .unpinned, .vanished: true
            case .gone, .moved, .unknown, .unasked: false
            }
        }
    }

    public let kind: Kind
    public let application: ApplicationName
    /// Nil where it is about a release.
    public let environment: EnvironmentName?
    public let release: ReleaseID?
    public let detail: String
}

/// Compares ledgers with what registries have and what environments render to.
struct ImageAuditQuery: Sendable {
    let session: Session

    /// Compares the ledgers with what registries have now, and with what environments render to.
    func auditImages(application: String?) async throws -> [ImageFinding] {
        let snapshot = try await session.refresh()
        let applications = try application.map { [try snapshot.policy.application(named: $0)] } ?? snapshot.policy.applications
        let registry = session.workspace.registries.registry(snapshot.policy.registries)
        var findings: [ImageFinding] = []
        for application in applications {
            let state = try await session.ledger(of: application.name, snapshot).state
            var held = HeldVersions()
            for environment in snapshot.policy.environments(of: application) {
                let rendered = try await rendered(application, environment)
                switch rendered {
                case .occurrences(let occurrences):
                    findings += Self.auditRendered(occurrences, application, environment, state)
                    held.add(occurrences, in: environment.name)
                case .unknown(let reason):
                    findings.append(
                        ImageFinding(
                            kind: .unknown, application: application.name, environment: environment.name, release: nil,
                            detail: reason))
                }
            }
            findings += await auditRegistered(application, state, snapshot, registry, held)
        }
        return findings
    }

    /// What an environment renders to of an application.
    private enum Rendered {
        case occurrences([ImageOccurrence])
        /// A sentence says why that is not known.
        case unknown(String)
    }

    private func rendered(_ application: Application, _ environment: Environment) async throws -> Rendered {
        let tip = try await session.tip(of: environment)
        do {
            return .occurrences(
                try await session.workspace.repository.scratch { [renderings = session.renderings] objects in
                    try FoundImages.occurrences(of: application, in: environment.name, at: tip, objects, renderings) ?? []
                })
        } catch let error as RenderingError {
            return .unknown("it does not render: \(error)")
        } catch let error as RendererUnavailable {
            return .unknown("it is not rendered here: \(error)")
        } catch let error as PlanningError {
            return .unknown("\(error)")
        }
    }

    /// What is wrong with what an environment renders to, whether anything was promoted into it or not.
    private static func auditRendered(
        _ occurrences: [ImageOccurrence], _ application: Application, _ environment: Environment, _ state: ApplicationState
    ) -> [ImageFinding] {
        func finding(_ kind: ImageFinding.Kind, _ detail: String) -> ImageFinding {
            ImageFinding(
                kind: kind, application: application.name, environment: environment.name, release: nil, detail: detail)
        }
        return occurrences.compactMap { occurrence in
            let place = "\(occurrence.object), container \(occurrence.container)"
            if case .digest(let digest) = occurrence.hold, ImageDigest(digest)?.isPlaceholder == true { return nil }
            if state.releases.contains(where: occurrence.isExactly(of:)) { return nil }
            return switch occurrence.hold {
            case .nothing: finding(.unpinned, "\(place), runs \(occurrence.text.displayable), which is no digest")
            case .digest(let digest):
                finding(.unregistered, "\(place), runs \(occurrence.image)@\(digest.displayable), which no release has")
            case .version(let version):
                finding(.unregistered, "\(place), takes \(occurrence.image) \(version), which no release has")
            }
        }
    }

    private func auditRegistered(
        _ application: Application, _ state: ApplicationState, _ snapshot: Snapshot,
        _ registry: any ImageRegistry, _ held: HeldVersions
    ) async -> [ImageFinding] {
        let uses = ImagesInUseQuery.uses(of: application, state)
        var findings = application.images.filter { RegisterRelease.isForExamples($0, snapshot.policy) }.map { image in
            ImageFinding(
                kind: .unasked, application: application.name, environment: nil, release: nil,
                detail: "no registry can be asked for \(image): \(RepositoryAddress(image).registry) is a name for examples")
        }
        // A tag is asked for once, and its last release is the one that it should name.
        var tags: Set<ImageReference> = []
        // A registry that does not answer once is not asked for the rest.
        var silent: Set<String> = []
        for release in state.releases.reversed() {
            func finding(_ kind: ImageFinding.Kind, _ detail: String) -> ImageFinding {
                ImageFinding(
                    kind: kind, application: application.name, environment: nil, release: release.id, detail: detail)
            }
            for image in release.images where !RegisterRelease.isForExamples(image.name, snapshot.policy) {
                let place = RepositoryAddress(image.name).registry
                guard !silent.contains(place) else { continue }
                let reference = ImageReference(name: image.name, tag: image.tag)
                do throws(RegistryError) {
                    guard try await registry.has(image.digest, of: image.name) else {
                        let needed = (uses[release.id] ?? []).map { "\($0.environment) (\($0.purpose.rawValue))" }.sorted()
                        let detail = "the registry has no \(image.name)@\(image.digest) any more"
                        findings.append(
                            needed.isEmpty
                                ? finding(.gone, detail)
                                : finding(.vanished, "\(detail), which is needed in \(needed.joined(separator: ", "))"))
                        continue
                    }
                    guard let tag = image.tag, tags.insert(reference).inserted else { continue }
                    let present = try await registry.digest(of: tag, in: image.name)
                    guard present != image.digest else { continue }
                    findings.append(
                        finding(.moved, "\(image.name):\(tag) names \(present.short) now, and named \(image.digest.short)"))
                    findings += held.places(of: image).map { environment, place in
                        ImageFinding(
                            kind: .unregistered, application: application.name, environment: environment, release: nil,
                            detail:
                                "\(place.object) takes \(image.name) by its version \(tag), which is \(present.short) now, and no release has that"
                        )
                    }
                } catch {
                    switch error {
                    case .notFound: findings.append(finding(.moved, "the registry has no tag \(reference) any more"))
                    case .unauthorized, .untrustworthy, .malformed: findings.append(finding(.unknown, error.reason))
                    case .unavailable, .rateLimited:
                        silent.insert(place)
                        findings.append(finding(.unknown, "\(error.reason); the rest was not asked for"))
                    }
                }
            }
        }
        return findings
    }
}

/// The places of environments that hold charts by their versions, and so take whatever a registry has under those.
private struct HeldVersions {
    private var places: [(environment: EnvironmentName, place: ImageOccurrence)] = []

    mutating func add(_ occurrences: [ImageOccurrence], in environment: EnvironmentName) {
        for place in occurrences {
            if case .version = place.hold { places.append((environment, place)) }
        }
    }

    /// Those that hold a chart of a release.
    func places(of chart: ReleaseImage) -> [(environment: EnvironmentName, place: ImageOccurrence)] {
        places.filter { $0.place.image == chart.name && $0.place.isExactly(chart) }
    }
}
