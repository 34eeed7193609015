public import GitOpsTypes

/// Where an image is kept: its registry, and its path there.
///
/// Source: distribution, "reference normalization": a first part with a dot or a colon, or `localhost`, is the registry; else it
/// is docker.io, where a name of one part is in `library/`.
public struct RepositoryAddress: Hashable, Sendable, CustomStringConvertible {
    /// With its port, if it has one: `registry.example:5000`.
    public let registry: String
    public let path: String

    public init(_ name: ImageName) {
        let parts = name.text.split(separator: "/", maxSplits: 1)
        if parts.count == 2, parts[0].contains(where: { ".:".contains($0) }) || parts[0] == "localhost" {
            // Docker Hub has several names, and cosign writes another than people do.
            let isHub = ["index.docker.io", "registry-1.docker.io", "docker.io"].contains(parts[0])
            registry = isHub ? "docker.io" : String(parts[0])
            path = isHub && !parts[1].contains("/") ? "library/\(parts[1])" : String(parts[1])
        } else {
            registry = "docker.io"
            path = parts.count == 1 ? "library/\(name.text)" : name.text
        }
    }

    public var description: String { "\(registry)/\(path)" }

    /// Whether the registry is one of the names that are kept for examples, which cannot be asked.
    ///
    /// Source: RFC 2606 and RFC 6761: `.example`, `.invalid` and `.test`.
    public var isForExamples: Bool {
        let host = registry.split(separator: ":").first ?? ""
        return [".example", ".invalid", ".test"].contains { host.hasSuffix($0) }
    }
}
