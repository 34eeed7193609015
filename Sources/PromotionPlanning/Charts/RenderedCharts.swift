import GitOpsTypes
import Kustomize
import PromotionDomain

/// A chart that a rendered object takes.
struct RenderedChart {
    let object: RenderedObject
    let mapping: ChartMapping<ManifestNode>
    /// The application's name of it.
    let name: ImageName

    var occurrence: ImageOccurrence {
        ImageOccurrence(
            object: object.label, container: (mapping.steps + mapping.kind.pin.path).joined(separator: "."), image: name,
            hold: mapping.hold, text: name.text + mapping.suffix)
    }
}

extension RenderedManifests {
    /// Every place of an object that takes one of these charts.
    func charts(_ names: some Sequence<ImageName>) -> [RenderedChart] {
        let known = names.sorted()
        if known.isEmpty { return [] }
        let repositories = helmRepositories
        return objects.flatMap { object in
            ChartMapping.all(of: object.node).compactMap { mapping in
                let address = mapping.address { reference in
                    guard reference["kind"]?.text == "HelmRepository", let name = reference["name"]?.text else { return nil }
                    return repositories[.init(namespace: reference["namespace"]?.text ?? object.namespace, name: name)] ?? nil
                }
                guard let address, let name = known.first(where: { ChartMapping<ManifestNode>.isAddress(address, of: $0) }) else {
                    return nil
                }
                return RenderedChart(object: object, mapping: mapping, name: name)
            }
        }
    }

    private struct RepositoryKey: Hashable {
        let namespace: String
        let name: String
    }

    /// The addresses of HelmRepositories; nil of one that is there twice, and not the same.
    private var helmRepositories: [RepositoryKey: String?] {
        var repositories: [RepositoryKey: String?] = [:]
        for object in objects where object.kind == "HelmRepository" && object.apiVersion.hasPrefix("source.toolkit.fluxcd.io/") {
            let key = RepositoryKey(namespace: object.namespace, name: object.name)
            let url = object.node["spec"]?["url"]?.text
            if let known = repositories[key], known != url { repositories[key] = .some(nil) } else { repositories[key] = url }
        }
        return repositories
    }
}
