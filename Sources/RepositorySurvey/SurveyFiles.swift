import GitOpsTypes
import Kustomize
import YAMLEditing

/// Files that are read for a survey: small ones, each once.
final class SurveyFiles {
    let source: any FileSource
    private var known: [RepositoryPath: [ManifestNode]] = [:]
    /// Files that are no YAML, or too large, with the reason.
    private(set) var unreadable: [RepositoryPath: String] = [:]

    /// What configurations of agents never exceed.
    static let maximumBytes = 1 << 20

    init(_ source: any FileSource) { self.source = source }

    /// The bytes of a file; nil where there is none, one that is too large, or one that cannot be read.
    func bytes(_ path: RepositoryPath) -> [UInt8]? {
        let entry: FileSourceEntry
        do {
            entry = try source.entry(at: path)
        } catch {
            unreadable[path] = "\(error)"
            return nil
        }
        guard case .file(let bytes) = entry else { return nil }
        guard bytes.count <= Self.maximumBytes else {
            unreadable[path] = "it has \(bytes.count) bytes, and at most \(Self.maximumBytes) are read"
            return nil
        }
        return bytes
    }

    /// The documents of a file; none where it is no YAML.
    func documents(_ path: RepositoryPath) -> [ManifestNode] {
        if let nodes = known[path] { return nodes }
        guard let bytes = bytes(path) else { return [] }
        let nodes = documents(in: bytes, of: path)
        known[path] = nodes
        return nodes
    }

    /// The documents in bytes of a file; none where they are no YAML.
    func documents(in bytes: [UInt8], of path: RepositoryPath) -> [ManifestNode] {
        do throws(KustomizeError) {
            return try ManifestText.nodes(in: bytes, of: path)
        } catch {
            unreadable[path] = "\(error)"
            return []
        }
    }
}

extension [UInt8] {
    /// Whether a text stands in them.
    func has(_ text: String) -> Bool {
        let wanted = Array<UInt8>(text.utf8)
        guard let first = wanted.first, count >= wanted.count else { return false }
        var index = startIndex
        while let next = self[index...(count - wanted.count)].firstIndex(of: first) {
            if self[next...].starts(with: wanted) { return true }
            index = next + 1
            if index > count - wanted.count { return false }
        }
        return false
    }
}
