import GitOpsTypes

extension Event {
    /// A promotion, or a rollback: one release is to move into one environment.
    public struct PromotionRequested: LedgerEvent {
        public let promotion: Int
        public let environment: EnvironmentName
        public let from: PromotionOrigin
        public let release: ReleaseID
        public let content: PromotionContent
        /// Why checks that only delay are bypassed; nil, and not in the ledger's text, in ordinary times.
        public let emergency: String?

        public init(
            promotion: Int, environment: EnvironmentName, from: PromotionOrigin, release: ReleaseID, content: PromotionContent,
            emergency: String? = nil
        ) {
            self.emergency = emergency
            self.promotion = promotion
            self.environment = environment
            self.from = from
            self.release = release
            self.content = content
        }

        private enum CodingKeys: String, CodingKey {
            case promotion, environment, from, release, content, emergency
        }
    }
}

extension Event.PromotionRequested {
    public static var type: EventType { .promotionRequested }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(promotion: promotion, release: release, environment: environment) }
    public var payload: Event.Payload { .promotionRequested(self) }

    public func summary(of application: ApplicationName) -> String {
        let id = PromotionID(application, promotion)
        let emergency = emergency.map { ", in an EMERGENCY: \($0)" } ?? ""
        return from.isRollback(into: environment)
            ? "request \(id): roll \(environment) back to \(release)\(emergency)"
            : "request \(id): \(release) from \(from) into \(environment)\(emergency)"
    }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let environment = try context.environment(self.environment)
        try requireRole(context, environment)
        let approvals = environment.approvals(ofRollback: from.isRollback(into: environment.name))
        if context.isStrict, let problem = context.authorization.fourEyesProblem(approvals, into: environment.name) {
            throw Refusal(.authorized, problem, hint: AdmissionContext.keySetUp)
        }
        try requirePlace(context.state, environment.name)
        var facts = PromotionFacts(
            policy: context.policy, state: context.state, environment: environment, release: release, origin: from,
            promotion: nil, time: context.time, freezes: context.freezes, emergency: emergency)
        facts.isStrict = context.isStrict
        if let refusal = PromotionJudgement(facts).ledgerChecks().refusal(of: "not requested", allowPending: true) {
            throw refusal
        }
    }

    private func requireRole(_ context: AdmissionContext, _ environment: Environment) throws(Refusal) {
        guard let emergency else {
            return try context.requireMover(environment, isRollback: from.isRollback(into: environment.name))
        }
        // Who may break the glass may break it here, whatever else they are.
        try context.requireReason(emergency, .authorized)
        try context.require(environment.emergency, "emergency role of \(environment.name)")
    }

    /// The next number, its own branch, and no other promotion in the way.
    private func requirePlace(_ state: ApplicationState, _ environment: EnvironmentName) throws(Refusal) {
        guard promotion == state.nextPromotionNumber else {
            throw Refusal(.oneOpenPromotion, "the next promotion of \(state.application) is number \(state.nextPromotionNumber)")
        }
        let id = PromotionID(state.application, promotion)
        // Branches of promotions are deleted when they end, so no event may name another branch as one.
        guard content.branch == id.branch(into: environment) else {
            throw Refusal(.scope, "\(content.branch) is not the branch of \(id)")
        }
        if let open = state.openPromotion(into: environment) {
            let other = PromotionID(state.application, open.number)
            throw Refusal(.oneOpenPromotion, "\(other) into \(environment) is still open")
        }
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        state.add(
            Promotion(
                number: promotion, environment: environment, origin: from, release: release, content: content,
                requestedBy: origin.actor, requestedAt: origin.time, requestKey: origin.key, emergency: emergency,
                state: .requested))
    }
}
