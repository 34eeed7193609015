import GitOpsTypes
import PromotionDomain

/// Places that differ by their environment alone: `apps/web/overlays/{environment}`.
struct TemplateGroup {
    let template: PathTemplate
    /// Where each environment has it.
    let places: [EnvironmentName: RepositoryPath]
    /// What the path calls the application; nil where nothing in it does.
    let name: String?

    var environments: [EnvironmentName] { places.keys.sorted() }
}

/// Finds the environment in paths, wherever it stands.
struct TemplateReader {
    let index: TreeIndex
    let lexicon: EnvironmentLexicon

    private struct Reading {
        let template: String
        let environment: EnvironmentName
        /// Which part of the path has it.
        let part: Int
    }

    /// Places by their templates, in the order of those.
    ///
    /// Where a path can be read in several ways, that one counts by which most environments are alike.
    func groups(of paths: [RepositoryPath]) -> [TemplateGroup] {
        var marks = PathMarks(index: index, lexicon: lexicon)
        let readings = paths.map { (path: $0, readings: Self.readings(of: $0, marks.marks(of: $0))) }
        var environments: [String: Set<EnvironmentName>] = [:]
        for reading in readings.flatMap(\.readings) { environments[reading.template, default: []].insert(reading.environment) }
        var places: [String: [EnvironmentName: RepositoryPath]] = [:]
        for (path, readings) in readings {
            func weight(_ reading: Reading) -> (Int, Int) { (environments[reading.template]?.count ?? 0, reading.part) }
            guard let best = readings.max(by: { weight($0) < weight($1) }) else { continue }
            places[best.template, default: [:]][best.environment] = path
        }
        let names = Self.names(in: places.keys.sorted())
        return places.sorted { $0.key < $1.key }.compactMap { template, places in
            PathTemplate(template).map { TemplateGroup(template: $0, places: places, name: names[template]) }
        }
    }

    /// What templates call their applications: a part that others have another name for, or that stands where names do.
    private static func names(in templates: [String]) -> [String: String] {
        var patterns: [String: Int] = [:]
        let found = templates.compactMap { template in name(in: template).map { (template: template, name: $0) } }
        for (template, name) in found { patterns[template.replacing(name, with: "*"), default: 0] += 1 }
        let sure = found.filter { template, name in
            (patterns[template.replacing(name, with: "*")] ?? 0) > 1 || isPlaced(name, in: template)
        }
        return Dictionary(sure.map { ($0.template, $0.name) }, uniquingKeysWith: { $1 })
    }

    /// Whether a name stands behind a word of structure, or behind the environment; or beside the environment, in one part.
    private static func isPlaced(_ name: String, in template: String) -> Bool {
        let parts = template.split(separator: "/").map(String.init)
        guard let place = parts.lastIndex(of: name) else { return true }
        return place > 0 && (structure.contains(parts[place - 1].lowercased()) || parts[place - 1].contains("{environment}"))
    }

    private static func readings(of path: RepositoryPath, _ marks: [EnvironmentMark?]) -> [Reading] {
        guard !path.components.contains(where: { $0.contains("{") || $0.contains("}") }) else { return [] }
        return marks.indices.compactMap { part in
            marks[part].map { mark in
                let text = path.components.indices.map { index in
                    marks[index].flatMap { $0.environment == mark.environment ? $0.prefix + "{environment}" + $0.suffix : nil }
                        ?? path.components[index]
                }
                return Reading(template: text.joined(separator: "/"), environment: mark.environment, part: part)
            }
        }
    }

    /// Folders that are called after what they hold, and not after an application.
    static let structure: Set<String> = [
        "overlays", "overlay", "envs", "env", "environments", "environment", "apps", "app", "applications", "application",
        "stages",
        "stage", "clusters", "cluster", "k8s", "kubernetes", "kube", "deploy", "deployment", "deployments", "kustomize", "base",
        "bases", "manifests", "manifest", "gitops", "argocd", "argo", "flux", "helm", "charts", "chart", "values", "config",
        "configs", "infra", "infrastructure", "services", "tenants", "teams", "components", "resources", "src", "workloads",
        "kustomization", "release", "releases", "yaml", "yml", "helmrelease", "cd", "live", "values.yaml", "values.yml",
    ]

    /// What a template calls the application: the last part that is neither the environment nor a word of structure; beside the
    /// environment, what stands in the same part.
    static func name(in template: String) -> String? {
        let bare = [".yaml", ".yml"].first(where: template.hasSuffix).map { template.dropLast($0.count) } ?? template[...]
        let parts = bare.split(separator: "/").map(String.init)
        let plain = parts.last { part in
            let isEnvironment = EnvironmentMark(part, in: EnvironmentLexicon()).map { $0.environment.text == part } ?? false
            return !part.contains("{environment}") && !isEnvironment && !structure.contains(part.lowercased())
        }
        if let plain { return plain }
        let beside = parts.filter { $0.contains("{environment}") }.compactMap { part -> String? in
            let rest = part.replacing("{environment}", with: "").split { "-_.".contains($0) }.filter {
                !structure.contains($0.lowercased())
            }
            return rest.isEmpty ? nil : rest.joined(separator: "-")
        }
        return beside.last
    }
}

/// The environments in the parts of paths, each name of a folder read once.
private struct PathMarks {
    let index: TreeIndex
    let lexicon: EnvironmentLexicon
    private var known: [RepositoryPath: EnvironmentMark?] = [:]
    private var folders: [RepositoryPath: SiblingNames] = [:]
    private var files: [RepositoryPath: SiblingNames] = [:]

    init(index: TreeIndex, lexicon: EnvironmentLexicon) {
        self.index = index
        self.lexicon = lexicon
    }

    mutating func marks(of path: RepositoryPath) -> [EnvironmentMark?] {
        var folder = RepositoryPath.root
        return path.components.map { name in
            guard let next = folder.appending(name) else { return nil }
            folder = next
            return mark(of: next)
        }
    }

    private mutating func mark(of path: RepositoryPath) -> EnvironmentMark? {
        if let mark = known[path] { return mark }
        let mark = EnvironmentMark(path.name, among: siblings(of: path), in: lexicon)
        known[path] = .some(mark)
        return mark
    }

    /// The names beside a path, of the same kind.
    private mutating func siblings(of path: RepositoryPath) -> SiblingNames {
        let parent = path.parent
        let isFolder = index.folders[path] != nil
        if let names = isFolder ? folders[parent] : files[parent] { return names }
        let entry = index.folders[parent]
        let names = SiblingNames((isFolder ? entry?.folders : entry?.files) ?? [], lexicon)
        if isFolder { folders[parent] = names } else { files[parent] = names }
        return names
    }
}
