import GitOpsTypes

// Which release an environment would take next, or go back to.
extension ApplicationState {
    /// The newest release that an environment could take, whatever keeps it from that, and where it comes from; nil where there is
    /// none upstream.
    public func newestRelease(for environment: Environment) -> (PromotionOrigin, Release)? {
        newestRelease(for: environment) { _, _ in true }
    }

    /// The newest release that an environment may take by itself: verified upstream, and new to it.
    ///
    /// Never one that is older than what runs there, and never one that was closed: what a person decided stands.
    public func nextRelease(into environment: Environment) -> (PromotionOrigin, Release)? {
        let candidate = newestRelease(for: environment) { release, upstream in
            verification(of: release, in: upstream)?.latest.result == .passed
        }
        guard let (origin, release) = candidate else { return nil }
        let present = latestDeployment(in: environment.name)?.release
        if let present, present == release.id || isRelease(release.id, olderThan: present) { return nil }
        let last = promotions.last { $0.environment == environment.name && $0.release == release.id }
        switch last?.state {
        case nil, .superseded: return (origin, release)
        case .requested, .open, .closed, .merged: return nil
        }
    }

    private func newestRelease(
        for environment: Environment, where isReady: (ReleaseID, EnvironmentName) -> Bool
    ) -> (PromotionOrigin, Release)? {
        guard case .environments(let upstream, _) = environment.source else {
            return newestBuild.map { (.build, $0) }
        }
        let candidates = upstream.compactMap { name -> (PromotionOrigin, Release)? in
            guard let deployed = deployment(in: name)?.release, let release = release(deployed), isReady(deployed, name) else {
                return nil
            }
            return (.environment(name), release)
        }
        return candidates.max { isRelease($0.1.id, olderThan: $1.1.id) }
    }

    /// What was registered last; nil where nothing was but what environments ran already.
    public var newestBuild: Release? { releases.last { !$0.isBaseline } }

    /// What ran before the present release and may run again: neither quarantined nor known to fail; nil where there is none.
    public func rollbackTarget(in environment: EnvironmentName) -> Release? {
        let present = deployment(in: environment)?.release
        let candidate = (deployments[environment] ?? []).last { deployment in
            deployment.release != present && yanks[deployment.release] == nil
                && verification(of: deployment.release, in: environment)?.latest.result != .failed
        }
        return candidate.flatMap { release($0.release) }
    }
}
