import GitOpsTypes
import Kustomize
import YAMLEditing

/// The markers of a file, of whatever kind it is.
struct FileMarkers {
    let places: [MarkerPlace]
    /// Nil for files that are no YAML.
    let yaml: YAMLFile?

    /// - Parameter isYAML: whether it has to be YAML whatever its name is; JSON is YAML, too.
    /// - Throws: `PlanningError` for what has to be YAML and is none.
    init(_ bytes: [UInt8], path: RepositoryPath, isYAML: Bool = false) throws(PlanningError) {
        let isNamedSo =
            [".yaml", ".yml"].contains { path.description.hasSuffix($0) } || KustomizeRenderer.fileNames.contains(path.name)
        guard isYAML || isNamedSo else {
            yaml = nil
            places = TextMarkers(bytes, path: path).places()
            return
        }
        do {
            let file = try YAMLFile(bytes)
            yaml = file
            places = YAMLMarkers(file).places()
        } catch {
            throw PlanningError(error.message, in: path, at: error.position)
        }
    }
}
