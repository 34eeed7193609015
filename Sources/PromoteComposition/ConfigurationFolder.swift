import Foundation
import GitOpsTypes
import PromotionEngine
import SystemPackage

/// The configuration's folder in a work tree, read and written as Git keeps it: plain files in plain folders. No link is followed,
/// which would show another file for a list of keys, or write into it.
struct ConfigurationFolder {
    /// The top of the work tree.
    let root: String
    let path: RepositoryPath

    private var place: String { "\(root)/\(path)" }

    /// Whether it is there.
    ///
    /// - Throws: `EngineError.usage` where something that is no folder is in its way.
    func exists() throws -> Bool { try PlainFolders(root: root).has(path.components) }

    /// Its files by name; none where it is not there.
    ///
    /// - Throws: `EngineError` where it has something else than files and folders, or one cannot be read.
    func files() throws -> [String: [UInt8]] {
        guard try exists() else { return [:] }
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: place) {
            if try PlainFolders.kind(of: "\(place)/\(name)") != .typeDirectory { files[name] = try file(name) }
        }
        return files
    }

    /// Nil where there is no such file.
    ///
    /// - Throws: `EngineError` for a link and all else that is no file, and for what cannot be read.
    func file(_ name: String) throws -> [UInt8]? {
        try plainFile(name) {
            let file = try FileDescriptor.open(
                FilePath("\(place)/\(name)"), .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
            return try file.closeAfter { try FileHandle(fileDescriptor: file.rawValue).readToEnd().map(Array.init) ?? [] }
        }
    }

    /// Writes a file, whether it is there or not.
    ///
    /// - Throws: `EngineError` for a link and all else that is no file, and for what cannot be written.
    func write(_ bytes: [UInt8], to name: String) throws {
        _ = try plainFile(name) {
            let file = try FileDescriptor.open(
                FilePath("\(place)/\(name)"), .writeOnly, options: [.create, .truncate, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            return try file.closeAfter {
                try file.writeAll(bytes)
                return bytes
            }
        }
    }

    private func plainFile(_ name: String, _ body: () throws -> [UInt8]) throws -> [UInt8]? {
        guard try exists() else { return nil }
        switch try PlainFolders.kind(of: "\(place)/\(name)") {
        case .typeRegular?, nil: break
        case _?:
            throw EngineError.configuration(
                "\(path)/\(name.displayable) is a link, or something else that is no file",
                hint: "put the file itself there: files of the configuration are plain files")
        }
        do {
            return try body()
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch let error as Errno {
            throw EngineError.configuration(
                "\(path)/\(name.displayable) cannot be opened: \(error)", hint: "make it a plain file")
        }
    }
}

/// Folders of a work tree in which nothing leads elsewhere.
struct PlainFolders {
    let root: String

    /// Whether every one of the folders inside of each other is there.
    ///
    /// - Throws: `EngineError.usage` where one is something else.
    func has(_ names: [String]) throws -> Bool {
        var folder = root
        for name in names {
            folder += "/\(name)"
            switch try Self.kind(of: folder) {
            case nil: return false
            case .typeDirectory?: continue
            case _?:
                throw EngineError.usage("\(folder.displayable) is in the way: it is no directory; nothing was written", hint: nil)
            }
        }
        return true
    }

    /// What stands at a path itself, be it a link; nil for nothing.
    static func kind(of path: String) throws -> FileAttributeType? {
        do {
            return try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        } catch CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile {
            return nil
        }
    }
}
