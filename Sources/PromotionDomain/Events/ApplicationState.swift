public import GitOpsTypes

/// What the ledger of one application says, folded.
public struct ApplicationState: Hashable, Sendable {
    public let application: ApplicationName
    /// In the order of registration, oldest first.
    public internal(set) var releases: [Release]
    /// By number, ascending. A state that was made for one facts may lack those that it has nothing to do with.
    public internal(set) var promotions: [Promotion]
    /// In the order they were recorded.
    public internal(set) var verifications: [Verification]
    /// By environment, oldest first; the last one is what is desired now, unless it has ended.
    public internal(set) var deployments: [EnvironmentName: [Deployment]]
    /// The environments that run what is no registered release.
    public internal(set) var unregistered: [EnvironmentName: UnregisteredContent]
    public internal(set) var nextPromotionNumber: Int
    /// The environments that are stopped.
    public internal(set) var holds: [EnvironmentName: Hold]
    /// The releases that are quarantined. A state that was made for one facts may lack those of others.
    public internal(set) var yanks: [ReleaseID: Yank]
    /// What came into environments unauthorized, oldest first.
    public internal(set) var violations: [EnvironmentName: [Violation]]
    /// All there ever were, in the order they were placed; only the ledger of environments has any.
    public internal(set) var freezes: [Freeze]
    /// All there ever were by head, those that were taken back among them; only the ledger of environments has any.
    public internal(set) var changeApprovals: [CommitID: [ChangeApproval]]
    /// Changes of the policy that do not count and were recorded, oldest first; only the ledger of environments has any.
    public internal(set) var policyViolations: [Violation]

    // Where things are in the arrays, so that no facts takes longer the longer the history is.
    var releasePlaces: [ReleaseID: Int] = [:]
    /// By the first seven digits of the source commit, which every name of it has.
    var buildPlaces: [Substring: [Int]] = [:]
    /// Of charts, by their names and tags.
    var versionPlaces: [ImageReference: [Int]] = [:]
    var verificationPlaces: [Tested: [Int]] = [:]
    var openPlaces: [EnvironmentName: [Int]] = [:]

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

    /// Whether `release` was registered before `other`, or ran before anything was; false when one of them is not known.
    public func isRelease(_ release: ReleaseID, olderThan other: ReleaseID) -> Bool {
        guard let place = releasePlaces[release], let otherPlace = releasePlaces[other] else { return false }
        guard releases[place].isBaseline == releases[otherPlace].isBaseline else { return releases[place].isBaseline }
        return place < otherPlace
    }

    /// The releases that were built from `commit`, oldest first.
    public func releases(builtFrom commit: SourceCommit) -> [Release] {
        (buildPlaces[commit.text.prefix(7)] ?? []).map { releases[$0] }
            .filter { $0.build.commit.map(commit.isSame) == true }
    }

    /// The releases that have a chart in the version of `chart`, oldest first; none where it has none.
    func releases(withVersionOf chart: ReleaseImage) -> [Release] {
        guard chart.tag != nil else { return [] }
        return (versionPlaces[ImageReference(name: chart.name, tag: chart.tag)] ?? []).map { releases[$0] }
    }

    public func promotion(_ number: Int) -> Promotion? {
        place(ofPromotion: number).map { promotions[$0] }
    }

    func place(ofPromotion number: Int) -> Int? {
        // Numbers come from the ledger, where anything can be written.
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

    /// The state of a promotion as people see it: a merged one is verified or failed once that was recorded.
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
}
