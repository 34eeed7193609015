import GitOpsTypes
import Kustomize
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
        guard let dependencies = try rendering({ try ChartReferences.dependencies(of: path, in: source) }) else {
            throw RenderingError("there is no chart: no Chart.yaml", in: path, hint: "correct the application's chart")
        }
        guard depth < Self.maximumDepth else { throw RenderingError("charts depend on each other in a circle", in: path) }
        try addFolder(path, as: place)
        guard let charts = place.appending("charts") else { return }
        for dependency in dependencies {
            guard let target = RepositoryPath(dependency.path, relativeTo: path), let place = charts.appending(dependency.name)
            else {
                throw RenderingError(
                    "the dependency \(dependency.name.displayable) is outside of the repository",
                    in: path.appending(ChartReferences.definition) ?? path,
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
