public import GitOpsTypes

extension Policy {
    /// Two places of the policy that cannot both be promoted into by themselves.
    public struct PlaceConflict: Hashable, Sendable {
        public let path: RepositoryPath
        /// A sentence for people.
        public let text: String
    }

    /// The first directory or file that two environments of one branch share, or that has another's place inside; nil where there
    /// is none. Applications may share the whole overlay of one environment.
    public var placeConflict: PlaceConflict? {
        let branches = Dictionary(grouping: environments, by: \.branch)
        for environments in branches.values.sorted(by: { $0[0].name < $1[0].name }) {
            if let conflict = conflict(among: environments) { return conflict }
        }
        return nil
    }

    private func conflict(among environments: [Environment]) -> PlaceConflict? {
        var overlays: [RepositoryPath: EnvironmentName] = [:]
        var files: [RepositoryPath: EnvironmentName] = [:]
        for environment in environments.map(\.name) {
            for application in applications + sets.map(\.model) where application.has(environment) {
                for path in application.place(in: environment).ownPaths {
                    if let other = overlays.updateValue(environment, forKey: path), other != environment {
                        return PlaceConflict(path: path, text: "it is an overlay of \(other) and of \(environment)")
                    }
                }
                for file in application.filePaths(in: environment) {
                    if let other = files.updateValue(environment, forKey: file), other != environment {
                        return PlaceConflict(path: file, text: "it is a file of \(other) and of \(environment)")
                    }
                }
            }
        }
        // In any order whether there is one, and in theirs which it is: there seldom is.
        if Self.nesting(overlays.keys, in: overlays, areOverlays: true) != nil {
            return Self.nesting(overlays.keys.sorted(), in: overlays, areOverlays: true)
        }
        return Self.nesting(files.keys.sorted(), in: overlays, of: files, areOverlays: false)
    }

    private static func nesting(
        _ paths: some Collection<RepositoryPath>, in overlays: [RepositoryPath: EnvironmentName],
        of owners: [RepositoryPath: EnvironmentName] = [:], areOverlays: Bool
    ) -> PlaceConflict? {
        // Most overlays are in the same few folders, and no overlay may be one of those, or around it.
        var looked: Set<RepositoryPath> = []
        for path in paths {
            var folder = path
            while !folder.isRoot {
                folder = folder.parent
                if areOverlays, !looked.insert(folder).inserted { break }
                guard let outer = overlays[folder] else { continue }
                // A file in an overlay of its own environment is there with it.
                if !areOverlays, owners[path] == outer { continue }
                return PlaceConflict(path: path, text: "it is inside \(folder), which is an overlay of \(outer)")
            }
        }
        return nil
    }
}
