import GitOpsTypes

// How events become part of the state.
extension ApplicationState {
    /// The state after `event`, which admission has judged. Events that make no sense in this state change nothing.
    ///
    /// - Parameter key: the fingerprint of the key that signed the event.
    public mutating func apply(_ event: Event, key: String?) {
        event.payload.event.apply(to: &self, EventOrigin(of: event, key: key))
    }

    /// Remembers that an approval in the ledger does not count, so that checks can say why.
    public mutating func disregard(_ event: Event, because reason: String) {
        guard case .promotionApproved(let approval) = event.payload else { return }
        change(approval.promotion) { $0.disregardedApprovals.append(DisregardedApproval(by: event.actor, reason: reason)) }
    }

    // MARK: What events change

    /// A release that is registered again keeps its place in the order, and is what the later registration says.
    mutating func add(_ release: Release) {
        let place = releasePlaces[release.id] ?? releases.count
        if place < releases.count {
            forget(place)
            releases[place] = release
        } else {
            releasePlaces[release.id] = place
            releases.append(release)
        }
        if let commit = release.build.commit { buildPlaces[commit.text.prefix(7), default: []].append(place) }
        for chart in release.images.charts where chart.tag != nil {
            versionPlaces[ImageReference(name: chart.name, tag: chart.tag), default: []].append(place)
        }
    }

    /// What the release at a place was found by.
    private mutating func forget(_ place: Int) {
        let release = releases[place]
        if let commit = release.build.commit { buildPlaces[commit.text.prefix(7)]?.removeAll { $0 == place } }
        for chart in release.images.charts {
            versionPlaces[ImageReference(name: chart.name, tag: chart.tag)]?.removeAll { $0 == place }
        }
    }

    mutating func add(_ verification: Verification) {
        let tested = Tested(release: verification.release, environment: verification.environment)
        verificationPlaces[tested, default: []].append(verifications.count)
        verifications.append(verification)
    }

    /// The next promotion, which is open.
    mutating func add(_ promotion: Promotion) {
        openPlaces[promotion.environment, default: []].append(promotions.count)
        nextPromotionNumber += 1
        promotions.append(promotion)
    }

    /// Changes the promotion of that number, where there is one.
    mutating func change(_ number: Int, _ body: (inout Promotion) -> Void) {
        guard let place = place(ofPromotion: number) else { return }
        body(&promotions[place])
        if !promotions[place].isOpen { openPlaces[promotions[place].environment]?.removeAll { $0 == place } }
    }

    mutating func deploy(
        _ release: ReleaseID, in environment: EnvironmentName, promotion: Int?, commit: CommitID, at time: Timestamp,
        asBaseline baseline: FoundContent? = nil
    ) {
        var history = deployments[environment] ?? []
        if let last = history.last, last.until == nil { history[history.count - 1].until = time }
        unregistered[environment] = nil
        history.append(
            Deployment(release: release, promotion: promotion, commit: commit, since: time, baseline: baseline))
        deployments[environment] = history
    }

    /// Ends what `environment` runs, without a promotion.
    mutating func displace(in environment: EnvironmentName, at time: Timestamp) {
        unregistered[environment] = nil
        guard var history = deployments[environment], let last = history.last, last.until == nil else { return }
        history[history.count - 1].until = time
        history[history.count - 1].isDisplaced = true
        deployments[environment] = history
    }

    /// The actor's approval of the change `head`, where there is one that holds, holds no more.
    mutating func withdrawChangeApproval(of head: CommitID, _ origin: EventOrigin) {
        guard var approvals = changeApprovals[head] else { return }
        for index in approvals.indices where approvals[index].by == origin.actor && approvals[index].withdrawn == nil {
            approvals[index].withdrawn = origin.policyCommit
        }
        changeApprovals[head] = approvals
    }
}
