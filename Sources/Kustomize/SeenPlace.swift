/// Where something is, as `buildMetadata` notes it: a path as seen from the overlay that is rendered, or from the root of another
/// repository.
struct SeenPlace: Sendable {
    private(set) var path = ""
    /// The other repository, and the commit.
    private var repository: (address: String, ref: String)?

    /// The overlay that is rendered.
    static let overlay = SeenPlace()

    /// What a word that stands here leads to.
    func leading(to reference: String) -> SeenPlace {
        var place = self
        if let remote = RemoteReference(reference) {
            place.repository = (remote.address, remote.ref)
            // What Kustomize calls the root of what it has not fetched yet.
            place.path = Self.joined("", remote.path.isEmpty ? "notCloned" : remote.path)
        } else {
            place.path = Self.joined(path, reference)
        }
        return place
    }

    private static func joined(_ path: String, _ reference: String) -> String {
        var parts: [Substring] = []
        for part in (path + "/" + reference).split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }

    // MARK: Lines

    /// The place of an object.
    var lines: String { "path: \(path)\n" + repositoryLines(indent: "") }

    /// The place of what made it.
    func linesOfConfiguration(indent: String) -> String {
        repositoryLines(indent: indent) + Self.line("configuredIn", path, indent)
    }

    private func repositoryLines(indent: String) -> String {
        guard let repository else { return "" }
        return Self.line("repo", repository.address, indent) + Self.line("ref", repository.ref, indent)
    }

    static func line(_ key: String, _ value: String, _ indent: String) -> String {
        "\(indent)\(key): " + String(decoding: ManifestPrinter().print([.string(value)]), as: UTF8.self)
    }

    /// From the lines of an object.
    init?(lines: String) {
        var values: [Substring: String] = [:]
        for line in lines.split(separator: "\n") {
            guard let colon = line.firstRange(of: ": ") else { continue }
            values[line[..<colon.lowerBound]] = String(line[colon.upperBound...])
        }
        guard let path = values["path"] else { return nil }
        self.path = path
        if let address = values["repo"], let ref = values["ref"] { repository = (address, ref) }
    }

    private init() {}
}
