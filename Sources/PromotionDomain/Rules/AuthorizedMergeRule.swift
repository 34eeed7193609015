extension Rule {
    public static let authorizedMerge = Rule("authorized-merge")
}

/// `authorized-merge`: who merges is a merger.
struct AuthorizedMergeRule: PromotionRule {
    var name: Rule { .authorizedMerge }
    var isBypassable: Bool { false }
    var needs: RuleNeeds { .merger(check) }

    private func check(_ facts: PromotionFacts, _ merger: Actor) -> Check {
        let isEmergency = facts.emergency != nil
        let role = isEmergency ? facts.environment.emergency : facts.environment.mergers
        let noun = isEmergency ? "emergency role" : "mergers"
        let authorization = Authorization(merger, under: facts.policy, at: facts.time)
        if let problem = authorization.problem(with: role, called: "\(noun) of \(facts.environment.name)") {
            return Check(.authorizedMerge, .fail, problem, clearedBy: role.principals.map(\.text))
        }
        return Check(.authorizedMerge, .pass, "\(merger.principal) may merge into \(facts.environment.name)")
    }
}
