import GitOpsTypes

/// Opens a promotion of a release into an environment, in the place of one that is open there.
///
/// A rollback holds the environment as well, so that nothing brings back what it takes away.
public struct RequestPromotion: LedgerCommand {
    public let environment: EnvironmentName
    public let origin: PromotionOrigin
    public let release: ReleaseID
    public let content: PromotionContent
    /// Why checks that only delay are bypassed; nil in ordinary times.
    public let emergency: String?
    /// Why the environment goes back to what it ran before; nil for a promotion forward.
    public let rollback: String?
    /// The pull request, where that is a record in the ledger; nil where a forge is to open it.
    public let pullRequest: PullRequest?

    public init(
        _ release: ReleaseID, from origin: PromotionOrigin, into environment: EnvironmentName, _ content: PromotionContent,
        emergency: String?, rollback: String?, pullRequest: PullRequest?
    ) {
        self.release = release
        self.origin = origin
        self.environment = environment
        self.content = content
        self.emergency = emergency
        self.rollback = rollback
        self.pullRequest = pullRequest
    }

    /// - Returns: the number of the promotion.
    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Int> {
        let number = facts.state.nextPromotionNumber
        var events: [Event.Payload] = []
        if let open = facts.state.openPromotion(into: environment) {
            events.append(.promotionSuperseded(.init(promotion: open.number, by: number)))
        }
        if let rollback, facts.state.holds[environment] == nil {
            events.append(.holdPlaced(.init(environment: environment, reason: "rolled back: \(rollback)")))
        }
        events.append(
            .promotionRequested(
                .init(
                    promotion: number, environment: environment, from: origin, release: release, content: content,
                    emergency: emergency)))
        if let pullRequest {
            events.append(.pullRequestOpened(.init(promotion: number, pullRequest: pullRequest)))
        }
        return Decision(events) { _ in number }
    }
}
