public import GitOpsTypes

extension Event {
    /// A promotion is merged: its release is what the environment is to run.
    public struct PromotionMerged: LedgerEvent {
        public let promotion: Int
        public let environment: EnvironmentName
        public let release: ReleaseID
        public let head: CommitID
        /// The merge commit on the target branch.
        public let commit: CommitID
        /// Who merged it with another program, proven by the commit; nil, and not in the ledger's text, for the actor.
        public let merger: Principal?
        /// Who merged it on the forge, where it was not the actor; nil, and not in the ledger's text, otherwise.
        public let onForge: ForgeWord?

        public init(
            promotion: Int, environment: EnvironmentName, release: ReleaseID, head: CommitID, commit: CommitID,
            merger: Principal? = nil, onForge: ForgeWord? = nil
        ) {
            self.onForge = onForge
            self.merger = merger
            self.promotion = promotion
            self.environment = environment
            self.release = release
            self.head = head
            self.commit = commit
        }

        private enum CodingKeys: String, CodingKey {
            case promotion, environment, release, head, commit, merger, onForge
        }
    }
}

extension Event.PromotionMerged {
    public static var type: EventType { .promotionMerged }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(promotion: promotion, release: release, environment: environment) }
    public var payload: Event.Payload { .promotionMerged(self) }

    public func summary(of application: ApplicationName) -> String {
        let who = onForge.map { "record that \($0.principal) merged" } ?? "merge"
        return "\(who) \(PromotionID(application, promotion)): \(release) is now the desired state of \(environment)"
    }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let (merger, promotion) = try mergerAndPromotion(context)
        guard environment == promotion.environment, release == promotion.release, head == promotion.content.head else {
            throw Refusal(.authorizedMerge, "the merge is not of what \(context.id(promotion)) proposes")
        }
        let facts = try context.facts(on: promotion, into: context.environment(promotion.environment))
        let checks = PromotionJudgement(facts).ledgerChecks(merger: merger)
        if let refusal = checks.refusal(of: "not merged", allowPending: false) { throw refusal }
    }

    /// Who merged it, and the promotion as it was then: what was said after the merge did not permit it.
    private func mergerAndPromotion(_ context: AdmissionContext) throws(Refusal) -> (Actor, Promotion) {
        let promotion = try context.openPromotion(self.promotion)
        if let onForge {
            try context.requireAttested(onForge, of: promotion, context.environment(promotion.environment))
            let merger = Actor(onForge.principal, .forge(login: onForge.login))
            return (merger, onForge.at.map { promotion.judged(until: $0) } ?? promotion)
        }
        guard let merger else { return (context.actor, promotion) }
        let observed = try observation(of: merger, context)
        return (observed.merger, promotion.judged(until: observed.at, besides: observed.late))
    }

    /// What the commit of a merge that was made with another program proves.
    private func observation(of merger: Principal, _ context: AdmissionContext) throws(Refusal) -> ObservedMerge {
        guard commit != head else {
            throw Refusal(
                .authorizedMerge,
                "\(commit.short) is the promotion's own commit: who fast-forwarded the branch to it is not known")
        }
        guard let observed = context.observed, observed.merger.principal == merger else {
            throw Refusal(.authorizedMerge, "\(merger) did not make the commit \(commit.short)")
        }
        guard context.authorization.isProven else {
            throw Refusal(.authorized, "a merge made elsewhere is recorded by an actor whose key allowed_signers lists")
        }
        // A commit that claims a time to come tells nothing of when it was made.
        guard observed.at <= context.time.adding(seconds: EventAdmission.toleranceSeconds) else {
            throw Refusal(
                .authorizedMerge,
                "the commit \(commit.short) is dated \(observed.at), and was found at \(context.time): when it was made is not known"
            )
        }
        return observed
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        let by = onForge?.principal ?? merger ?? origin.actor
        state.change(promotion) { $0.state = .merged(Promotion.Merge(commit: commit, by: by, at: origin.time)) }
        state.deploy(release, in: environment, promotion: promotion, commit: commit, at: origin.time)
    }
}
