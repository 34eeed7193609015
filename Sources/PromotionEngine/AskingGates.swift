import GitOpsTypes
import GitStore
import Kustomize
import PromotionGates
import PromotionModel

extension PromotionEngine {
    /// Asks every gate of an environment about what it would render to.
    ///
    /// Rules that a gate brings are those of the target branch, never those of the change that it judges.
    func verdicts(
        of environment: Environment, on manifests: RenderedManifests, application: ApplicationName, release: ReleaseID,
        at tip: CommitID
    ) async throws -> [String: ExternalVerdict] {
        guard !environment.gates.isEmpty else { return [:] }
        let yaml = manifests.yaml()
        var verdicts: [String: ExternalVerdict] = [:]
        for gate in environment.gates {
            let files = try await workspace.repository.scratch { objects in
                try Self.files(gate.files, in: objects.tree(of: tip), objects)
            }
            guard let files else {
                verdicts[gate.name] = ExternalVerdict(
                    .unknown("its files are not on the target branch, or are more than \(Self.maximumGateBytes >> 20) MiB"),
                    output: "")
                continue
            }
            verdicts[gate.name] = await workspace.gates.run(
                gate, manifests: yaml, files: files,
                environment: [
                    "PROMOTE_APPLICATION": application.text, "PROMOTE_ENVIRONMENT": environment.name.text,
                    "PROMOTE_RELEASE": release.text,
                ])
        }
        return verdicts
    }

    private static let maximumGateBytes = 64 << 20

    /// The files below `paths`; nil when one is missing, or they are too large. Links are left out.
    private static func files(
        _ paths: [RepositoryPath], in tree: TreeID, _ objects: GitObjects
    ) throws -> [RepositoryPath: [UInt8]]? {
        var files: [RepositoryPath: [UInt8]] = [:]
        var rest = paths
        var size = 0
        for path in paths {
            guard try objects.entry(at: path, in: tree) != nil else { return nil }
        }
        while let path = rest.popLast() {
            switch try objects.entry(at: path, in: tree) {
            case .blob(let blob):
                size += try objects.size(of: blob)
                guard size <= maximumGateBytes else { return nil }
                files[path] = try objects.blob(blob)
            case .tree:
                for (name, _) in try objects.entries(of: path, in: tree) ?? [] {
                    if let next = path.appending(name) { rest.append(next) }
                }
            case .link, .submodule, nil: continue
            }
        }
        return files
    }
}
