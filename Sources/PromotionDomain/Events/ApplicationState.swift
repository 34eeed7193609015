public import GitOpsTypes

/// What the ledger of one application says, folded.
public struct ApplicationState: Hashable, Sendable {
    public let application: ApplicationName
    /// In the order of registration, oldest first.
    public private(set) var releases: [Release]
    /// By number, ascending. A state that was made for one question may lack those that it has nothing to do with.
    public private(set) var promotions: [Promotion]
    /// In the order they were recorded.
    public internal(set) var verifications: [Verification]
    /// By environment, oldest first; the last one is what is desired now, unless it has ended.
    public internal(set) var deployments: [EnvironmentName: [Deployment]]
    /// The environments that run what is no registered release.
    public internal(set) var unregistered: [EnvironmentName: UnregisteredContent]
    public private(set) var nextPromotionNumber: Int
    /// The environments that are stopped.
    public private(set) var holds: [EnvironmentName: Hold]
    /// The releases that are quarantined. A state that was made for one question may lack those of others.
    public private(set) var yanks: [ReleaseID: Yank]
    /// What came into environments unauthorized, oldest first.
    public internal(set) var violations: [EnvironmentName: [Violation]]
    /// All there ever were, in the order they were placed; only the ledger of environments has any.
    public private(set) var freezes: [Freeze]
    /// All there ever were by head, those that were taken back among them; only the ledger of environments has any.
    public private(set) var changeApprovals: [CommitID: [ChangeApproval]]
    /// Changes of the policy that do not count and were recorded, oldest first; only the ledger of environments has any.
    public private(set) var policyViolations: [Violation]

    // Where things are in the arrays, so that no question takes longer the longer the history is.
    private var releasePlaces: [ReleaseID: Int] = [:]
    /// By the first seven digits of the source commit, which every name of it has.
    private var buildPlaces: [Substring: [Int]] = [:]
    var verificationPlaces: [Tested: [Int]] = [:]
    private var openPlaces: [EnvironmentName: [Int]] = [:]

    struct Tested: Hashable {
        let release: ReleaseID
        let environment: EnvironmentName
    }

    /// - Parameter nextPromotionNumber: nil when `promotions` are all there are.
    public init(
        application: ApplicationName, releases: [Release] = [], promotions: [Promotion] = [],
        verifications: [Verification] = [], deployments: [EnvironmentName: [Deployment]] = [:],
        holds: [EnvironmentName: Hold] = [:], yanks: [ReleaseID: Yank] = [:],
        violations: [EnvironmentName: [Violation]] = [:], unregistered: [EnvironmentName: UnregisteredContent] = [:],
        freezes: [Freeze] = [], changeApprovals: [CommitID: [ChangeApproval]] = [:],
        policyViolations: [Violation] = [], nextPromotionNumber: Int? = nil
    ) {
        self.policyViolations = policyViolations
        self.application = application
        self.releases = []
        self.promotions = promotions
        self.verifications = []
        self.deployments = deployments
        self.holds = holds
        self.yanks = yanks
        self.violations = violations
        self.unregistered = unregistered
        self.freezes = freezes
        self.changeApprovals = changeApprovals
        self.nextPromotionNumber = nextPromotionNumber ?? promotions.count + 1
        for release in releases { add(release) }
        for verification in verifications { add(verification) }
        for (place, promotion) in promotions.enumerated() where promotion.isOpen {
            openPlaces[promotion.environment, default: []].append(place)
        }
    }

    // MARK: Questions

    public func release(_ id: ReleaseID) -> Release? {
        releasePlaces[id].map { releases[$0] }
    }

    /// The approvals of the change `head` that hold: the latest word of each approver.
    public func standingApprovals(of head: CommitID) -> [ChangeApproval] {
        (changeApprovals[head] ?? []).filter { $0.withdrawn == nil }
    }

    /// All approvals of changes of the policy there ever were, in an order that depends on them alone.
    public var policyApprovals: [ChangeApproval] {
        changeApprovals.values.flatMap { $0 }.filter { $0.policy != nil }.sorted {
            ($0.at, $0.head, $0.by, $0.policyCommit) < ($1.at, $1.head, $1.by, $1.policyCommit)
        }
    }

    /// What taints an environment, oldest first.
    public func openViolations(in environment: EnvironmentName) -> [Violation] {
        (violations[environment] ?? []).filter { $0.accepted == nil }
    }

    /// Whether `release` was registered before `other`; false when one of them is not known.
    public func isRelease(_ release: ReleaseID, olderThan other: ReleaseID) -> Bool {
        guard let place = releasePlaces[release], let otherPlace = releasePlaces[other] else { return false }
        return place < otherPlace
    }

    /// The releases that were built from `commit`, oldest first.
    public func releases(builtFrom commit: SourceCommit) -> [Release] {
        (buildPlaces[commit.text.prefix(7)] ?? []).map { releases[$0] }
            .filter { $0.build.commit.map(commit.isSame) == true }
    }

    public func promotion(_ number: Int) -> Promotion? {
        place(ofPromotion: number).map { promotions[$0] }
    }

    private func place(ofPromotion number: Int) -> Int? {
        // Numbers come from the ledger, where anybody can write anything.
        guard number >= 1 else { return nil }
        if promotions.indices.contains(number - 1), promotions[number - 1].number == number { return number - 1 }
        // Only a state that lacks some has them elsewhere, and such a state has few.
        return promotions.firstIndex { $0.number == number }
    }

    /// The promotion into `environment` that is not decided yet.
    public func openPromotion(into environment: EnvironmentName) -> Promotion? {
        openPlaces[environment]?.last.map { promotions[$0] }
    }

    /// The release that `environment` runs by the ledger's word; nil where it runs none, or what is no release.
    public func deployment(in environment: EnvironmentName) -> Deployment? {
        deployments[environment]?.last.flatMap { $0.until == nil ? $0 : nil }
    }

    /// What was recorded about `release` in `environment` and counts, oldest first.
    public func verifications(of release: ReleaseID, in environment: EnvironmentName) -> [Verification] {
        (verificationPlaces[Tested(release: release, environment: environment)] ?? []).map { verifications[$0] }
            .filter { !$0.isVoid }
    }

    /// The last word on whether `release` works in `environment`, and since when that holds without interruption.
    ///
    /// - Parameter counts: whether a word counts.
    public func verification(
        of release: ReleaseID, in environment: EnvironmentName, where counts: (Verification) -> Bool = { _ in true }
    ) -> (latest: Verification, since: Timestamp)? {
        let all = verifications(of: release, in: environment).filter(counts)
        guard let latest = all.last else { return nil }
        let run = all.reversed().prefix { $0.result == latest.result }
        return (latest, run.last?.at ?? latest.at)
    }

    /// The state of a promotion as people see it: a merged one is verified or failed once somebody said so.
    public func phase(of promotion: Promotion) -> PromotionPhase {
        switch promotion.state {
        case .requested: return .requested
        case .open: return .open
        case .closed: return .closed
        case .superseded: return .superseded
        case .merged(let merge):
            let later = verifications(of: promotion.release, in: promotion.environment).last { $0.at >= merge.at }
            switch later?.result {
            case nil: return .merged
            case .passed?: return .verified
            case .failed?: return .failed
            }
        }
    }

    // MARK: Folding

    /// The state after `event`, which admission has judged. Events that make no sense in this state change nothing.
    ///
    /// - Parameter key: the fingerprint of the key that signed the event.
    public mutating func apply(_ event: Event, key: String?) {
        switch event.payload {
        case .releaseRegistered(let payload):
            add(
                Release(
                    id: payload.release, images: payload.images, build: payload.build, registered: event.time,
                    registeredBy: event.actor, key: key, records: payload.records))
        case .promotionRequested(let payload):
            openPlaces[payload.environment, default: []].append(promotions.count)
            nextPromotionNumber += 1
            promotions.append(
                Promotion(
                    number: payload.promotion, environment: payload.environment, origin: payload.from, release: payload.release,
                    content: payload.content, requestedBy: event.actor, requestedAt: event.time, requestKey: key,
                    emergency: payload.emergency, state: .requested))
        case .pullRequestOpened(let payload):
            change(payload.promotion) {
                $0.pullRequest = payload.pullRequest
                $0.state = .open
            }
        case .promotionApproved(let payload):
            change(payload.promotion) { promotion in
                let approver = payload.review?.principal ?? event.actor
                promotion.forget(approver)
                promotion.approvals.append(
                    Approval(
                        by: approver, at: event.time, head: payload.head, rendered: payload.rendered,
                        key: payload.review == nil ? key : nil, review: payload.review, policyCommit: event.policyCommit))
            }
        case .approvalRevoked(let payload):
            change(payload.promotion) { promotion in
                promotion.approvals.removeAll { $0.by == payload.review?.principal ?? event.actor }
            }
        case .promotionRejected(let payload):
            change(payload.promotion) { promotion in
                promotion.forget(event.actor)
                promotion.rejections.append(
                    Rejection(by: event.actor, at: event.time, head: payload.head, reason: payload.reason))
            }
        case .rejectionWithdrawn(let payload):
            change(payload.promotion) { promotion in promotion.rejections.removeAll { $0.by == event.actor } }
        case .promotionMerged(let payload):
            change(payload.promotion) {
                $0.state = .merged(
                    Promotion.Merge(
                        commit: payload.commit, by: payload.onForge?.principal ?? payload.merger ?? event.actor, at: event.time))
            }
            deploy(
                payload.release, in: payload.environment, promotion: payload.promotion, commit: payload.commit, at: event.time)
        case .promotionClosed(let payload):
            change(payload.promotion) {
                $0.state = .closed(Promotion.Closing(reason: payload.reason, by: event.actor, at: event.time))
            }
        case .promotionSuperseded(let payload):
            change(payload.promotion) { $0.state = .superseded(by: payload.by, at: event.time) }
        case .verificationRecorded(let payload):
            add(
                Verification(
                    environment: payload.environment, release: payload.release, result: payload.result,
                    evidence: payload.evidence, by: event.actor, at: event.time, policyCommit: event.policyCommit,
                    key: key))
        case .holdPlaced(let payload):
            holds[payload.environment] = Hold(reason: payload.reason, by: event.actor, at: event.time)
        case .holdLifted(let payload): holds[payload.environment] = nil
        case .releaseYanked(let payload):
            yanks[payload.release] = Yank(reason: payload.reason, by: event.actor, at: event.time)
        case .violationDetected(let payload):
            let violation = Violation(commit: payload.commit, detail: payload.detail, by: event.actor, at: event.time)
            violations[payload.environment, default: []].append(violation)
        case .violationAccepted(let payload):
            accept(payload, by: event.actor, at: event.time)
        case .changeApproved(let payload):
            withdrawApproval(of: payload.head, by: event)
            changeApprovals[payload.head, default: []].append(
                ChangeApproval(
                    by: event.actor, at: event.time, head: payload.head, results: payload.results, policy: payload.policy,
                    key: key, policyCommit: event.policyCommit))
        case .changeApprovalRevoked(let payload): withdrawApproval(of: payload.head, by: event)
        case .policyViolationDetected(let payload):
            policyViolations.append(
                Violation(commit: payload.commit, detail: payload.detail, by: event.actor, at: event.time))
        case .policyViolationAccepted(let payload):
            for index in policyViolations.indices where payload.commits.contains(policyViolations[index].commit) {
                policyViolations[index].accepted = event.time
            }
        case .freezePlaced(let payload):
            freezes.append(
                Freeze(
                    environment: payload.environment, reason: payload.reason, by: event.actor, at: event.time,
                    until: payload.until, policyCommit: event.policyCommit))
        // What it is about was never applied.
        case .eventSkipped: break
        case .freezeLifted(let payload):
            for index in freezes.indices
            where freezes[index].environment == payload.environment && freezes[index].isActive(at: event.time) {
                freezes[index].lifted = event.time
            }
        }
    }

    /// Remembers that an approval in the ledger does not count, so that checks can say why.
    public mutating func disregard(_ event: Event, because reason: String) {
        guard case .promotionApproved(let payload) = event.payload else { return }
        change(payload.promotion) { $0.disregardedApprovals.append(DisregardedApproval(by: event.actor, reason: reason)) }
    }

    private mutating func withdrawApproval(of head: CommitID, by event: Event) {
        guard var approvals = changeApprovals[head] else { return }
        for index in approvals.indices where approvals[index].by == event.actor && approvals[index].withdrawn == nil {
            approvals[index].withdrawn = event.policyCommit
        }
        changeApprovals[head] = approvals
    }

    private mutating func change(_ number: Int, _ body: (inout Promotion) -> Void) {
        guard let place = place(ofPromotion: number) else { return }
        body(&promotions[place])
        if !promotions[place].isOpen { openPlaces[promotions[place].environment]?.removeAll { $0 == place } }
    }

    /// A release that is registered again keeps its place in the order, and is what the later registration says.
    private mutating func add(_ release: Release) {
        if let place = releasePlaces[release.id] {
            if let commit = releases[place].build.commit { buildPlaces[commit.text.prefix(7)]?.removeAll { $0 == place } }
            if let commit = release.build.commit { buildPlaces[commit.text.prefix(7), default: []].append(place) }
            releases[place] = release
            return
        }
        releasePlaces[release.id] = releases.count
        if let commit = release.build.commit { buildPlaces[commit.text.prefix(7), default: []].append(releases.count) }
        releases.append(release)
    }

    private mutating func add(_ verification: Verification) {
        let tested = Tested(release: verification.release, environment: verification.environment)
        verificationPlaces[tested, default: []].append(verifications.count)
        verifications.append(verification)
    }

    mutating func deploy(
        _ release: ReleaseID, in environment: EnvironmentName, promotion: Int?, commit: CommitID, at time: Timestamp
    ) {
        var history = deployments[environment] ?? []
        if let last = history.last, last.until == nil { history[history.count - 1].until = time }
        unregistered[environment] = nil
        history.append(Deployment(release: release, promotion: promotion, commit: commit, since: time))
        deployments[environment] = history
    }
}

/// What people call the state of a promotion.
public enum PromotionPhase: String, Hashable, Sendable, CaseIterable {
    case requested
    case open
    case merged
    case verified
    case failed
    case closed
    case superseded
}
