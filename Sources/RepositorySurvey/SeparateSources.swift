import GitOpsTypes
import PromotionDomain

/// Sources that have places of their own: no environment's place is inside of another's, which no policy allows.
struct SeparateSources {
    private(set) var kept: [RenderedSource] = []
    private(set) var guesses: [Guess] = []
    private var owners: [RepositoryPath: EnvironmentName] = [:]
    /// Every folder that a place is in, with one of those.
    private var around: [RepositoryPath: RepositoryPath] = [:]

    /// - Parameters:
    ///   - sources: the first of two that are in each other's way is kept.
    ///   - existing: whose places are taken already.
    init(_ sources: [RenderedSource], besides existing: Policy?) {
        for application in existing?.applications ?? [] {
            for environment in existing?.environments ?? [] where application.has(environment.name) {
                for path in application.place(in: environment.name).ownPaths { take(path, environment.name) }
            }
        }
        for source in sources { add(source) }
    }

    private mutating func add(_ rendered: RenderedSource) {
        let places = rendered.source.environments.flatMap { environment in
            rendered.source.source.place(of: .surveyed, in: environment).ownPaths.map { (path: $0, environment: environment) }
        }
        // What is on branches has the same places in each.
        if rendered.source.template.hasEnvironment,
            let other = places.compactMap({ obstacle(to: $0.path, $0.environment) }).first
        {
            guesses.append(
                Guess(
                    about: "\(rendered.source.template.text) is left alone",
                    because: "\(other) is inside of it, or around it: a promotion of one would change the other"))
            return
        }
        for (path, environment) in places { take(path, environment) }
        kept.append(rendered)
    }

    private mutating func take(_ path: RepositoryPath, _ environment: EnvironmentName) {
        owners[path] = environment
        var folder = path
        while !folder.isRoot {
            folder = folder.parent
            around[folder] = path
        }
    }

    /// A place that one at `path` could not be beside.
    private func obstacle(to path: RepositoryPath, _ environment: EnvironmentName) -> RepositoryPath? {
        if let owner = owners[path], owner != environment { return path }
        if let inner = around[path] { return inner }
        var folder = path
        while !folder.isRoot {
            folder = folder.parent
            if owners[folder] != nil { return folder }
        }
        return nil
    }
}
