public import GitOpsTypes
public import Kustomize
import PromotionConfiguration

/// Looks where a configuration may be that a clone does not know of: the folder is named by Git's configuration, which no clone has
/// from another. It is never taken for the configuration by that: who may add a folder would else say which policy counts.
public enum ConfigurationSearch {
    /// As many files are looked into.
    private static let maximumFiles = 2_000

    /// The folders at the top of a tree, and in those, that have environments of promote, in their order.
    ///
    /// - Throws: what the files throw.
    static func folders(in files: any FileSource) throws -> [RepositoryPath] {
        var (found, looks): ([RepositoryPath], Int) = ([], 0)
        for folder in try subfolders(of: .root, files) {
            for candidate in try [folder] + subfolders(of: folder, files) {
                if try has(candidate, files, &looks) { found.append(candidate) }
            }
        }
        return found.sorted()
    }

    private static func subfolders(of folder: RepositoryPath, _ files: any FileSource) throws -> [RepositoryPath] {
        try (files.names(in: folder) ?? []).compactMap { name in
            guard name != ".git", let path = folder.appending(name), try !files.isLink(path), try files.names(in: path) != nil
            else { return nil }
            return path
        }
    }

    private static func has(_ folder: RepositoryPath, _ files: any FileSource, _ looks: inout Int) throws -> Bool {
        for name in try files.names(in: folder) ?? [] where PolicyLoader.hasDocuments(name) && looks < maximumFiles {
            looks += 1
            guard let path = folder.appending(name), case .file(let bytes) = try files.entry(at: path) else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            if text.contains("apiVersion: \(PolicyLoader.apiVersion)"), text.contains("kind: Environment") { return true }
        }
        return false
    }

    /// What has a clone look in another folder; nil where its own has environments, and where none has.
    ///
    /// - Parameter own: where it looks.
    /// - Throws: what the files throw.
    public static func remedy(in files: any FileSource, besides own: RepositoryPath) throws -> String? {
        let folders = try folders(in: files)
        guard !folders.contains(own) else { return nil }
        switch folders.count {
        case 0: return nil
        case 1: return "git config promote.directory \(folders[0].description.displayable.shellWord)"
        default:
            let names = folders.map(\.description.displayable.shellWord).joined(separator: " or ")
            return "git config promote.directory <folder>: \(names)"
        }
    }
}
