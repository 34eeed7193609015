import Crypto
import GitOpsTypes
public import Kustomize
public import PromotionDomain

extension RenderedManifests {
    /// These, and an object for each of the application's other files that is there: so that a change of one is compared, approved
    /// and judged like a change of what is rendered.
    ///
    /// An object has the name of its template, which is the same in all environments.
    ///
    /// - Throws: what the files throw.
    public func adding(
        filesOf application: Application, in environment: EnvironmentName, from files: any FileSource
    ) throws -> RenderedManifests {
        let nodes = try application.files.compactMap { file -> ManifestNode? in
            let path = application.path(of: file, in: environment)
            var fields: [ManifestMap.Entry] = [
                .init(key: "apiVersion", value: .string(RenderedObject.promotedFile.apiVersion)),
                .init(key: "kind", value: .string(RenderedObject.promotedFile.kind)),
                .init(key: "metadata", value: .map(ManifestMap([.init(key: "name", value: .string(file.path.text))]))),
            ]
            let real = try files.realPath(of: path)
            if real != path { fields.append(.init(key: "link", value: .string(real.description))) }
            switch try files.entry(at: path) {
            case .missing: return nil
            case .file(let bytes): fields.append(Self.content(bytes))
            // It is there, and is nothing that could be promoted; that it is another one now is seen all the same.
            case .directory, .outside, .submodule, .tooLarge:
                fields.append(.init(key: "unreadable", value: .string(try files.identity(of: path) ?? "")))
            }
            return .map(ManifestMap(fields))
        }
        return nodes.isEmpty ? self : adding(nodes)
    }

    private static func content(_ bytes: [UInt8]) -> ManifestMap.Entry {
        guard let text = String(validating: bytes, as: UTF8.self)?.unicodeScalars else {
            return .init(key: "sha256", value: .string(SHA256.hash(data: bytes).hexadecimal))
        }
        let lines = text.split(separator: "\n" as Unicode.Scalar, omittingEmptySubsequences: false)
        return .init(key: "lines", value: .list(lines.map { .string(String($0)) }))
    }
}

extension RenderedObject {
    fileprivate static let promotedFile = (apiVersion: "promote/v1alpha1", kind: "File")

    /// Whether this stands for one of an application's other files.
    var isPromotedFile: Bool { apiVersion == Self.promotedFile.apiVersion && kind == Self.promotedFile.kind }
}
