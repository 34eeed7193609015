import GitOpsTypes

// Environments as they are for one application, which need not have them all.
extension Policy {
    /// The environments that an application has, every one after those it takes releases from.
    public func environments(of application: Application) -> [Environment] {
        guard application.environments != nil else { return environments }
        return environments.compactMap { environment(of: application, like: $0) }
    }

    /// An environment as it is for an application; nil where the application has it not.
    public func environment(_ name: EnvironmentName, of application: Application) -> Environment? {
        environment(name).flatMap { environment(of: application, like: $0) }
    }

    private func environment(of application: Application, like environment: Environment) -> Environment? {
        guard application.has(environment.name) else { return nil }
        guard case .environments(let upstream, let requirement) = environment.source, !upstream.allSatisfy(application.has) else {
            return environment
        }
        var reached: [EnvironmentName] = []
        var passedOver: [EnvironmentName] = []
        reach(upstream, of: application, &reached, past: &passedOver)
        // What another one takes releases from is reached through that one.
        let upstreams = Set(reached.flatMap { ancestors(of: $0) })
        reached.removeAll(where: upstreams.contains)
        return environment.taking(
            from: reached.isEmpty ? .build : .environments(reached, require: requirement), past: passedOver)
    }

    /// All environments that releases come through on the way to one.
    private func ancestors(of name: EnvironmentName) -> Set<EnvironmentName> {
        var found: Set<EnvironmentName> = []
        var next = environment(name)?.source.environments ?? []
        while let name = next.popLast() {
            if found.insert(name).inserted { next += environment(name)?.source.environments ?? [] }
        }
        return found
    }

    /// Finds the nearest environments upstream that the application has. None takes releases from itself, so that this ends.
    private func reach(
        _ upstream: [EnvironmentName], of application: Application, _ reached: inout [EnvironmentName],
        past passedOver: inout [EnvironmentName]
    ) {
        for name in upstream {
            if application.has(name) {
                if !reached.contains(name) { reached.append(name) }
            } else if !passedOver.contains(name) {
                passedOver.append(name)
                reach(environment(name)?.source.environments ?? [], of: application, &reached, past: &passedOver)
            }
        }
    }
}
