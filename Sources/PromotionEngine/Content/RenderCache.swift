import FaultInjection
import Foundation
import GitOpsTypes
import GitStore
import Kustomize
import ManifestRendering
import PromotionDomain
import PromotionPlanning
import PromotionProjection
import Synchronization

/// Renders each state of a place once: by the Git objects that a render has read, in memory and across runs.
///
/// A place renders to the same as long as everything it read is the same object, and everything it looked for in vain is
/// still not there. So an unchanged place costs a few look-ups in a tree, whatever else has changed in the repository.
final class RenderCache: Sendable {
    private let store: StateStore
    /// Newest first.
    private let known = Mutex<[Subject: [RenderedManifests]]>([:])
    /// States of one place that are kept: the present one, the one before, and those of open promotions.
    private static let statesPerPlace = 4
    /// Larger ones are rendered again: reading them back would take as long.
    private static let maximumStoredBytes = 8 << 20

    /// A place, as one renderer renders it.
    private struct Subject: Hashable {
        let place: SourcePlace
        /// Of the renderer, and of the form that renderings are stored in: another one may render otherwise, or be read otherwise.
        let version: String

        init(_ place: SourcePlace, by renderer: any ManifestRenderer) throws {
            self.place = place
            version = "\(StoredForm.version) \(try renderer.version())"
        }

        var key: String { place.key }
    }

    private let renderers: SourceRenderers
    /// What fetches the remote bases of kustomizations; nil where none is fetched.
    private let repositories: (any RepositoryFetching)?
    private let faults: FaultHook

    init(
        store: StateStore, renderers: SourceRenderers, repositories: (any RepositoryFetching)? = nil, faults: FaultHook
    ) {
        self.repositories = repositories
        self.store = store
        self.renderers = renderers
        self.faults = faults
    }

    /// - Throws: `RenderingError`, `RendererUnavailable`, or what the files throw.
    func rendering(of place: SourcePlace, in files: GitTreeFiles) throws -> RenderedManifests {
        let renderer = renderers.renderer(of: place)
        let subject = try Subject(place, by: renderer)
        let files = fetching(files)
        if let rendering = try known.withLock({ $0[subject] })?.first(where: { try isCurrent($0, in: files) }) {
            return rendering
        }
        if let rendering = try stored(subject, in: files) {
            remember(rendering, of: subject)
            return rendering
        }
        let rendering = try renderer.render(files)
        remember(rendering, of: subject)
        try keep(rendering, of: subject)
        return rendering
    }

    /// The same files, with what they build on of other repositories.
    func fetching(_ files: GitTreeFiles) -> GitTreeFiles {
        var files = files
        files.repositories = files.isTrusted ? repositories : nil
        return files
    }

    /// What a render of a place that fails has asked for until then.
    func reads(of place: SourcePlace, in files: GitTreeFiles) throws -> Set<RepositoryPath> {
        let traced = TracedFiles(fetching(files))
        do { _ = try renderers.renderer(of: place).render(traced) } catch is RenderingError {}
        return Set(traced.identities.keys)
    }

    private func isCurrent(_ rendering: RenderedManifests, in files: GitTreeFiles) throws -> Bool {
        try isCurrent(rendering.reads, in: files) && renderers.isCurrent(chartProgram: rendering.chartProgram)
    }

    private func isCurrent(_ reads: [RepositoryPath: String], in files: GitTreeFiles) throws -> Bool {
        // What is of another repository follows from what is of this one.
        try reads.allSatisfy { try $0.key.repository != nil || files.has($0.value, at: $0.key) }
    }

    private func remember(_ rendering: RenderedManifests, of subject: Subject) {
        known.withLock { known in
            known[subject] = Array(([rendering] + (known[subject] ?? [])).prefix(Self.statesPerPlace))
        }
    }

    // MARK: Across runs

    /// How a rendering is written into the state store.
    fileprivate struct StoredForm: Codable {
        /// To be changed with what is written.
        static let version = "stored 2"

        struct Remote: Codable {
            let address: String
            let commit: CommitID
            let reads: [String: String]
        }

        struct Image: Codable {
            let object: Int
            let field: String
            let text: String
        }

        let reads: [String: String]
        /// What was read of other repositories, by their addresses and commits; nil where there are none.
        var remote: [Remote]?
        /// What the manifests beside it are.
        let manifests: KeptManifests.Form
        let images: [Image]
        /// What rendered them; nil where that is this program.
        let program: String?
        /// Which file of this machine rendered the charts among them; nil where there are none.
        var chartProgram: String?
    }

    private func stored(_ subject: Subject, in files: GitTreeFiles) throws -> RenderedManifests? {
        for candidate in try store.renderings(of: subject.key, by: subject.version) {
            let form = try JSONDecoder().decode(StoredForm.self, from: candidate.reads)
            guard let reads = form.paths, try isCurrent(reads, in: files),
                try renderers.isCurrent(chartProgram: form.chartProgram)
            else { continue }
            return try RenderedManifests(form.kept(Array(candidate.manifests)), of: subject.place.path, reads: reads)
        }
        return nil
    }

    private func keep(_ rendering: RenderedManifests, of subject: Subject) throws {
        let kept = rendering.kept
        guard kept.content.count <= Self.maximumStoredBytes else { return }
        let form = StoredForm(kept, reading: rendering.reads)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let stored = StateStore.StoredRendering(reads: try encoder.encode(form), manifests: Data(kept.content))
        do {
            faults.reach(.renderingKeeping)
            defer { faults.reach(.renderingKept) }
            try store.keep(
                stored, of: subject.key, by: subject.version, atMost: Self.statesPerPlace)
        } catch {
            // A disk that is full or a store that another process holds: the answer is right, and the next run renders again.
            if error.isDamaged { throw error }
        }
    }
}

extension RenderCache.StoredForm {
    init(_ kept: KeptManifests, reading reads: [RepositoryPath: String]) {
        func texts(_ repository: PinnedRepository?) -> [String: String] {
            let own = reads.filter { $0.key.repository == repository }
            return Dictionary(own.map { ($0.key.path, $0.value) }, uniquingKeysWith: { $1 })
        }
        let remote = Set(reads.keys.compactMap(\.repository)).sorted().map {
            Remote(address: $0.address, commit: $0.commit, reads: texts($0))
        }
        self.init(
            reads: texts(nil), remote: remote.isEmpty ? nil : remote, manifests: kept.form,
            images: kept.configuredImages.map { Image(object: $0.object, field: $0.field, text: $0.text) },
            program: kept.program, chartProgram: kept.chartProgram)
    }

    func kept(_ content: [UInt8]) -> KeptManifests {
        KeptManifests(
            manifests, content,
            configuredImages: images.map { ConfiguredImage(object: $0.object, field: $0.field, text: $0.text) },
            program: program, chartProgram: chartProgram)
    }

    /// Nil where one is no path.
    var paths: [RepositoryPath: String]? {
        var paths: [RepositoryPath: String] = [:]
        func add(_ reads: [String: String], below root: RepositoryPath) -> Bool {
            for (text, identity) in reads {
                guard let path = RepositoryPath(text, relativeTo: root) else { return false }
                paths[path] = identity
            }
            return true
        }
        guard add(reads, below: .root) else { return nil }
        for repository in remote ?? [] {
            let root = RepositoryPath.root(of: PinnedRepository(address: repository.address, commit: repository.commit))
            guard add(repository.reads, below: root) else { return nil }
        }
        return paths
    }
}

extension RepositoryPath {
    /// In its repository, whichever that is.
    fileprivate var path: String { isRoot ? "." : components.joined(separator: "/") }
}

/// A tree of Git, with the renderings of its places that are known.
struct RenderedTree: RenderableTree {
    let objects: GitObjects
    let tree: TreeID
    /// Whether what it builds on may be fetched without being asked for.
    let isTrusted: Bool
    let renderings: RenderCache

    private var gitFiles: GitTreeFiles { GitTreeFiles(objects: objects, tree: tree, isTrusted: isTrusted) }
    var files: any FileSource { renderings.fetching(gitFiles) }

    func manifests(of place: SourcePlace) throws -> RenderedManifests { try renderings.rendering(of: place, in: gitFiles) }

    /// Written as a tree, so that what it renders to is known the next time.
    func replacing(_ files: [RepositoryPath: [UInt8]]) throws -> any RenderableTree {
        RenderedTree(
            objects: objects, tree: try objects.writeTree(tree, replacing: files), isTrusted: isTrusted, renderings: renderings)
    }
}

extension PromotionPlanner {
    /// With the renderings that are known.
    init(_ files: GitTreeFiles, _ renderings: RenderCache) {
        self.init(RenderedTree(objects: files.objects, tree: files.tree, isTrusted: files.isTrusted, renderings: renderings))
    }
}

extension SourcePlace {
    /// What its renderings are kept under: another for every place, and for everything that it is rendered with.
    fileprivate var key: String {
        switch self {
        case .overlay(let path, let kustomize):
            return kustomize == .standard ? path.description : "\(path)\n\(kustomize.key)"
        case .manifests(let path): return path.description
        case .flux(let place): return ([place.kustomization] + place.variables).map(\.description).joined(separator: "\n")
        case .program(let place): return (place.command + place.files.map(\.description)).joined(separator: "\n")
        case .argo(let place): return place.application.description
        case .chart(let release):
            let options = release.options
            let parts =
                [
                    release.chart.description, release.name, release.namespace ?? "", options.kubeVersion,
                    options.includesCRDs ? "with CRDs" : "", String(options.apiVersions.count),
                ] + options.apiVersions + release.values.map(\.description)
            return parts.joined(separator: "\n")
        }
    }
}
