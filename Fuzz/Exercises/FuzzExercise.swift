import GitOpsTypes
import Kustomize
import PromotionDomain
import PromotionPlanning
import YAMLEditing

/// What random bytes are given to, and what must hold whatever they are: no crash, no hang, and the property each one names.
public enum FuzzExercise: String, CaseIterable, Sendable {
    /// Every value of a file that is read lies inside the file, and inside the value it is a part of.
    case yamlReader = "yaml-reader"
    /// An edit either fails or gives a file that has the image's digest, and that the same edit leaves alone.
    case yamlEditor = "yaml-editor"
    /// An overlay that renders prints manifests that read back as what was rendered.
    case kustomization

    /// Something that must hold, and did not.
    public struct Violation: Error {
        public let message: String
    }

    /// - Throws: `Violation`.
    public func run(_ bytes: [UInt8]) throws(Violation) {
        switch self {
        case .yamlReader: try Self.read(bytes)
        case .yamlEditor: try Self.edit(bytes)
        case .kustomization: try Self.render(bytes)
        }
    }

    // MARK: The reader

    private static func read(_ bytes: [UInt8]) throws(Violation) {
        let file: YAMLFile
        do { file = try YAMLFile(bytes) } catch { return }
        for document in file.documents {
            try requireInside(document, 0..<bytes.count)
            _ = YAMLValue(document)
        }
    }

    private static func requireInside(_ node: YAMLNode, _ outer: Range<Int>) throws(Violation) {
        guard outer.lowerBound <= node.range.lowerBound, node.range.upperBound <= outer.upperBound else {
            throw Violation(message: "a value at \(node.range) reaches out of \(outer)")
        }
        // The value behind an alias stands elsewhere.
        guard !node.isAlias else { return }
        for item in node.sequence ?? [] { try requireInside(item, node.range) }
        for entry in node.mapping ?? [] {
            try requireInside(entry.key, node.range)
            try requireInside(entry.value, node.range)
        }
    }

    // MARK: The editor

    private static func edit(_ bytes: [UInt8]) throws(Violation) {
        guard let name = ImageName("registry.example/web"), let path = RepositoryPath("kustomization.yaml"),
            let digest = ImageDigest("sha256:" + String(repeating: "5a", count: 32))
        else { return }
        let image = ReleaseImage(name: name, digest: digest, tag: bytes.count.isMultiple(of: 2) ? ImageTag("1e3") : nil)
        let edit = ImageEntryEdit(image: image, path: path)
        let edited: [UInt8]
        do { edited = try edit.apply(to: bytes) } catch { return }
        do {
            guard try edit.apply(to: edited) == edited else {
                throw Violation(message: "the same edit changes the file again")
            }
            let images = try YAMLFile(edited).documents.first?["images"]?.sequence ?? []
            guard images.contains(where: { $0["digest"]?.scalar?.text == digest.text }) else {
                throw Violation(message: "the edited file does not have the digest")
            }
        } catch let violation as Violation {
            throw violation
        } catch {
            throw Violation(message: "the edited file cannot be read: \(error)")
        }
    }

    // MARK: The renderer

    /// The files of an overlay, separated by bytes of zero: its kustomization, a manifest, a patch, and a file of anything.
    private static let names = ["kustomization.yaml", "r.yaml", "p.yaml", "f"]

    private static func render(_ bytes: [UInt8]) throws(Violation) {
        var files: [RepositoryPath: [UInt8]] = [:]
        for (name, part) in zip(names, bytes.split(separator: 0, maxSplits: names.count - 1, omittingEmptySubsequences: false)) {
            if let path = RepositoryPath(name) { files[path] = Array(part) }
        }
        let rendered: RenderedManifests
        do {
            rendered = try KustomizeRenderer(files: MemoryFiles(files)).render(.root)
        } catch is KustomizeError {
            return
        } catch {
            throw Violation(message: "a render ends in an error that tells no place: \(error)")
        }
        do {
            let again = try RenderedManifests(rendered.kept, of: .root, reads: [:])
            guard again == rendered else { throw Violation(message: "the manifests that are printed are not those rendered") }
        } catch let violation as Violation {
            throw violation
        } catch {
            throw Violation(message: "the manifests that are printed cannot be read: \(error)")
        }
    }
}
