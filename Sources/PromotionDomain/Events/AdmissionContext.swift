import GitOpsTypes

/// What an event is judged by, and what several types of events ask for.
public struct AdmissionContext {
    let state: ApplicationState
    /// The policy at the event's own policy commit.
    let policy: Policy
    /// What may freeze the environment that the event changes.
    let freezes: [Freeze]
    /// False for what a program wrote that did not ask for keys as today's do.
    let isStrict: Bool
    /// Who wrote the event.
    let actor: Actor
    /// When, by the event itself.
    let time: Timestamp
    /// Who made the commit of a merge made with another program, and when.
    let observed: ObservedMerge?
    /// What the actor may do under the policy.
    let authorization: Authorization

    init(
        state: ApplicationState, policy: Policy, freezes: [Freeze], isStrict: Bool, actor: Actor, time: Timestamp,
        observed: ObservedMerge?
    ) {
        self.state = state
        self.policy = policy
        self.freezes = freezes
        self.isStrict = isStrict
        self.actor = actor
        self.time = time
        self.observed = observed
        authorization = Authorization(actor, under: policy, at: time)
    }

    // MARK: What there has to be

    /// The application whose ledger it is.
    func application() throws(Refusal) -> Application {
        guard let application = policy.anyApplication(state.application) else {
            throw Refusal(.authorized, "the policy knows no application \(state.application)")
        }
        return application
    }

    /// The environment as it is for the application whose ledger it is.
    func environment(_ name: EnvironmentName) throws(Refusal) -> Environment {
        guard let environment = policy.environment(name) else {
            throw Refusal(.authorized, "the policy knows no environment \(name)")
        }
        guard let application = policy.anyApplication(state.application) else { return environment }
        guard let own = policy.environment(name, of: application) else {
            throw Refusal(.authorized, "\(application.name) has no environment \(name), by the policy")
        }
        return own
    }

    func openPromotion(_ number: Int) throws(Refusal) -> Promotion {
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

    func requireReason(_ reason: String, _ rule: Rule) throws(Refusal) {
        guard EventAdmission.isReason(reason) else { throw Refusal(rule, "a reason is a sentence of up to 1,000 bytes") }
    }

    // MARK: What the actor has to be

    /// - Throws: `Refusal` unless the actor has the role.
    func require(_ role: Role, _ noun: String) throws(Refusal) {
        guard let problem = authorization.problem(with: role, called: noun) else { return }
        throw Refusal(
            .authorized, problem,
            hint: role.principals.isEmpty ? nil : "can be done by \(role.principals.map(\.text).joined(separator: ", "))",
            role: role)
    }

    /// - Throws: what is wrong with the last of `roles`, when the actor is in none of them.
    func require(oneOf roles: [(role: Role, noun: String)]) throws(Refusal) {
        guard let last = roles.last,
            !roles.contains(where: { authorization.problem(with: $0.role, called: $0.noun) == nil })
        else { return }
        // Of a role that the actor has, what keeps them from acting in it.
        let own = roles.last { $0.role.includes(actor.principal) } ?? last
        try require(own.role, own.noun)
    }

    /// The environment, where the actor is one of its operators.
    func operated(_ name: EnvironmentName) throws(Refusal) -> Environment {
        let environment = try environment(name)
        try require(environment.operators, "operators of \(name)")
        return environment
    }

    /// A promotion is for promoters, a rollback for operators.
    func requireMover(_ environment: Environment, isRollback: Bool) throws(Refusal) {
        if isRollback {
            try require(environment.operators, "operators of \(environment.name)")
        } else {
            try require(environment.promoters, "promoters of \(environment.name)")
        }
    }

    /// What ends a promotion is for operators and promoters alike.
    func requireOperatorOrPromoter(_ environment: Environment) throws(Refusal) {
        try require(
            oneOf: [
                (environment.operators, "operators of \(environment.name)"),
                (environment.promoters, "promoters of \(environment.name)"),
            ])
    }

    /// - Parameter what: has to be signed.
    func requireProof(of what: String) throws(Refusal) {
        guard authorization.isProven else {
            throw Refusal(
                .authorized,
                "\(what) is signed with a key that allowed_signers lists for \(actor.principal), and this one is not",
                hint: Self.keySetUp)
        }
    }

    /// What makes a key count.
    static let keySetUp =
        "git config gpg.format ssh, git config user.signingkey <key>, and a line in environments/allowed_signers"

    // MARK: What it is about

    func id(_ promotion: Promotion) -> PromotionID {
        PromotionID(state.application, promotion.number)
    }

    /// What the rules ask of a promotion that exists.
    func facts(on promotion: Promotion, into environment: Environment) -> PromotionFacts {
        var facts = PromotionFacts(
            policy: policy, state: state, environment: environment, release: promotion.release, origin: promotion.origin,
            promotion: promotion, time: time, freezes: freezes)
        facts.isStrict = isStrict
        return facts
    }
}
