import GitOpsTypes

/// `not-tainted`: nothing is promoted out of an environment that something unauthorized came into, until that is accepted.
enum NotTaintedGate {
    static func check(_ question: PromotionQuestion) -> Check {
        guard !question.isRollback else { return Check(.notTainted, .pass, "a rollback comes from no other environment") }
        for name in question.environment.source.environments {
            guard let violation = question.state.openViolations(in: name).first else { continue }
            let operators = question.policy.environment(name)?.operators ?? .anyone
            return Check(
                .notTainted, .fail,
                "\(name) is tainted by \(violation.commit.short): \(violation.detail); "
                    + "`promote accept \(name) --app \(question.state.application) --reason …` once it is understood",
                since: violation.at, clearedBy: operators.principals.map(\.text))
        }
        let sources = question.environment.source.environments.map(\.text).joined(separator: ", ")
        return Check(.notTainted, .pass, sources.isEmpty ? "comes from the build" : "no violation is open in \(sources)")
    }
}
