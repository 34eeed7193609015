import Foundation

/// What a folder has, kept in memory, to be written again somewhere else without starting a program.
struct FolderImage: Hashable, Sendable {
    private enum Item: Hashable {
        case folder
        case file(Data, mode: Int)
        case link(to: String)
    }

    /// By their paths, each folder before what is in it.
    private var items: [(path: String, item: Item)]

    /// - Parameter names: of what is read at the top of the folder; nil for everything.
    init(of folder: URL, only names: Set<String>? = nil) throws {
        items = []
        try read(folder, at: "", only: names)
    }

    static func == (one: FolderImage, other: FolderImage) -> Bool {
        one.items.elementsEqual(other.items) { $0 == $1 }
    }

    func hash(into hasher: inout Hasher) {
        for (path, item) in items {
            hasher.combine(path)
            hasher.combine(item)
        }
    }

    private mutating func read(_ folder: URL, at path: String, only names: Set<String>? = nil) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            guard names?.contains(name) ?? true else { continue }
            let (place, path) = (folder.appending(component: name), path.isEmpty ? name : "\(path)/\(name)")
            let attributes = try FileManager.default.attributesOfItem(atPath: place.path)
            switch attributes[.type] as? FileAttributeType {
            case .typeDirectory?:
                items.append((path, .folder))
                try read(place, at: path)
            case .typeSymbolicLink?:
                items.append((path, .link(to: try FileManager.default.destinationOfSymbolicLink(atPath: place.path))))
            case _:
                let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0o644
                items.append((path, .file(try Data(contentsOf: place), mode: mode)))
            }
        }
    }

    func write(to folder: URL) throws {
        let files = FileManager.default
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        for (path, item) in items {
            let place = folder.path + "/" + path
            switch item {
            case .folder: try files.createDirectory(atPath: place, withIntermediateDirectories: false)
            case .link(let target): try files.createSymbolicLink(atPath: place, withDestinationPath: target)
            case .file(let content, let mode):
                guard files.createFile(atPath: place, contents: content, attributes: [.posixPermissions: mode]) else {
                    throw ToolResult.Failed(description: "\(place) cannot be written")
                }
            }
        }
    }

    /// The same with other words in the files whose paths begin so.
    func replacing(_ old: String, with new: String, in paths: [String]) -> FolderImage {
        var image = self
        for index in items.indices where paths.contains(where: items[index].path.hasPrefix) {
            guard case .file(let content, let mode) = items[index].item else { continue }
            let text = String(decoding: content, as: UTF8.self).replacing(old, with: new)
            image.items[index].item = .file(Data(text.utf8), mode: mode)
        }
        return image
    }

    /// The same with nothing at its top but what is called so.
    func only(_ names: Set<String>) -> FolderImage {
        var image = self
        image.items.removeAll { !names.contains(String($0.path.prefix { $0 != "/" })) }
        return image
    }

    /// The same without what is called so.
    func without(_ paths: Set<String>) -> FolderImage {
        var image = self
        image.items.removeAll { paths.contains($0.path) }
        return image
    }
}
