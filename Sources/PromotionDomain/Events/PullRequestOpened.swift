extension Event {
    /// A promotion has its branch and its pull request.
    public struct PullRequestOpened: LedgerEvent {
        public let promotion: Int
        public let pullRequest: PullRequest

        public init(promotion: Int, pullRequest: PullRequest) {
            self.promotion = promotion
            self.pullRequest = pullRequest
        }

        private enum CodingKeys: String, CodingKey {
            case promotion, pullRequest
        }
    }
}

extension Event.PullRequestOpened {
    public static var type: EventType { .pullRequestOpened }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(promotion: promotion) }
    public var payload: Event.Payload { .pullRequestOpened(self) }

    public func summary(of application: ApplicationName) -> String {
        "open pull request #\(pullRequest.number) of \(PromotionID(application, promotion))"
    }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let promotion = try context.openPromotion(self.promotion)
        if promotion.emergency == nil || context.actor.principal != promotion.requestedBy {
            try context.requireMover(context.environment(promotion.environment), isRollback: promotion.isRollback)
        }
        guard promotion.state == .requested else {
            throw Refusal(.oneOpenPromotion, "\(context.id(promotion)) has a pull request already")
        }
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        state.change(promotion) { promotion in
            promotion.pullRequest = pullRequest
            promotion.state = .open
        }
    }
}
