public import GitOpsTypes
import YAMLEditing

/// What a render of a kustomization may read, found without rendering: every path that it, and the kustomizations it refers to,
/// could mean by a word where paths stand. Rather too much than too little.
public struct KustomizationReach {
    private let files: any FileSource
    private var known: [RepositoryPath: Reach] = [:]

    public enum Reach: Hashable, Sendable {
        /// Nothing but what is at these paths, below them, or above them: a link may come to stand for a folder.
        case paths(Set<RepositoryPath>)
        /// It cannot be told: links, transformers and generators as files, fields that are not known here, a kustomization that
        /// cannot be read.
        case unknown
    }

    public init(files: any FileSource) {
        self.files = files
    }

    /// Whether what `directory` renders to may be another after `changed` changed.
    ///
    /// - Throws: what the files throw.
    public mutating func isTouched(_ directory: RepositoryPath, by changed: [RepositoryPath]) throws -> Bool {
        guard case .paths(let paths) = try reach(of: directory) else { return true }
        if changed.contains(where: { $0.isAtOrBelow(paths) }) { return true }
        let changed = Set(changed)
        return paths.contains { $0.isAtOrBelow(changed) }
    }

    /// What decides what `directory` renders to. As long as nothing of it changes, this is the same, too.
    ///
    /// - Throws: what the files throw.
    public mutating func reach(of directory: RepositoryPath) throws -> Reach { try reach(of: directory, depth: 0) }

    private static let maximumDepth = 40
    /// Fields in which no word is a path. What is neither here nor below is not known, and neither is what it reaches.
    private static let plainFields: Set<String> = [
        "apiVersion", "kind", "metadata", "namespace", "namePrefix", "nameSuffix", "labels", "commonLabels", "commonAnnotations",
        "images", "imageTags", "replicas", "vars", "generatorOptions", "buildMetadata", "sortOptions",
    ]
    /// Fields in which words may be paths of files and directories.
    private static let pathFields: Set<String> = [
        "resources", "bases", "components", "patches", "patchesStrategicMerge", "patchesJson6902", "configMapGenerator",
        "secretGenerator", "replacements", "configurations", "crds", "openapi",
    ]

    private mutating func reach(of directory: RepositoryPath, depth: Int) throws -> Reach {
        if let reach = known[directory] { return reach }
        guard depth < Self.maximumDepth else { return .unknown }
        // Until it is known: what is part of a circle does not render as long as all of the circle is there.
        known[directory] = .unknown
        let reach = try find(directory, depth: depth)
        known[directory] = reach
        return reach
    }

    private mutating func find(_ directory: RepositoryPath, depth: Int) throws -> Reach {
        let candidates = KustomizeRenderer.fileNames.compactMap { directory.appending($0) }
        var paths = Set(candidates)
        for path in candidates {
            let entry = try files.entry(at: path)
            guard try files.isDirect(path, being: entry) else { return .unknown }
            guard case .file(let bytes) = entry else { continue }
            guard let (words, charts) = Self.words(of: bytes), let folders = try charts.folders(of: directory, in: files) else {
                return .unknown
            }
            paths.formUnion(folders)
            for word in words.union(charts.words) {
                guard let target = RepositoryPath(word, relativeTo: directory), !target.isRoot else { continue }
                guard case .paths(let more) = try reach(ofTarget: target, depth: depth) else { return .unknown }
                paths.formUnion(more)
            }
            // A second one beside it is an error of the render, and in the paths.
            return .paths(paths)
        }
        // No kustomization, or nothing at all: whatever comes there may be one.
        return .paths([directory])
    }

    private mutating func reach(ofTarget target: RepositoryPath, depth: Int) throws -> Reach {
        let entry = try files.entry(at: target)
        guard try files.isDirect(target, being: entry) else { return .unknown }
        guard case .directory = entry else { return .paths([target]) }
        return try reach(of: target, depth: depth + 1)
    }

    /// Every text in the document that could be a path; nil where there is more than words can tell.
    private static func words(of bytes: [UInt8]) -> (Set<String>, ChartReach)? {
        // What cannot be read is judged by rendering it, which says why.
        guard let file = try? YAMLFile(bytes), file.documents.count == 1, let root = file.documents.first,
            let entries = root.mapping, let charts = ChartReach(entries)
        else { return nil }
        var nodes: [YAMLNode] = []
        for entry in entries {
            guard let field = entry.key.scalar?.text else { return nil }
            if plainFields.contains(field) || ChartReach.fields.contains(field) { continue }
            guard pathFields.contains(field) else { return nil }
            nodes.append(entry.value)
        }
        return (Self.words(in: nodes), charts)
    }

    private static func words(in nodes: [YAMLNode]) -> Set<String> {
        var words: Set<String> = []
        var nodes = nodes
        while let node = nodes.popLast() {
            nodes += node.sequence ?? []
            nodes += node.mapping?.map(\.value) ?? []
            guard let text = node.scalar?.text, !text.contains("\n") else { continue }
            words.insert(text)
            // `key=path`, as generators have it.
            if let equals = text.firstIndex(of: "=") { words.insert(String(text[text.index(after: equals)...])) }
        }
        return words
    }
}

extension RepositoryPath {
    fileprivate func isAtOrBelow(_ paths: Set<RepositoryPath>) -> Bool {
        var place = self
        while !place.isRoot {
            if paths.contains(place) { return true }
            place = place.parent
        }
        return false
    }
}
