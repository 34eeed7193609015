import GitOpsTypes

/// What one kustomization renders to.
struct ManifestsAnswer: Encodable, Sendable {
    let manifests: String

    enum CodingKeys: String, CodingKey {
        case manifests
    }
}

extension Answer {
    /// `promote render <dir>` and `promote render <app> <env>`
    ///
    /// - Parameter yaml: the manifests, as `kustomize build` prints them.
    public init(manifests yaml: String) {
        self.init(json: ManifestsAnswer(manifests: yaml), text: yaml)
    }

    /// `promote render --all`: each kustomization under a line with its path.
    ///
    /// - Parameter folders: what each folder renders to; in JSON, the folders are the keys.
    public init(manifestsOf folders: [(folder: String, yaml: String)]) {
        self.init(
            json: Dictionary(folders.map { ($0.folder, $0.yaml) }) { $1 },
            text: folders.map { "# \($0.folder.displayable)\n\($0.yaml)" }.joined(separator: "---\n"))
    }
}
