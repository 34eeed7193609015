import GitOpsTypes
import Kustomize

/// The objects of Argo CD, Flux, Kargo and Telefonistka that are in a tree.
struct AgentObjects {
    /// One object, and the file that has it.
    struct Found {
        let node: ManifestNode
        let file: RepositoryPath
        /// Whether the file has no other of its kind.
        let isAlone: Bool

        var name: String { node["metadata"]?["name"]?.text ?? "" }
        var namespace: String { node["metadata"]?["namespace"]?.text ?? "" }
    }

    private var byKind: [String: [Found]] = [:]

    /// Those of a tree that has none.
    static let none = AgentObjects()

    private init() {}

    init(in index: TreeIndex, _ files: SurveyFiles) {
        for path in index.yaml where !path.components.contains("templates") && !path.components.contains("crds") {
            guard let bytes = files.bytes(path), Self.groups.contains(where: bytes.has) else { continue }
            let nodes = files.documents(path).flatMap { $0["kind"]?.text == "List" ? $0["items"]?.list ?? [] : [$0] }
            let kinds = nodes.map(Self.kind)
            let counts = kinds.compactMap(\.self).reduce(into: [:]) { $0[$1, default: 0] += 1 }
            for (node, kind) in zip(nodes, kinds) {
                guard let kind else { continue }
                byKind[kind, default: []].append(Found(node: node, file: path, isAlone: counts[kind] == 1))
            }
        }
    }

    private static let groups = ["argoproj.io/", "toolkit.fluxcd.io/", "kargo.akuity.io/"]

    /// `argoproj.io/Application`; nil for what is of no agent.
    private static func kind(of node: ManifestNode) -> String? {
        guard let version = node["apiVersion"]?.text, let kind = node["kind"]?.text, groups.contains(where: version.contains)
        else { return nil }
        return "\(version.split(separator: "/").first ?? "")/\(kind)"
    }

    subscript(kind: String) -> [Found] { byKind[kind] ?? [] }
}
