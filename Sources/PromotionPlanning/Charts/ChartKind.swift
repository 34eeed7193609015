import GitOpsTypes
import PromotionDomain

/// A kind of objects that name a chart of a registry: where they do, and what of it says which one is taken.
struct ChartKind: Hashable, Sendable {
    /// Of its API, without a version.
    let group: String
    let kind: String
    /// The mapping that names the chart; a `*` is each item of a list.
    let place: [String]
    let name: Name
    let pin: Pin
    /// A key that the mapping does not have, where it is one of these.
    var unless: String?

    /// How a mapping names a chart.
    enum Name: Hashable, Sendable {
        /// By one address: `oci://registry.example/charts/web`.
        case address([String])
        /// By its repository, with or without `oci://`, and by its own name.
        case parts(repository: [String], chart: [String])
        /// By a HelmRepository, and by its own name.
        case source([String], chart: [String])
    }

    /// What of a mapping says which chart is taken.
    enum Pin: Hashable, Sendable {
        /// A digest, which wins over a range, which wins over a tag.
        case digest([String], range: [String]? = nil, tag: [String]? = nil)
        /// A version, where no digest can stand.
        case version([String])

        /// Where it stands.
        var path: [String] {
            switch self {
            case .digest(let path, _, _), .version(let path): path
            }
        }
    }

    /// All that are known.
    ///
    /// Source: Flux, "OCIRepository" (`digest` over `semver` over `tag`), "HelmRelease" and "HelmChart" (a version, and no digest); Argo CD,
    /// "OCI" (a tag or a digest behind an address with `oci://`) and "Helm" (a version behind `chart`); k3s, "Helm" (`chartContent` wins over
    /// `chart`); Crossplane, provider-helm.
    static let all =
        [
            ChartKind(
                group: "source.toolkit.fluxcd.io", kind: "OCIRepository", place: ["spec"], name: .address(["url"]),
                pin: .digest(["ref", "digest"], range: ["ref", "semver"], tag: ["ref", "tag"])),
            ChartKind(
                group: "helm.toolkit.fluxcd.io", kind: "HelmRelease", place: ["spec", "chart", "spec"],
                name: .source(["sourceRef"], chart: ["chart"]), pin: .version(["version"])),
            ChartKind(
                group: "source.toolkit.fluxcd.io", kind: "HelmChart", place: ["spec"],
                name: .source(["sourceRef"], chart: ["chart"]), pin: .version(["version"])),
            ChartKind(
                group: "helm.cattle.io", kind: "HelmChart", place: ["spec"], name: .address(["chart"]),
                pin: .version(["version"]), unless: "chartContent"),
            ChartKind(
                group: "helm.crossplane.io", kind: "Release", place: ["spec", "forProvider", "chart"],
                name: .parts(repository: ["repository"], chart: ["name"]), pin: .version(["version"]), unless: "url"),
        ] + argo(kind: "Application", ["spec"]) + argo(kind: "ApplicationSet", ["spec", "template", "spec"])

    private static func argo(kind: String, _ spec: [String]) -> [ChartKind] {
        [["source"], ["sources", "*"]].flatMap { place in
            [
                ChartKind(
                    group: "argoproj.io", kind: kind, place: spec + place,
                    name: .parts(repository: ["repoURL"], chart: ["chart"]), pin: .version(["targetRevision"])),
                ChartKind(
                    group: "argoproj.io", kind: kind, place: spec + place, name: .address(["repoURL"]),
                    pin: .digest(["targetRevision"]), unless: "chart"),
            ]
        }
    }
}

/// A mapping of an object that may name a chart.
struct ChartMapping<Node: ObjectTree> {
    let kind: ChartKind
    /// The keys that lead to it, and the numbers of items.
    let steps: [String]
    let node: Node

    /// Those of an object.
    static func all(of object: Node) -> [ChartMapping] {
        guard let kind = object["kind"]?.scalarText, let version = object["apiVersion"]?.scalarText else { return [] }
        guard kind != "ApplicationSet" || !isOverridden(object) else { return [] }
        return ChartKind.all.filter { $0.kind == kind && version.hasPrefix("\($0.group)/") }.flatMap { known in
            places(known.place[...], in: object).filter { $0.node.items.isEmpty }
                .map { ChartMapping(kind: known, steps: $0.steps, node: $0.node) }
        }
    }

    /// Whether the template of an ApplicationSet is not all that its Applications are made of.
    ///
    /// Source: Argo CD, "Template" and "Template Patch": templates of generators are laid over it, and patches over that.
    private static func isOverridden(_ object: Node) -> Bool {
        object.text(["spec", "templatePatch"]) != nil || (object[path: ["spec", "generators"]]?.hasTemplate ?? false)
    }

    private static func places(_ path: ArraySlice<String>, in node: Node) -> [(steps: [String], node: Node)] {
        guard let step = path.first else { return [([], node)] }
        let next: [(String, Node)] =
            step == "*" ? node.items.enumerated().map { ("\($0.offset)", $0.element) } : node[step].map { [(step, $0)] } ?? []
        return next.flatMap { step, node in places(path.dropFirst(), in: node).map { ([step] + $0.steps, $0.node) } }
    }

    /// What names the chart: its address, without `oci://`; nil where the mapping does not say it.
    ///
    /// - Parameter repository: the address of the HelmRepository that a reference leads to.
    func address(_ repository: (Node) -> String?) -> String? {
        if let unless = kind.unless, node[unless] != nil { return nil }
        switch kind.name {
        case .address(let path): return node.text(path).flatMap { Self.plain($0, needsScheme: true) }
        case .parts(let repository, let chart):
            guard let place = node.text(repository).flatMap({ Self.plain($0, needsScheme: false) }), let name = node.text(chart)
            else {
                return nil
            }
            return "\(place)/\(name)"
        case .source(let reference, let chart):
            guard let source = node[path: reference],
                let place = repository(source).flatMap({ Self.plain($0, needsScheme: true) }),
                let name = node.text(chart)
            else { return nil }
            return "\(place)/\(name)"
        }
    }

    private static func plain(_ text: String, needsScheme: Bool) -> String? {
        let scheme = "oci://"
        guard text.hasPrefix(scheme) || !needsScheme else { return nil }
        var text = text.hasPrefix(scheme) ? String(text.dropFirst(scheme.count)) : text
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }

    /// Whether an address is that of a chart: hosts have no case, and port 443 is what is meant without one.
    static func isAddress(_ address: String, of chart: ImageName) -> Bool {
        DockerHub.isSame(normalized(address), normalized(chart.text))
    }

    private static func normalized(_ address: String) -> String {
        let parts = address.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return address }
        var host = parts[0].lowercased()
        if host.hasSuffix(":443") { host.removeLast(4) }
        return "\(host == "registry-1.docker.io" ? "docker.io" : host)/\(parts[1])"
    }

    /// What holds it to one chart.
    var hold: ImageOccurrence.Hold {
        switch kind.pin {
        case .digest(let path, _, _): ImageDigest(node.text(path) ?? "").map { .digest($0.text) } ?? .nothing
        case .version(let path): ChartVersion(node.text(path) ?? "").map { .version($0) } ?? .nothing
        }
    }

    /// What it says of which chart is taken, behind the chart's name: `@sha256:…`, `:1.4.0`, `:>=1.0`.
    var suffix: String {
        switch kind.pin {
        case .version(let path): return node.text(path).map { ":\($0)" } ?? ""
        case .digest(let path, let range, let tag):
            if let text = node.text(path) { return ImageDigest(text) == nil ? ":\(text)" : "@\(text)" }
            return (range.flatMap { node.text($0) } ?? tag.flatMap { node.text($0) }).map { ":\($0)" } ?? ""
        }
    }
}
