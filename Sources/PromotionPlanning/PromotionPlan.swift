public import GitOpsTypes
public import Kustomize
public import PromotionDomain

/// What a promotion would change: the edit, and what it does to the rendered environment.
public struct PromotionPlan: Hashable, Sendable {
    public let place: SourcePlace
    /// Files to write, by path; empty when the environment has the release already.
    public let edits: [FileEdit]
    public let diff: RenderedDiff
    /// Every container that runs one of the application's images, after the edit.
    public let images: [ImageOccurrence]
    /// SHA-256 of the rendered manifests after the edit, in hexadecimal.
    public let rendered: String
    /// What the environment renders to after the edit.
    public let manifests: RenderedManifests

    /// The objects among them that are rendered in the cluster, and not here.
    public var unrendered: [UnrenderedObject] { manifests.unrendered }

    public struct FileEdit: Hashable, Sendable {
        public let path: RepositoryPath
        public let old: [UInt8]
        public let new: [UInt8]

        /// The lines that differ, with `-` and `+` before them, and their number in the old file.
        public var lines: [String] {
            let before = Self.split(old)
            let after = Self.split(new)
            let top = zip(before, after).prefix { $0 == $1 }.count
            let bottom = zip(before.dropFirst(top).reversed(), after.dropFirst(top).reversed()).prefix { $0 == $1 }.count
            return before[top..<(before.count - bottom)].map { "- " + $0 } + after[top..<(after.count - bottom)].map { "+ " + $0 }
        }

        private static func split(_ bytes: [UInt8]) -> [String] {
            bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
                String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self).displayable
            }
        }
    }
}
