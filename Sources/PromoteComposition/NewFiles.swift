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
        for file in missing { try requirePlainParents(of: file.path) }
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

    /// Every directory on the way is one, or is not there yet: nothing is written through a link, or half and half.
    private func requirePlainParents(of path: String) throws {
        var directory = root
        for name in path.split(separator: "/").dropLast() {
            directory += "/\(name)"
            let kind: FileAttributeType?
            do {
                kind = try FileManager.default.attributesOfItem(atPath: directory)[.type] as? FileAttributeType
            } catch CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile {
                return
            }
            guard kind == .typeDirectory else {
                throw EngineError.usage("\(directory) is in the way: it is no directory; nothing was written", hint: nil)
            }
        }
    }
}
