import GitOpsTypes

// What becomes of the state when an operator accepts what came into an environment: from then on Git's word counts.
extension ApplicationState {
    /// The latest release that `environment` ran by the ledger's word, whether it still does or not.
    public func latestDeployment(in environment: EnvironmentName) -> Deployment? {
        deployments[environment]?.last
    }

    /// The violations by which `environment` may have something else than the ledger says: those that taint it, and those that
    /// were accepted since its last promotion without a record of what was there.
    public func unsettledViolations(in environment: EnvironmentName) -> [Violation] {
        let since = latestDeployment(in: environment)?.since
        return (violations[environment] ?? []).filter { violation in
            guard let accepted = violation.accepted else { return true }
            return violation.settled == nil && since.map { accepted >= $0 } ?? true
        }
    }

    /// The registered release that was found: what the environment runs by the ledger if it is that, else what it ran last, else
    /// what was registered last; nil where it is none.
    public func release(in environment: EnvironmentName, found: FoundContent) -> Release? {
        let past = (deployments[environment] ?? []).reversed().lazy.compactMap { self.release($0.release) }
        return past.first(where: found.isContent) ?? releases.last(where: found.isContent)
    }

    mutating func accept(_ payload: Event.ViolationAccepted, by operator: Principal, at time: Timestamp) {
        violations[payload.environment] = violations[payload.environment]?.map { violation in
            var violation = violation
            if violation.accepted == nil, payload.commits.contains(violation.commit) { violation.accepted = time }
            if violation.accepted != nil, violation.settled == nil { violation.settled = payload.found?.commit }
            return violation
        }
        guard let found = payload.found else { return }
        let environment = payload.environment
        let release = release(in: environment, found: found)
        if let release, deployment(in: environment)?.release == release.id { return }
        displace(in: environment, at: time)
        if let release {
            deploy(release.id, in: environment, promotion: nil, commit: found.commit, at: time)
        } else if found.images?.isEmpty != true {
            unregistered[environment] = UnregisteredContent(content: found, by: `operator`, since: time)
        }
    }

    private mutating func displace(in environment: EnvironmentName, at time: Timestamp) {
        unregistered[environment] = nil
        guard var history = deployments[environment], let last = history.last, last.until == nil else { return }
        history[history.count - 1].until = time
        history[history.count - 1].isDisplaced = true
        deployments[environment] = history
    }

    /// The verifications that an acceptance casts doubt on, by their places: those that say that what the ledger took to be there
    /// works, while something else was found.
    public func doubted(by payload: Event.ViolationAccepted) -> [Int] {
        guard let found = payload.found, let present = deployment(in: payload.environment),
            release(present.release).map(found.isContent) != true
        else { return [] }
        let tested = Tested(release: present.release, environment: payload.environment)
        return (verificationPlaces[tested] ?? []).filter { verifications[$0].result == .passed && !verifications[$0].isVoid }
    }

    /// Counts verifications no more: those at `places`.
    public mutating func void(_ places: [Int]) {
        for place in places where verifications.indices.contains(place) { verifications[place].isVoid = true }
    }
}
