extension Rule {
    public static let notHeld = Rule("not-held")
}

/// `not-held`: the environment is not stopped for the application. A rollback passes: it is what a hold is often placed for.
struct NotHeldRule: PromotionRule {
    var name: Rule { .notHeld }
    var isBypassable: Bool { true }
    var needs: RuleNeeds { .ledger(check) }

    private func check(_ facts: PromotionFacts) -> Check {
        let environment = facts.environment
        guard let hold = facts.state.holds[environment.name] else {
            return Check(.notHeld, .pass, "\(environment.name) is not held")
        }
        let held = "\(environment.name) is held by \(hold.by): \(hold.reason)"
        if facts.isRollback { return Check(.notHeld, .pass, "\(held); a rollback may go on") }
        return Check(
            .notHeld, .fail, "\(held); `promote resume \(environment.name) --app \(facts.state.application)` lifts it",
            since: hold.at, clearedBy: environment.operators.clearers)
    }
}
