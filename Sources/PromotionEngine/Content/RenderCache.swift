import FaultInjection
import Foundation
import GitOpsTypes
import Kustomize
import PromotionPlanning
import PromotionProjection
import Synchronization

/// Renders each state of an overlay once: by the Git objects that a render has read, in memory and across runs.
///
/// An overlay renders to the same as long as everything it read is the same object, and everything it looked for in vain is
/// still not there. So an unchanged overlay costs a few look-ups in a tree, whatever else has changed in the repository.
final class RenderCache: Sendable {
    private let store: StateStore
    /// Newest first.
    private let known = Mutex<[Subject: [RenderedManifests]]>([:])
    /// States of one overlay that are kept: the present one, the one before, and those of open promotions.
    private static let statesPerOverlay = 4
    /// Larger ones are rendered again: reading them back would take as long.
    private static let maximumStoredBytes = 8 << 20

    /// An overlay, as one release of Kustomize renders it.
    private struct Subject: Hashable {
        let overlay: RepositoryPath
        let kustomize: KustomizeVersion

        /// What its renderings are kept under, besides the overlay.
        var program: String { "\(KustomizeRenderer.version)/\(kustomize.rawValue)" }
    }

    private let faults: FaultHook

    init(store: StateStore, faults: FaultHook) {
        self.store = store
        self.faults = faults
    }

    /// - Throws: `KustomizeError`, or what the files throw.
    func rendering(
        of overlay: RepositoryPath, as kustomize: KustomizeVersion, in files: GitTreeFiles
    ) throws -> RenderedManifests {
        let subject = Subject(overlay: overlay, kustomize: kustomize)
        if let rendering = try known.withLock({ $0[subject] })?.first(where: { try isCurrent($0.reads, in: files) }) {
            return rendering
        }
        if let rendering = try stored(subject, in: files) {
            remember(rendering, of: subject)
            return rendering
        }
        let rendering = try KustomizeRenderer(files: files, as: kustomize).render(overlay)
        remember(rendering, of: subject)
        try keep(rendering, of: subject)
        return rendering
    }

    private func isCurrent(_ reads: [RepositoryPath: String], in files: GitTreeFiles) throws -> Bool {
        try reads.allSatisfy { try files.identity(of: $0.key) == $0.value }
    }

    private func remember(_ rendering: RenderedManifests, of subject: Subject) {
        known.withLock { known in
            known[subject] = Array(([rendering] + (known[subject] ?? [])).prefix(Self.statesPerOverlay))
        }
    }

    // MARK: Across runs

    /// How a rendering is written into the state store.
    private struct StoredForm: Codable {
        struct Image: Codable {
            let object: Int
            let field: String
            let text: String
        }

        let reads: [String: String]
        let images: [Image]
    }

    private func stored(_ subject: Subject, in files: GitTreeFiles) throws -> RenderedManifests? {
        for candidate in try store.renderings(of: subject.overlay.description, by: subject.program) {
            let form = try JSONDecoder().decode(StoredForm.self, from: candidate.reads)
            var reads: [RepositoryPath: String] = [:]
            for (path, identity) in form.reads {
                guard let path = RepositoryPath(path) else { continue }
                reads[path] = identity
            }
            guard reads.count == form.reads.count, try isCurrent(reads, in: files) else { continue }
            let images = form.images.map { ConfiguredImage(object: $0.object, field: $0.field, text: $0.text) }
            return try RenderedManifests(yaml: Array(candidate.manifests), configuredImages: images, reads: reads)
        }
        return nil
    }

    private func keep(_ rendering: RenderedManifests, of subject: Subject) throws {
        let manifests = Data(rendering.yaml())
        guard manifests.count <= Self.maximumStoredBytes else { return }
        let form = StoredForm(
            reads: Dictionary(rendering.reads.map { ($0.key.description, $0.value) }, uniquingKeysWith: { $1 }),
            images: rendering.configuredImages.map { .init(object: $0.object, field: $0.field, text: $0.text) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let stored = StateStore.StoredRendering(reads: try encoder.encode(form), manifests: manifests)
        do {
            faults.reach(.renderingKeeping)
            defer { faults.reach(.renderingKept) }
            try store.keep(
                stored, of: subject.overlay.description, by: subject.program, atMost: Self.statesPerOverlay)
        } catch {
            // A disk that is full or a store that another process holds: the answer is right, and the next run renders again.
            if error.isDamaged { throw error }
        }
    }
}

extension PromotionPlanner {
    /// With the renderings that are known.
    init(files: GitTreeFiles, _ renderings: RenderCache) {
        self.init(files: files) { try renderings.rendering(of: $0, as: $1, in: files) }
    }
}
