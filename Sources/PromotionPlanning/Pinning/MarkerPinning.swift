import GitOpsTypes
import Kustomize
import PromotionDomain

/// Writes digests where they are marked in the files of an environment that a program renders, and nowhere else.
struct MarkerPinning: PinningStrategy {
    let place: ProgramPlace
    let application: Application
    let files: any FileSource

    func editedFiles(_ manifests: RenderedManifests?) throws -> [RepositoryPath] {
        let own = place.ownFiles.isEmpty ? place.files : place.ownFiles
        guard try own.contains(where: { try files.entry(at: $0) != .missing }) else {
            throw PlanningError(
                "there is nothing that \(application.name) could be rendered from", in: own.first ?? .root,
                hint: "add it, correct the application\'s renderer, or list under its `environments` the ones that it has")
        }
        return []
    }

    func markableFiles(_ manifests: RenderedManifests) -> [RepositoryPath] {
        let own = place.ownFiles.isEmpty ? place.files : place.ownFiles
        return manifests.reads.keys.filter { path in own.contains(where: path.isInside) }
    }

    func edits(
        of release: Release, _ manifests: RenderedManifests, marked: [MarkedFile]
    ) throws -> [PromotionPlan.FileEdit] {
        for image in release.images.ofContainers where !marked.contains(where: { $0.pins(image.name) }) {
            throw PlanningError(
                "nothing says where \(image.name) is named", in: place.path,
                hint: "mark the value in a file of the environment: # {\"$promote\": \"\(application.name)\"}")
        }
        return []
    }

    func marked(_ manifests: RenderedManifests) -> [MarkedFile] { [] }

    func renamings(_ manifests: RenderedManifests) -> [String: Set<String>] { [:] }
}
