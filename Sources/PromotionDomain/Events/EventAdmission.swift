public import GitOpsTypes

/// A merge that was made with another program, as its commit tells.
public struct ObservedMerge: Sendable {
    /// The commit's committer, and what its signature proves.
    public let merger: Actor
    public let at: Timestamp
    /// The tips of the target branch named by the promotion's approvals that have the merge already.
    public var late: Set<CommitID>

    public init(merger: Actor, at: Timestamp, late: Set<CommitID> = []) {
        self.merger = merger
        self.at = at
        self.late = late
    }
}

/// Whether an event may become part of an application's state: the same judgement when it is written and whenever it is read.
///
/// An event in the ledger that is refused here stays in the ledger and is never applied.
public struct EventAdmission {
    /// So far may clocks differ.
    public static let toleranceSeconds: Int64 = 300

    let state: ApplicationState
    let policy: Policy
    private let freezes: [Freeze]
    let isStrict: Bool

    /// - Parameters:
    ///   - policy: the policy at the event's own policy commit.
    ///   - freezes: what may freeze the environment that an event changes.
    ///   - isStrict: false for what a program wrote that did not ask for keys as today's do.
    public init(state: ApplicationState, policy: Policy, freezes: [Freeze], isStrict: Bool = true) {
        self.isStrict = isStrict
        self.freezes = freezes
        self.state = state
        self.policy = policy
    }

    /// - Parameter observed: of an event that tells of a merge made with another program: who made the commit, and when.
    /// - Throws: `Refusal`.
    public func admit(_ event: Event, by actor: Actor, observed: ObservedMerge? = nil) throws(Refusal) {
        let authorization = Authorization(actor, under: policy, at: event.time)
        if let problem = authorization.identityProblem { throw Refusal(.authorized, problem) }
        if case .eventSkipped(let payload) = event.payload { return try admit(payload, by: event.actor, authorization) }
        guard event.payload.isOfEnvironments == (state.application == .environments) else {
            throw Refusal(
                .ledgerIntact, "a \(event.payload.type.rawValue) does not belong into the ledger of \(state.application)")
        }
        if event.payload.isOfEnvironments { return try admitOfEnvironments(event, authorization) }
        guard let application = policy.application(state.application) else {
            throw Refusal(.authorized, "the policy knows no application \(state.application)")
        }
        switch event.payload {
        case .releaseRegistered(let payload): try admit(payload, application, authorization, at: event.time)
        case .promotionRequested(let payload): try admit(payload, at: event.time, authorization)
        case .pullRequestOpened(let payload):
            let promotion = try openPromotion(payload.promotion)
            if promotion.emergency == nil || event.actor != promotion.requestedBy {
                try requireMover(authorization, environment(promotion.environment), isRollback: promotion.isRollback)
            }
            guard promotion.state == .requested else {
                throw Refusal(.oneOpenPromotion, "\(id(promotion)) has a pull request already")
            }
        case .promotionApproved(let payload): try admit(payload, event, authorization)
        case .approvalRevoked(let payload):
            let promotion = try openPromotion(payload.promotion)
            let approver = payload.review?.principal ?? event.actor
            if let review = payload.review {
                try requireAttested(review, of: promotion, environment(promotion.environment), authorization)
            }
            guard promotion.approvals.contains(where: { $0.by == approver && ($0.review == nil) == (payload.review == nil) })
            else { throw Refusal(.approved, "\(approver) has not approved \(id(promotion))") }
        case .promotionRejected(let payload): try admit(payload, by: event.actor, authorization)
        case .rejectionWithdrawn(let payload):
            let promotion = try openPromotion(payload.promotion)
            guard promotion.rejections.contains(where: { $0.by == event.actor }) else {
                throw Refusal(.approved, "\(event.actor) has not rejected \(id(promotion))")
            }
        case .promotionMerged(let payload): try admit(payload, at: event.time, by: actor, observed)
        case .promotionClosed(let payload):
            let promotion = try openPromotion(payload.promotion)
            if let closing = payload.onForge {
                return try requireAttested(closing, of: promotion, environment(promotion.environment), authorization)
            }
            guard event.actor != promotion.requestedBy else { return }
            try requireEither(authorization, environment(promotion.environment))
        case .promotionSuperseded(let payload):
            let promotion = try openPromotion(payload.promotion)
            guard payload.by == state.nextPromotionNumber else {
                throw Refusal(.oneOpenPromotion, "\(id(promotion)) can be superseded by the next promotion only")
            }
            try requireEither(authorization, environment(promotion.environment))
        case .verificationRecorded(let payload): try admit(payload, authorization)
        case .holdPlaced, .holdLifted, .releaseYanked, .violationDetected, .violationAccepted:
            try admitOfOperators(event, authorization)
        case .freezePlaced, .freezeLifted, .changeApproved, .changeApprovalRevoked, .policyViolationDetected,
            .policyViolationAccepted, .eventSkipped:
            break
        }
    }

    /// The environment, where the actor is one of its operators.
    func operated(_ name: EnvironmentName, _ authorization: Authorization) throws(Refusal) -> Environment {
        let environment = try environment(name)
        try require(authorization, environment.operators, "operators of \(name)")
        return environment
    }

    /// A promotion is for promoters, a rollback for operators.
    private func requireMover(
        _ authorization: Authorization, _ environment: Environment, isRollback: Bool
    ) throws(Refusal) {
        if isRollback {
            try require(authorization, environment.operators, "operators of \(environment.name)")
        } else {
            try require(authorization, environment.promoters, "promoters of \(environment.name)")
        }
    }

    /// - Throws: what is wrong with the last of `roles`, when the actor is in none of them.
    func require(_ authorization: Authorization, oneOf roles: [(role: Role, noun: String)]) throws(Refusal) {
        guard let last = roles.last,
            !roles.contains(where: { authorization.problem(with: $0.role, called: $0.noun) == nil })
        else { return }
        // Of a role that the actor has, what keeps them from acting in it.
        let own = roles.last { $0.role.includes(authorization.principal) } ?? last
        try require(authorization, own.role, own.noun)
    }

    private func requireEither(_ authorization: Authorization, _ environment: Environment) throws(Refusal) {
        try require(
            authorization,
            oneOf: [
                (environment.operators, "operators of \(environment.name)"),
                (environment.promoters, "promoters of \(environment.name)"),
            ])
    }

    func requireReason(_ reason: String, _ rule: Rule) throws(Refusal) {
        guard Self.isReason(reason) else { throw Refusal(rule, "a reason is a sentence of up to 1,000 bytes") }
    }

    /// Whether a text may stand in the ledger as somebody's reason: it says something, in at most 1,000 bytes of UTF-8.
    public static func isReason(_ text: String) -> Bool {
        text.contains { !$0.isWhitespace } && text.utf8.count <= 1000
    }

    private func admit(
        _ payload: Event.PromotionRequested, at time: Timestamp, _ authorization: Authorization
    ) throws(Refusal) {
        let environment = try environment(payload.environment)
        if let reason = payload.emergency {
            // Who may break the glass may break it here, whatever else they are.
            try requireReason(reason, .authorized)
            try require(authorization, environment.emergency, "emergency role of \(environment.name)")
        } else {
            try requireMover(authorization, environment, isRollback: payload.from.isRollback(into: environment.name))
        }
        let approvals = environment.approvals(ofRollback: payload.from.isRollback(into: environment.name))
        if isStrict, let problem = authorization.fourEyesProblem(approvals, into: environment.name) {
            throw Refusal(.authorized, problem, hint: Self.keySetUp)
        }
        guard payload.promotion == state.nextPromotionNumber else {
            throw Refusal(.oneOpenPromotion, "the next promotion of \(state.application) is number \(state.nextPromotionNumber)")
        }
        let id = PromotionID(state.application, payload.promotion)
        // Branches of promotions are deleted when they end, so no event may name another branch as one.
        guard payload.content.branch == id.branch(into: environment.name) else {
            throw Refusal(.scope, "\(payload.content.branch) is not the branch of \(id)")
        }
        if let open = state.openPromotion(into: environment.name) {
            throw Refusal(.oneOpenPromotion, "\(self.id(open)) into \(environment.name) is still open")
        }
        var question = PromotionQuestion(
            policy: policy, state: state, environment: environment, release: payload.release, origin: payload.from,
            promotion: nil, time: time, freezes: freezes, emergency: payload.emergency)
        question.isStrict = isStrict
        if let refusal = PromotionJudgement(question).ledgerChecks().refusal(of: "not requested", allowPending: true) {
            throw refusal
        }
    }

    private func admit(_ payload: Event.PromotionApproved, _ event: Event, _ authorization: Authorization) throws(Refusal) {
        guard payload.application == state.application else {
            throw Refusal(.approved, "the approval is for the application \(payload.application)")
        }
        let promotion = try openPromotion(payload.promotion)
        guard payload.environment == promotion.environment, payload.release == promotion.release else {
            throw Refusal(
                .approved,
                "the approval is for \(payload.release) into \(payload.environment), and \(id(promotion)) moves \(promotion.release) into \(promotion.environment)"
            )
        }
        guard payload.head == promotion.content.head, payload.rendered == promotion.content.rendered else {
            throw Refusal(
                .approved,
                "the approval is for the head \(payload.head.short), and that of \(id(promotion)) is \(promotion.content.head.short)"
            )
        }
        let environment = try environment(promotion.environment)
        var question = PromotionQuestion(
            policy: policy, state: state, environment: environment, release: promotion.release, origin: promotion.origin,
            promotion: promotion, time: event.time, freezes: freezes)
        question.isStrict = isStrict
        if let review = payload.review {
            try requireAttested(review, of: promotion, environment, authorization)
            if let problem = ApprovalGate.exclusion(of: review.principal, question, promotion) {
                throw Refusal(.approved, "\(review.principal) \(problem)")
            }
            guard promotion.isLatestWord(review) else {
                throw Refusal(.approved, "\(review.principal) rejected \(id(promotion)) after that review")
            }
            return
        }
        try require(authorization, question.approvals.from, "approvers of \(environment.name)")
        // Consent is signed, also where anybody's counts: unsigned names can be made up by the dozen.
        guard authorization.isProven else {
            throw Self.unsigned("an approval", event.actor)
        }
        if let problem = ApprovalGate.exclusion(of: event.actor, question, promotion) {
            throw Refusal(
                .approved, "\(event.actor) \(problem)",
                hint: "somebody else has to approve: \(question.approvals.from.description)")
        }
    }

    /// - Parameter what: has to be signed.
    static func unsigned(_ what: String, _ person: Principal) -> Refusal {
        Refusal(
            .authorized, "\(what) is signed with a key that allowed_signers lists for \(person), and this one is not",
            hint: keySetUp)
    }

    /// What gives somebody a key that counts.
    public static let keySetUp =
        "git config gpg.format ssh, git config user.signingkey <key>, and a line in environments/allowed_signers"

    private func admit(
        _ payload: Event.PromotionRejected, by rejecter: Principal, _ authorization: Authorization
    ) throws(Refusal) {
        let promotion = try openPromotion(payload.promotion)
        try requireReason(payload.reason, .approved)
        guard payload.head == promotion.content.head else {
            throw Refusal(
                .approved,
                "the rejection is of the head \(payload.head.short), and that of \(id(promotion)) is \(promotion.content.head.short)"
            )
        }
        let environment = try environment(promotion.environment)
        guard authorization.isProven else {
            throw Self.unsigned("a rejection", rejecter)
        }
        try require(authorization, oneOf: environment.rejecters(ofRollback: promotion.isRollback))
    }

    private func admit(
        _ payload: Event.PromotionMerged, at time: Timestamp, by actor: Actor, _ observed: ObservedMerge?
    ) throws(Refusal) {
        var promotion = try openPromotion(payload.promotion)
        var merger = actor
        if let word = payload.onForge {
            let environment = try environment(promotion.environment)
            try requireAttested(
                word, of: promotion, environment, Authorization(actor, under: policy, at: time))
            merger = Actor(word.principal, .forge(login: word.login))
            // What was said after the merge did not permit it.
            if let at = word.at { promotion = promotion.judged(until: at) }
        } else if let named = payload.merger {
            guard payload.commit != payload.head else {
                throw Refusal(
                    .authorizedMerge,
                    "\(payload.commit.short) is the promotion's own commit: who fast-forwarded the branch to it is not known")
            }
            guard let observed, observed.merger.principal == named else {
                throw Refusal(.authorizedMerge, "\(named) did not make the commit \(payload.commit.short)")
            }
            guard Authorization(actor, under: policy, at: time).isProven else {
                throw Refusal(
                    .authorized, "a merge made elsewhere is recorded by somebody whose key allowed_signers lists")
            }
            merger = observed.merger
            // A commit that claims a time to come tells nothing of when it was made.
            guard observed.at <= time.adding(seconds: Self.toleranceSeconds) else {
                throw Refusal(
                    .authorizedMerge,
                    "the commit \(payload.commit.short) is dated \(observed.at), and was found at \(time): when it was made is not known"
                )
            }
            // What was said after the merge did not permit it.
            promotion = promotion.judged(until: observed.at, besides: observed.late)
        }
        guard payload.environment == promotion.environment, payload.release == promotion.release,
            payload.head == promotion.content.head
        else { throw Refusal(.authorizedMerge, "the merge is not of what \(id(promotion)) proposes") }
        var question = PromotionQuestion(
            policy: policy, state: state, environment: try environment(promotion.environment), release: promotion.release,
            origin: promotion.origin, promotion: promotion, time: time, freezes: freezes)
        question.isStrict = isStrict
        let checks = PromotionJudgement(question).ledgerChecks() + [AuthorizedMergeGate.check(question, merger: merger)]
        if let refusal = checks.refusal(of: "not merged", allowPending: false) { throw refusal }
    }

    func environment(_ name: EnvironmentName) throws(Refusal) -> Environment {
        guard let environment = policy.environment(name) else {
            throw Refusal(.authorized, "the policy knows no environment \(name)")
        }
        return environment
    }

    private func openPromotion(_ number: Int) throws(Refusal) -> Promotion {
        guard let promotion = state.promotion(number) else {
            throw Refusal(.oneOpenPromotion, "there is no promotion \(PromotionID(state.application, number))")
        }
        guard promotion.isOpen else {
            throw Refusal(
                .oneOpenPromotion, "\(id(promotion)) is \(state.phase(of: promotion).rawValue), not open",
                hint: "it is decided: promote show \(id(promotion)); \(next(after: promotion))")
        }
        return promotion
    }

    /// What can be done instead of what a promotion that is decided takes no more.
    private func next(after promotion: Promotion) -> String {
        let (target, application) = (promotion.environment, state.application)
        if case .superseded(let number, _) = promotion.state {
            return "the one that took its place is \(PromotionID(application, number))"
        }
        if case .merged = promotion.state {
            return "what it brought is taken back with promote rollback \(target) --app \(application) --reason <why>"
        }
        let again =
            promotion.isRollback
            ? "rollback \(target) --app \(application) --to \(promotion.release) --reason <why>"
            : "\(promotion.origin) \(target) --app \(application) --release \(promotion.release)"
        return "the same is asked for anew with promote \(again)"
    }

    func require(_ authorization: Authorization, _ role: Role, _ noun: String) throws(Refusal) {
        guard let problem = authorization.problem(with: role, called: noun) else { return }
        throw Refusal(
            .authorized, problem,
            hint: role.principals.isEmpty ? nil : "can be done by \(role.principals.map(\.text).joined(separator: ", "))",
            role: role)
    }

    func id(_ promotion: Promotion) -> PromotionID {
        PromotionID(state.application, promotion.number)
    }
}
