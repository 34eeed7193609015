public import GitOpsTypes
public import Kustomize
import YAMLEditing

/// The files that a chart is rendered from: its folder with all below it, the charts that it names by a path, and files with values.
struct ChartContents {
    private let source: TracedFiles
    /// The chart, for messages.
    private let name: RepositoryPath
    /// All files, by where they are to be for Helm.
    private(set) var files: [RepositoryPath: [UInt8]] = [:]
    private var bytes = 0
    private var count = 0
    /// Whether a template asks what time it is, or a value that may be one.
    private(set) var mentionsTime = false

    /// So much one chart may have, with all that it depends on.
    private static let maximumFiles = PlainFolder.maximumEntries
    private static let maximumBytes = 256 << 20
    private static let maximumDepth = 10

    init(in source: TracedFiles, naming name: RepositoryPath) {
        self.source = source
        self.name = name
    }

    /// Files with values, where they are.
    ///
    /// - Throws: `RenderingError` where one is missing, or there are too many; or what the files throw.
    mutating func addValues(_ paths: [RepositoryPath]) throws {
        for path in paths {
            switch try source.entry(at: path) {
            case .file(let bytes): try add(bytes, as: path)
            case .missing:
                throw RenderingError(
                    "there is no such file with values", in: path, hint: "add it, or correct the application's values")
            case .directory, .outside, .submodule, .tooLarge: throw PlainFolder.unreadable(path)
            }
        }
    }

    /// A chart, with those that it names by a path.
    ///
    /// - Throws: `RenderingError` where there is none, or too much of it; or what the files throw.
    mutating func addChart(at path: RepositoryPath, as place: RepositoryPath) throws {
        try addChart(at: path, as: place, depth: 0)
    }

    private mutating func addChart(at path: RepositoryPath, as place: RepositoryPath, depth: Int) throws {
        guard let definition = path.appending(ChartReferences.definition),
            case .file(let bytes) = try source.entry(at: definition)
        else {
            throw RenderingError("there is no chart: no Chart.yaml", in: path, hint: "correct the application's chart")
        }
        guard depth < Self.maximumDepth else { throw RenderingError("charts depend on each other in a circle", in: path) }
        try addFolder(path, as: place)
        guard let charts = place.appending("charts") else { return }
        let vendored = try path.appending("charts").flatMap(source.names) ?? []
        for dependency in try Dependency.local(in: bytes, of: definition) where !dependency.isAmong(vendored) {
            guard let target = RepositoryPath(dependency.path, relativeTo: path), let place = charts.appending(dependency.name)
            else {
                throw RenderingError(
                    "the dependency \(dependency.name.displayable) is outside of the repository", in: definition,
                    hint: "vendor it in the chart's charts folder")
            }
            try addChart(at: target, as: place, depth: depth + 1)
        }
    }

    private mutating func addFolder(_ top: RepositoryPath, as place: RepositoryPath) throws {
        for (path, bytes) in try PlainFolder(source: source).files(below: top) {
            let below = path.components.dropFirst(top.components.count).joined(separator: "/")
            guard let target = RepositoryPath(below, relativeTo: place) else { throw PlainFolder.unreadable(path) }
            try add(bytes, as: target)
        }
    }

    private mutating func add(_ content: [UInt8], as path: RepositoryPath) throws {
        bytes += content.count
        count += 1
        guard bytes <= Self.maximumBytes, count <= Self.maximumFiles else {
            throw RenderingError(
                "it has more than \(Self.maximumFiles) files, or \(Self.maximumBytes >> 20) MiB", in: name,
                hint: "keep nothing but the chart in its folder")
        }
        files[path] = content
        let mayBeTemplate = path.components.contains("templates") || path.name.hasSuffix(".yaml")
        mentionsTime = mentionsTime || mayBeTemplate && content.asksForTime
    }

}

/// A chart that another one needs, and names by a path.
///
/// Source: Helm, "Charts", dependencies with a `file://` repository.
private struct Dependency {
    let name: String
    let path: String

    static func local(in chart: [UInt8], of path: RepositoryPath) throws -> [Dependency] {
        let file: YAMLFile
        do {
            file = try YAMLFile(chart)
        } catch {
            throw RenderingError(error.message, in: path, at: error.position)
        }
        let scheme = "file://"
        return (file.documents.first?["dependencies"]?.sequence ?? []).compactMap { item in
            guard let name = item["name"]?.scalar?.text, let repository = item["repository"]?.scalar?.text,
                repository.hasPrefix(scheme)
            else { return nil }
            return Dependency(name: name, path: String(repository.dropFirst(scheme.count)))
        }
    }

    /// Whether the folder of vendored charts has it, as a folder or packed.
    func isAmong(_ names: [String]) -> Bool {
        names.contains { $0 == name || $0.hasPrefix(name + "-") && $0.hasSuffix(".tgz") }
    }
}

/// What a chart says of others.
public enum ChartReferences {
    /// The file that makes a folder a chart.
    public static let definition = "Chart.yaml"

    /// Whether a chart names others by their paths that it has not in its own folder; it is taken to where that cannot be told.
    ///
    /// - Throws: what the files throw.
    public static func isNamingOthers(_ chart: RepositoryPath, in files: any FileSource) throws -> Bool {
        guard let path = chart.appending(definition), case .file(let bytes) = try files.entry(at: path) else { return true }
        let vendored = try chart.appending("charts").flatMap(files.names) ?? []
        do {
            return try Dependency.local(in: bytes, of: path).contains { !$0.isAmong(vendored) }
        } catch is RenderingError {
            return true
        }
    }

}

extension [UInt8] {
    /// Whether it is a template that has the word `now`, which Helm has as a function.
    var asksForTime: Bool {
        guard zip(self, dropFirst()).contains(where: { $0 == UInt8(ascii: "{") && $1 == UInt8(ascii: "{") }) else { return false }
        var index = startIndex
        while let next = self[index...].firstIndex(of: UInt8(ascii: "n")) {
            let isBegin = next == startIndex || !self[next - 1].isWordCharacter
            if isBegin, self[next...].starts(with: "now".utf8), next + 3 == endIndex || !self[next + 3].isWordCharacter {
                return true
            }
            index = next + 1
        }
        return false
    }
}

extension UInt8 {
    fileprivate var isWordCharacter: Bool {
        self == UInt8(ascii: "_") || (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
    }
}
