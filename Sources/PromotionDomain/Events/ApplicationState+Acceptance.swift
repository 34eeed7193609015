import GitOpsTypes

// What there is to know when an operator accepts what came into an environment: from then on Git's word counts.
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
        let past = (deployments[environment] ?? []).reversed()
        let known = past.first { deployment in
            deployment.isContent(found) || release(deployment.release).map(found.isContent) == true
        }
        return known.flatMap { release($0.release) } ?? releases.last(where: found.isContent)
    }

    /// The verifications that an acceptance casts doubt on, by their places: those that say that what the ledger took to be there
    /// works, while something else was found.
    public func doubted(by acceptance: Event.ViolationAccepted) -> [Int] {
        guard let found = acceptance.found, let present = deployment(in: acceptance.environment),
            release(present.release).map(found.isContent) != true
        else { return [] }
        let tested = Tested(release: present.release, environment: acceptance.environment)
        return (verificationPlaces[tested] ?? []).filter { verifications[$0].result == .passed && !verifications[$0].isVoid }
    }

    /// Counts verifications no more: those at `places`.
    public mutating func void(_ places: [Int]) {
        for place in places where verifications.indices.contains(place) { verifications[place].isVoid = true }
    }
}
