public import GitOpsTypes

extension Event {
    /// Consent to a promotion. Names everything that it is for, so that it means nothing anywhere else.
    public struct PromotionApproved: LedgerEvent {
        public let application: ApplicationName
        public let promotion: Int
        public let environment: EnvironmentName
        public let release: ReleaseID
        public let head: CommitID
        public let rendered: String
        /// The review on the forge that it was given by; nil, and not in the ledger's text, for the actor's own.
        public let review: ForgeWord?

        public init(
            application: ApplicationName, promotion: Int, environment: EnvironmentName, release: ReleaseID, head: CommitID,
            rendered: String, review: ForgeWord? = nil
        ) {
            self.review = review
            self.application = application
            self.promotion = promotion
            self.environment = environment
            self.release = release
            self.head = head
            self.rendered = rendered
        }

        private enum CodingKeys: String, CodingKey {
            case application, promotion, environment, release, head, rendered, review
        }
    }
}

extension Event.PromotionApproved {
    public static var type: EventType { .promotionApproved }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(promotion: promotion, release: release, environment: environment) }
    public var payload: Event.Payload { .promotionApproved(self) }

    public func summary(of application: ApplicationName) -> String {
        let who = review.map { "record that \($0.principal) approved" } ?? "approve"
        return "\(who) \(PromotionID(application, promotion)): \(release) into \(environment)"
    }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        guard application == context.state.application else {
            throw Refusal(.approved, "the approval is for the application \(application)")
        }
        let promotion = try context.openPromotion(self.promotion)
        try requireSame(promotion, context.id(promotion))
        let environment = try context.environment(promotion.environment)
        if let review { return try admit(review, of: promotion, environment, context) }
        let facts = context.facts(on: promotion, into: environment)
        try context.require(facts.approvals.from, "approvers of \(environment.name)")
        // Consent is signed, also where anyone's counts: unsigned names can be made up by the dozen.
        try context.requireProof(of: "an approval")
        if let problem = ApprovalRule().exclusion(of: context.actor.principal, facts, promotion) {
            throw Refusal(
                .approved, "\(context.actor.principal) \(problem)",
                hint: "another approver is needed: \(facts.approvals.from.description)")
        }
    }

    /// That it is for what the promotion proposes.
    private func requireSame(_ promotion: Promotion, _ id: PromotionID) throws(Refusal) {
        guard environment == promotion.environment, release == promotion.release else {
            throw Refusal(
                .approved,
                "the approval is for \(release) into \(environment), and \(id) moves \(promotion.release) into \(promotion.environment)"
            )
        }
        guard head == promotion.content.head, rendered == promotion.content.rendered else {
            throw Refusal(
                .approved, "the approval is for the head \(head.short), and that of \(id) is \(promotion.content.head.short)")
        }
    }

    private func admit(
        _ review: ForgeWord, of promotion: Promotion, _ environment: Environment, _ context: AdmissionContext
    ) throws(Refusal) {
        try context.requireAttested(review, of: promotion, environment)
        let facts = context.facts(on: promotion, into: environment)
        if let problem = ApprovalRule().exclusion(of: review.principal, facts, promotion) {
            throw Refusal(.approved, "\(review.principal) \(problem)")
        }
        guard promotion.isLatestWord(review) else {
            throw Refusal(.approved, "\(review.principal) rejected \(context.id(promotion)) after that review")
        }
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        let approver = review?.principal ?? origin.actor
        let approval = Approval(
            by: approver, at: origin.time, head: head, rendered: rendered, key: review == nil ? origin.key : nil, review: review,
            policyCommit: origin.policyCommit)
        state.change(promotion) { promotion in
            promotion.forget(approver)
            promotion.approvals.append(approval)
        }
    }
}
