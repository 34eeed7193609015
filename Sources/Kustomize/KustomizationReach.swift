public import GitOpsTypes
import YAMLEditing

/// What a render of a kustomization may read, found without rendering: every path that it, and the kustomizations it refers to,
/// could mean by a word where paths stand. Rather too much than too little.
public struct KustomizationReach {
    private let files: any FileSource
    private var known: [RepositoryPath: Reach] = [:]

    public enum Reach: Hashable, Sendable {
        /// Nothing but these files, and what is below those of them that are no directory now.
        case paths(files: Set<RepositoryPath>)
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
        guard case .paths(let paths) = try reach(of: directory, depth: 0) else { return true }
        return changed.contains { path in
            var place = path
            while !place.isRoot {
                if paths.contains(place) { return true }
                place = place.parent
            }
            return false
        }
    }

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
        // Until it is known; a circle adds nothing to itself.
        known[directory] = .paths(files: [])
        let reach = try find(directory, depth: depth)
        known[directory] = reach
        return reach
    }

    private mutating func find(_ directory: RepositoryPath, depth: Int) throws -> Reach {
        let candidates = KustomizeRenderer.fileNames.compactMap { directory.appending($0) }
        var paths = Set(candidates)
        guard try files.realPath(of: directory) == directory else { return .unknown }
        for path in candidates {
            guard case .file(let bytes) = try files.entry(at: path) else { continue }
            guard try files.realPath(of: path) == path, let words = Self.words(of: bytes) else { return .unknown }
            for word in words {
                guard let target = RepositoryPath(word, relativeTo: directory), !target.isRoot else { continue }
                guard try files.realPath(of: target) == target else { return .unknown }
                switch try files.entry(at: target) {
                case .directory:
                    guard case .paths(let more) = try reach(of: target, depth: depth + 1) else { return .unknown }
                    paths.formUnion(more)
                case .submodule(let top): paths.formUnion([target, top])
                case .missing: paths.formUnion(try absent(target))
                case .file, .outside, .tooLarge: paths.insert(target)
                }
            }
            // A second one beside it is an error of the render, and in the paths.
            break
        }
        return .paths(files: paths)
    }

    /// A path at which nothing is, and the folders on the way that are not there: a link may come to stand for any of them.
    private func absent(_ path: RepositoryPath) throws -> [RepositoryPath] {
        var absent = [path]
        var folder = path.parent
        while !folder.isRoot {
            if case .directory = try files.entry(at: folder) { break }
            absent.append(folder)
            folder = folder.parent
        }
        return absent
    }

    /// Every text in the document that could be a path; nil where there is more than words can tell.
    private static func words(of bytes: [UInt8]) -> Set<String>? {
        // What cannot be read is judged by rendering it, which says why.
        guard let file = try? YAMLFile(bytes), file.documents.count == 1, let root = file.documents.first,
            let entries = root.mapping
        else { return nil }
        var nodes: [YAMLNode] = []
        for entry in entries {
            guard let field = entry.key.scalar?.text else { return nil }
            if plainFields.contains(field) { continue }
            guard pathFields.contains(field) else { return nil }
            nodes.append(entry.value)
        }
        return Self.words(in: nodes)
    }

    private static func words(in nodes: [YAMLNode]) -> Set<String> {
        var words: Set<String> = []
        var nodes = nodes
        while let node = nodes.popLast() {
            nodes += node.sequence ?? []
            nodes += node.mapping?.map(\.value) ?? []
            guard let text = node.scalar?.text, text.utf8.count < 4096, !text.contains("\n") else { continue }
            words.insert(text)
            // `key=path`, as generators have it.
            if let equals = text.firstIndex(of: "=") { words.insert(String(text[text.index(after: equals)...])) }
        }
        return words
    }
}
