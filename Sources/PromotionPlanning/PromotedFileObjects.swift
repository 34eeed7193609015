import Crypto
import GitOpsTypes
public import Kustomize
public import PromotionModel

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
        let nodes: [ManifestNode] = try application.files.compactMap { file in
            guard case .file(let bytes) = try files.entry(at: application.path(of: file, in: environment)) else { return nil }
            let content: ManifestMap.Entry =
                if let text = String(validating: bytes, as: UTF8.self)?.unicodeScalars {
                    .init(
                        key: "lines",
                        value: .list(
                            text.split(separator: "\n" as Unicode.Scalar, omittingEmptySubsequences: false).map {
                                .string(String($0))
                            }))
                } else {
                    .init(key: "sha256", value: .string(SHA256.hash(data: bytes).hexadecimal))
                }
            return .map(
                ManifestMap([
                    .init(key: "apiVersion", value: .string("promote/v1alpha1")), .init(key: "kind", value: .string("File")),
                    .init(key: "metadata", value: .map(ManifestMap([.init(key: "name", value: .string(file.path.text))]))),
                    content,
                ]))
        }
        return nodes.isEmpty ? self : adding(nodes)
    }
}
