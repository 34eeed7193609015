public import GitOpsTypes
import YAMLEditing

/// A chart that another one needs, and names by a path.
///
/// Source: Helm, "Charts", dependencies with a `file://` repository.
public struct ChartDependency: Hashable, Sendable {
    public let name: String
    /// As it is written: from the folder of the chart that names it on.
    public let path: String

    private static let scheme = "file://"

    fileprivate init?(_ node: YAMLNode) {
        guard let name = node["name"]?.scalar?.text, let repository = node["repository"]?.scalar?.text,
            repository.hasPrefix(Self.scheme)
        else { return nil }
        self.name = name
        path = String(repository.dropFirst(Self.scheme.count))
    }

    /// Whether the folder of vendored charts has it, as a folder or packed.
    fileprivate func isAmong(_ names: [String]) -> Bool {
        names.contains { $0 == name || $0.hasPrefix(name + "-") && $0.hasSuffix(".tgz") }
    }
}

/// What a chart says of others: the same to what renders it, and to what asks whether a change reaches it.
public enum ChartReferences {
    /// The file that makes a folder a chart.
    public static let definition = "Chart.yaml"

    /// The charts that one names by their paths, and has not in its own folder; nil where there is no chart.
    ///
    /// - Throws: `KustomizeError` where its definition cannot be read; or what the files throw.
    public static func dependencies(of chart: RepositoryPath, in files: any FileSource) throws -> [ChartDependency]? {
        guard let path = chart.appending(definition), case .file(let bytes) = try files.entry(at: path) else { return nil }
        let vendored = try chart.appending("charts").flatMap(files.names) ?? []
        let file: YAMLFile
        do {
            file = try YAMLFile(bytes)
        } catch {
            throw KustomizeError(.invalid, error.message, in: path, at: error.position)
        }
        return (file.documents.first?["dependencies"]?.sequence ?? []).compactMap(ChartDependency.init).filter {
            !$0.isAmong(vendored)
        }
    }

    /// Whether a chart may be rendered from what is not in its own folder: through a link, or as a chart that it names by its path.
    /// Where that cannot be told, it is taken to.
    ///
    /// - Throws: what the files throw.
    public static func isReachingFurther(_ chart: RepositoryPath, in files: any FileSource) throws -> Bool {
        guard try !files.hasLinks(below: chart) else { return true }
        do {
            return try dependencies(of: chart, in: files)?.isEmpty != true
        } catch is KustomizeError {
            return true
        }
    }
}
