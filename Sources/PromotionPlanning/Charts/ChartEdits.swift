import GitOpsTypes
import Kustomize
import PromotionDomain
import YAMLEditing

/// Writes which chart they take into the objects that an environment's own files have: into the object itself, or into a patch of it.
struct ChartEdits {
    let chart: ReleaseImage
    /// What the environment renders to before the edit.
    private let manifests: RenderedManifests
    /// Where the chart is taken in that.
    private let rendered: [RenderedChart]

    init(_ chart: ReleaseImage, in manifests: RenderedManifests) {
        self.chart = chart
        self.manifests = manifests
        rendered = manifests.charts([chart.name])
    }

    /// A mapping of a document of a file that the chart belongs into.
    private struct Target {
        let path: RepositoryPath
        let document: Int
        let mapping: ChartMapping<YAMLNode>
        /// What it is a mapping of, so that an object and its patches are known for one.
        let identity: String

        var hasPin: Bool { mapping.node[path: mapping.kind.pin.path] != nil }
        func steps(_ path: [String]) -> [String] { mapping.steps + path }
    }

    /// The files that change; nil where none has an object that takes the chart.
    ///
    /// - Parameter files: those of the environment in which values may change.
    /// - Throws: `PlanningError` where it cannot be told which file is meant, or it cannot be edited.
    func edited(_ files: [RepositoryPath: [UInt8]]) throws(PlanningError) -> [RepositoryPath: [UInt8]]? {
        var targets: [Target] = []
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) { targets += try self.targets(in: bytes, of: path) }
        guard !targets.isEmpty else { return nil }
        var result: [RepositoryPath: [UInt8]] = [:]
        for group in Dictionary(grouping: targets, by: \.identity).values.sorted(by: { $0[0].identity < $1[0].identity }) {
            let pinned = group.filter(\.hasPin)
            guard let last = (pinned.isEmpty ? group : pinned).last, !pinned.isEmpty || group.count == 1 else {
                throw PlanningError(
                    "several files have it, and none says which chart \(chart.name) is taken", in: group[0].path,
                    hint: "write \(group[0].steps(group[0].mapping.kind.pin.path).joined(separator: ".")) into one of them")
            }
            for target in pinned.isEmpty ? [last] : pinned {
                result[target.path] = try write(target, into: result[target.path] ?? files[target.path] ?? [])
            }
        }
        return result
    }

    // MARK: Where it belongs

    private func targets(in bytes: [UInt8], of path: RepositoryPath) throws(PlanningError) -> [Target] {
        guard [".yaml", ".yml", ".json"].contains(where: path.name.hasSuffix), Self.mayHaveOne(bytes) else { return [] }
        let file: YAMLFile
        do {
            file = try YAMLFile(bytes)
        } catch {
            throw PlanningError(error.message, in: path, at: error.position)
        }
        return file.documents.enumerated().flatMap { number, document in
            ChartMapping.all(of: document).compactMap { mapping in
                guard takes(mapping, of: document) else { return nil }
                let metadata = document["metadata"]
                let identity = [mapping.kind.kind, metadata?["namespace"]?.scalarText ?? "", metadata?["name"]?.scalarText ?? ""]
                return Target(
                    path: path, document: number, mapping: mapping,
                    identity: (identity + mapping.steps).joined(separator: " "))
            }
        }
    }

    /// Told without reading it.
    private static func mayHaveOne(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return ChartKind.all.contains { text.contains($0.kind) }
    }

    /// Whether a mapping is of the chart: as it says itself or, of a patch, as the rendered object does.
    private func takes(_ mapping: ChartMapping<YAMLNode>, of document: YAMLNode) -> Bool {
        if let address = mapping.address({ _ in nil }), !address.contains("${") {
            return ChartMapping<YAMLNode>.isAddress(address, of: chart.name)
        }
        if let unless = mapping.kind.unless, mapping.node[unless] != nil { return false }
        let own = rendered.filter { $0.mapping.kind == mapping.kind && $0.mapping.steps == mapping.steps }
        let name = document["metadata"]?["name"]?.scalarText ?? ""
        let namespace = document["metadata"]?["namespace"]?.scalarText
        return own.contains { $0.object.name == name && (namespace ?? $0.object.namespace) == $0.object.namespace }
            || own.count == 1 && isRenamed(name, to: own[0].object)
    }

    /// Whether a prefix or a suffix may have made the object of what has another name in its file.
    private func isRenamed(_ name: String, to object: RenderedObject) -> Bool {
        !name.isEmpty && object.name.contains(name)
            && !manifests.objects.contains { $0.kind == object.kind && $0.name == name }
    }

    // MARK: What is written

    private func write(_ target: Target, into bytes: [UInt8]) throws(PlanningError) -> [UInt8] {
        do {
            let style: YAMLScalar.Style = target.path.name.hasSuffix(".json") ? .doubleQuoted : .plain
            func setting(_ text: String, _ path: [String], _ bytes: [UInt8]) throws(YAMLError) -> [UInt8] {
                try YAMLEditor(YAMLFile(bytes)).settingValue(
                    text, at: target.steps(path), inDocument: target.document, like: style)
            }
            switch target.mapping.kind.pin {
            case .version(let path):
                guard let version = chart.chartVersion else { break }
                return try setting(version.text, path, bytes)
            case .digest(let path, _, let tag):
                let pinned = try setting(chart.digest.text, path, bytes)
                guard let tag, target.mapping.node[path: tag] != nil else { return pinned }
                if let text = chart.tag?.text { return try setting(text, tag, pinned) }
                return try YAMLEditor(YAMLFile(pinned)).removingValue(at: target.steps(tag), inDocument: target.document)
            }
        } catch {
            throw PlanningError(error.message, in: target.path, at: error.position, hint: "write it by hand")
        }
        throw PlanningError(
            "\(target.mapping.kind.kind) takes the chart \(chart.name) by its version, and the release has none", in: target.path,
            hint: "register it with its version: --chart \(chart.name):<version>@\(chart.digest)")
    }
}
