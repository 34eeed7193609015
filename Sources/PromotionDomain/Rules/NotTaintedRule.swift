import GitOpsTypes

extension Rule {
    public static let notTainted = Rule("not-tainted")
}

/// `not-tainted`: nothing is promoted out of an environment that something unauthorized came into, until that is accepted.
struct NotTaintedRule: PromotionRule {
    var name: Rule { .notTainted }
    var isBypassable: Bool { true }
    var needs: RuleNeeds { .ledger(check) }

    private func check(_ facts: PromotionFacts) -> Check {
        guard !facts.isRollback else { return Check(.notTainted, .pass, "a rollback comes from no other environment") }
        for name in facts.environment.source.environments {
            guard let violation = facts.state.openViolations(in: name).first else { continue }
            let operators = facts.policy.environment(name)?.operators ?? .anyone
            return Check(
                .notTainted, .fail,
                "\(name) is tainted by \(violation.commit.short): \(violation.detail); "
                    + "`promote accept \(name) --app \(facts.state.application) --reason …` once it is understood",
                since: violation.at, clearedBy: operators.clearers)
        }
        let sources = facts.environment.source.environments.map(\.text).joined(separator: ", ")
        return Check(.notTainted, .pass, sources.isEmpty ? "comes from the build" : "no violation is open in \(sources)")
    }
}
