public import GitOpsTypes

/// Everything the ledger of one application says, folded.
public struct ApplicationState: Hashable, Sendable {
    public let application: ApplicationName
    /// In the order of registration, oldest first.
    public private(set) var releases: [Release]
    /// By number: the promotion with number n is at n - 1.
    public private(set) var promotions: [Promotion]
    /// In the order they were recorded.
    public private(set) var verifications: [Verification]
    /// By environment, oldest first; the last one is what is desired now.
    public private(set) var deployments: [EnvironmentName: [Deployment]]

    public init(
        application: ApplicationName, releases: [Release] = [], promotions: [Promotion] = [],
        verifications: [Verification] = [], deployments: [EnvironmentName: [Deployment]] = [:]
    ) {
        self.application = application
        self.releases = releases
        self.promotions = promotions
        self.verifications = verifications
        self.deployments = deployments
    }

    // MARK: Questions

    public func release(_ id: ReleaseID) -> Release? {
        releases.last { $0.id == id }
    }

    public func promotion(_ number: Int) -> Promotion? {
        // Numbers come from the ledger, where anybody can write anything.
        guard number >= 1, number <= promotions.count else { return nil }
        return promotions[number - 1]
    }

    public var nextPromotionNumber: Int { promotions.count + 1 }

    /// The promotion into `environment` that is not decided yet.
    public func openPromotion(into environment: EnvironmentName) -> Promotion? {
        promotions.last { $0.environment == environment && $0.isOpen }
    }

    /// What `environment` runs by the ledger's word.
    public func deployment(in environment: EnvironmentName) -> Deployment? {
        deployments[environment]?.last
    }

    /// The last word on whether `release` works in `environment`, and since when that holds without interruption.
    public func verification(of release: ReleaseID, in environment: EnvironmentName) -> (latest: Verification, since: Timestamp)?
    {
        let all = verifications.filter { $0.release == release && $0.environment == environment }
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
            let later = verifications.filter {
                $0.environment == promotion.environment && $0.release == promotion.release && $0.at >= merge.at
            }
            switch later.last?.result {
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
            releases.append(
                Release(
                    id: payload.release, images: payload.images, build: payload.build, registered: event.time,
                    registeredBy: event.actor))
        case .promotionRequested(let payload):
            promotions.append(
                Promotion(
                    number: payload.promotion, environment: payload.environment, origin: payload.from, release: payload.release,
                    content: payload.content, requestedBy: event.actor, requestedAt: event.time, requestKey: key,
                    state: .requested))
        case .pullRequestOpened(let payload):
            change(payload.promotion) {
                $0.pullRequest = payload.pullRequest
                $0.state = .open
            }
        case .promotionApproved(let payload):
            change(payload.promotion) { promotion in
                promotion.approvals.removeAll { $0.by == event.actor }
                promotion.approvals.append(
                    Approval(by: event.actor, at: event.time, head: payload.head, rendered: payload.rendered, key: key))
            }
        case .approvalRevoked(let payload):
            change(payload.promotion) { promotion in promotion.approvals.removeAll { $0.by == event.actor } }
        case .promotionMerged(let payload):
            change(payload.promotion) {
                $0.state = .merged(Promotion.Merge(commit: payload.commit, by: event.actor, at: event.time))
            }
            deploy(payload.release, in: payload.environment, promotion: payload.promotion, at: event.time)
        case .promotionClosed(let payload):
            change(payload.promotion) {
                $0.state = .closed(Promotion.Closing(reason: payload.reason, by: event.actor, at: event.time))
            }
        case .promotionSuperseded(let payload):
            change(payload.promotion) { $0.state = .superseded(by: payload.by, at: event.time) }
        case .verificationRecorded(let payload):
            verifications.append(
                Verification(
                    environment: payload.environment, release: payload.release, result: payload.result,
                    evidence: payload.evidence, by: event.actor, at: event.time))
        }
    }

    /// Remembers that an approval in the ledger does not count, so that checks can say why.
    public mutating func disregard(_ event: Event, because reason: String) {
        guard case .promotionApproved(let payload) = event.payload else { return }
        change(payload.promotion) { $0.disregardedApprovals.append(DisregardedApproval(by: event.actor, reason: reason)) }
    }

    private mutating func change(_ number: Int, _ body: (inout Promotion) -> Void) {
        guard promotion(number) != nil else { return }
        body(&promotions[number - 1])
    }

    private mutating func deploy(_ release: ReleaseID, in environment: EnvironmentName, promotion: Int, at time: Timestamp) {
        var history = deployments[environment] ?? []
        if !history.isEmpty { history[history.count - 1].until = time }
        history.append(Deployment(release: release, promotion: promotion, since: time))
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
