import GitOpsTypes
import Kustomize
import PromotionDomain

/// What other programs that promote say of the order of environments.
struct OrderHints {
    private(set) var hints: [OrderHint] = []
    private let lexicon: EnvironmentLexicon

    init(_ objects: AgentObjects, _ index: TreeIndex, _ files: SurveyFiles, _ lexicon: EnvironmentLexicon) {
        self.lexicon = lexicon
        for stage in objects["kargo.akuity.io/Stage"] { addStage(stage) }
        for path in index.yaml where path.name == "telefonistka.yaml" {
            for document in files.documents(path) { addPaths(document, of: path) }
        }
    }

    /// Source: Kargo, "Working with Stages": `requestedFreight` with `requiredSoakTime`, and `subscriptions` before it.
    private mutating func addStage(_ stage: AgentObjects.Found) {
        guard let to = EnvironmentMark(stage.name, in: lexicon)?.environment else { return }
        let requested = (stage.node["spec"]?["requestedFreight"]?.list ?? []).flatMap { freight in
            let soak = freight["sources"]?["requiredSoakTime"]?.text.flatMap { SoakTime(go: $0) }
            return (freight["sources"]?["stages"]?.list ?? []).compactMap(\.text).map { (name: $0, soak: soak) }
        }
        let subscribed = (stage.node["spec"]?["subscriptions"]?["upstreamStages"]?.list ?? []).compactMap { $0["name"]?.text }
        for (name, soak) in requested + subscribed.map({ (name: $0, soak: nil) }) {
            guard let from = EnvironmentMark(name, in: lexicon)?.environment, from != to else { continue }
            let time = soak.map { ", verified for \($0.text)" } ?? ""
            hints.append(
                OrderHint(
                    from: from, to: to, soak: soak?.seconds ?? 0,
                    because: "the Stage \(stage.name) of Kargo asks for what \(name) has\(time) (\(stage.file))"))
        }
    }

    /// Source: Telefonistka, "Configuration": `promotionPaths` with `sourcePath` and `targetPaths`.
    private mutating func addPaths(_ document: ManifestNode, of file: RepositoryPath) {
        for path in document["promotionPaths"]?.list ?? [] {
            guard let from = environment(in: path["sourcePath"]?.text) else { continue }
            let requests = path["promotionPrs"]?.list ?? [path]
            for target in requests.flatMap({ ($0["targetPaths"]?.list ?? []).flatMap { $0.list ?? [$0] } }) {
                guard let to = environment(in: target.text), to != from else { continue }
                hints.append(OrderHint(from: from, to: to, because: "\(file) promotes from its paths"))
            }
        }
    }

    /// The environment in a path, or in the regular expression of one.
    private func environment(in path: String?) -> EnvironmentName? {
        let parts = (path ?? "").split { !($0.isLetter || $0.isNumber || "-_".contains($0)) }
        return parts.compactMap { EnvironmentMark(String($0), in: lexicon)?.environment }.last
    }
}
