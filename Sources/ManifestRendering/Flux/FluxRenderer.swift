import Foundation
import GitOpsTypes
import Kustomize
import PromotionDomain

/// Renders what Flux's controller applies for a Kustomization: the directory that it names, with what it adds before the build and
/// after it.
///
/// Source: kustomize-controller, which writes a kustomization into the directory, builds it without restrictions of loading, and puts in
/// variables and common metadata.
struct FluxRenderer: ManifestRenderer {
    let place: FluxPlace

    private static let substituteKey = FluxKustomization.group + "substitute"

    func version() -> String { "flux 2 \(KustomizeRenderer.version)/\(place.kustomize.key)" }

    func render(_ source: any FileSource) throws -> RenderedManifests {
        let files = TracedFiles(source)
        let flux = try FluxKustomization(in: place.kustomization, from: files)
        let synthetic = try FluxBuild(flux, in: files).kustomization(.arePassedOver)
        let edited = OverlaidFiles(files, replacing: [synthetic.path: synthetic.bytes])
        let directory = try flux.directory()
        let built = try rendering { try KustomizeRenderer(files: edited, in: place.kustomize).render(directory) }
        let variables = try flux.variables(try knownVariables(files))
        let metadata = flux.commonMetadata
        let budget = VariableSubstitution.Budget()
        return try rendering {
            try built.mapping(by: place.kustomization, reads: files.identities) { object in
                var node = object.node
                if let variables { node = try substituted(node, variables, within: budget, of: object) }
                node.setMetadata("labels", metadata.labels)
                node.setMetadata("annotations", metadata.annotations)
                return node
            }
        }
    }

    /// The values of ConfigMaps and Secrets that files of the repository have.
    private func knownVariables(_ files: TracedFiles) throws -> [String: [String: String]] {
        var known: [String: [String: String]] = [:]
        for path in place.variables {
            guard case .file(let bytes) = try files.entry(at: path) else {
                throw RenderingError("there is no such file with variables", in: path, hint: "correct the application's flux")
            }
            for node in try rendering({ try ManifestText.nodes(in: bytes, of: path) }) {
                guard let kind = node["kind"]?.text, let name = node["metadata"]?["name"]?.text else { continue }
                var values: [String: String] = [:]
                for entry in node["data"]?.map?.entries ?? [] {
                    let text = entry.value.scalar?.text ?? ""
                    values[entry.key] = kind == "Secret" ? Self.decoded(text) : text
                }
                if kind == "Secret" {
                    for entry in node["stringData"]?.map?.entries ?? [] { values[entry.key] = entry.value.scalar?.text ?? "" }
                }
                known["\(kind)/\(name)"] = values
            }
        }
        return known
    }

    /// What is encrypted stays so, and is compared by its ciphertext.
    private static func decoded(_ text: String) -> String {
        Data(base64Encoded: text).flatMap { String(validating: $0, as: UTF8.self) } ?? text
    }

    private func substituted(
        _ node: ManifestNode, _ variables: [String: String], within budget: VariableSubstitution.Budget, of object: RenderedObject
    ) throws -> ManifestNode {
        let file = place.kustomization
        let isDisabled = ["labels", "annotations"].contains { node["metadata"]?[$0]?[Self.substituteKey]?.text == "disabled" }
        guard !isDisabled else { return node }
        let text = String(decoding: ManifestText.bytes(of: [node]), as: UTF8.self)
        guard text.contains("$") else { return node }
        let what = "\(object.kind) \(object.name)"
        let result: String
        do {
            result = try VariableSubstitution(text, variables, within: budget).result()
        } catch {
            throw RenderingError("the variables of \(what) cannot be put in: \(error.message)", in: file)
        }
        let nodes = try rendering { try ManifestText.nodes(in: Array(result.utf8), of: file) }
        guard let node = nodes.first, nodes.count == 1 else {
            throw RenderingError("with its variables put in, \(what) is no single object", in: file)
        }
        return node
    }
}

extension FluxKustomization {
    /// The kustomization that the controller builds for the one in a file: its path and content.
    ///
    /// - Throws: `RenderingError`, or what the files throw.
    static func kustomization(
        of file: RepositoryPath, in files: any FileSource, missing: MissingComponents
    ) throws -> (path: RepositoryPath, bytes: [UInt8]) {
        let traced = TracedFiles(files)
        return try FluxBuild(FluxKustomization(in: file, from: traced), in: traced).kustomization(missing)
    }
}

/// The kustomization that the controller builds: the one of the directory, or one of all that is in it, with what it adds.
private struct FluxBuild {
    private let flux: FluxKustomization
    private let files: TracedFiles

    /// So deep are folders looked into, and so many files and folders are looked at.
    private static let maximumDepth = 100
    private static let maximumEntries = PlainFolder.maximumEntries

    init(_ flux: FluxKustomization, in files: TracedFiles) {
        self.flux = flux
        self.files = files
    }

    func kustomization(_ missing: MissingComponents) throws -> (path: RepositoryPath, bytes: [UInt8]) {
        let directory = try flux.directory()
        guard case .directory = try files.entry(at: directory) else {
            throw RenderingError(
                "there is no such directory, which a Kustomization of Flux names", in: directory, hint: "correct spec.path")
        }
        let present = try rendering { try KustomizeRenderer(files: files).kustomizationFile(in: directory) }
        guard let path = present?.path ?? directory.appending(KustomizeRenderer.fileNames[0]) else {
            preconditionFailure("a plain name can be appended")
        }
        var map = try present.map { try self.map($0.bytes, $0.path) } ?? generated(in: directory)
        if present != nil, (map["resources"]?.list ?? []).isEmpty { map["buildMetadata"] = .list([.string("originAnnotations")]) }
        let applied = try flux.applied(to: map) { try missing.isTaken($0, by: directory, in: files) }
        return (path, ManifestText.bytes(of: [.map(applied)]))
    }

    private func map(_ bytes: [UInt8], _ path: RepositoryPath) throws -> ManifestMap {
        let nodes = try rendering { try ManifestText.nodes(in: bytes, of: path) }
        guard let first = nodes.first else { return ManifestMap() }
        guard case .map(let map) = first else { throw RenderingError("it is no kustomization", in: path) }
        return map
    }

    /// A kustomization of every manifest below a directory; of a directory with a kustomization of its own, that.
    private func generated(in directory: RepositoryPath) throws -> ManifestMap {
        var count = 0
        let resources = try resources(in: directory, prefix: "./", depth: 0, &count)
        var map = ManifestMap()
        if resources.isEmpty {
            // Where there is nothing, the controller writes this for an empty result.
            map["namespace"] = .string("_placeholder")
        } else {
            map["resources"] = .list(resources.map(ManifestNode.string))
        }
        return map
    }

    /// - Parameter count: how many files and folders were looked at.
    private func resources(
        in directory: RepositoryPath, prefix: String, depth: Int, _ count: inout Int
    ) throws -> [String] {
        var found: [String] = []
        for name in try files.names(in: directory) ?? [] {
            count += 1
            guard depth <= Self.maximumDepth, count <= Self.maximumEntries else {
                throw RenderingError(
                    "it has more than \(Self.maximumEntries) files and folders, or is more than \(Self.maximumDepth) folders deep",
                    in: directory, hint: "give the folder a kustomization of its own")
            }
            guard let path = directory.appending(name) else { continue }
            switch try files.entry(at: path) {
            case .directory:
                let hasOwn = try rendering { try KustomizeRenderer(files: files).kustomizationFile(in: path) } != nil
                if hasOwn {
                    found.append(prefix + name)
                } else if try files.realPath(of: path) == path {
                    found += try resources(in: path, prefix: "\(prefix)\(name)/", depth: depth + 1, &count)
                }
            case .file where name.hasSuffix(".yaml") || name.hasSuffix(".yml"): found.append(prefix + name)
            case .file, .missing: continue
            case .outside, .submodule, .tooLarge:
                throw RenderingError("it is no plain file or folder of this repository", in: path)
            }
        }
        return found
    }
}

extension ManifestNode {
    /// Sets entries of a mapping of the object's metadata.
    fileprivate mutating func setMetadata(_ key: String, _ entries: [ManifestMap.Entry]) {
        guard !entries.isEmpty, case .map(var object) = self else { return }
        var metadata = object["metadata"]?.map ?? ManifestMap()
        var values = metadata[key]?.map ?? ManifestMap()
        for entry in entries { values[entry.key] = entry.value }
        metadata[key] = .map(values)
        object["metadata"] = .map(metadata)
        self = .map(object)
    }
}
