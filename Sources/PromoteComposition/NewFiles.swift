import Foundation
import GitOpsTypes
import PromotionEngine

/// Files that are written into a work tree without touching any that is there.
struct NewFiles {
    /// The top of the work tree.
    let root: String

    /// Those of the files that are not there yet.
    ///
    /// - Throws: `EngineError.usage` when one is there with other content, or something is in its way.
    func missing(among files: [(path: String, content: String)]) throws -> [(path: String, content: String)] {
        let missing = try files.filter { file in
            guard let present = FileManager.default.contents(atPath: "\(root)/\(file.path)") else { return true }
            guard present == Data(file.content.utf8) else {
                throw EngineError.usage(
                    "\(file.path) exists already, with other content; nothing was written",
                    hint: "move it away, or write the configuration by hand, after docs/configuration.md")
            }
            return false
        }
        // Nothing is written through a link, or half and half.
        for file in missing { _ = try PlainFolders(root: root).has(file.path.split(separator: "/").dropLast().map(String.init)) }
        return missing
    }

    /// Writes files that are not there, and the folders that they are in.
    func write(_ files: [(path: String, content: String)]) throws {
        for file in files {
            let url = URL(filePath: root).appending(path: file.path)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(file.content.utf8).write(to: url, options: .withoutOverwriting)
        }
    }
}
