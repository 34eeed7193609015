import GitOpsTypes

extension Rule {
    public static let noSilentDowngrade = Rule("no-silent-downgrade")
}

/// `no-silent-downgrade`: a release older than the one deployed moves only through a rollback, and a rollback only to what the
/// environment ran before.
struct NoSilentDowngradeRule: PromotionRule {
    var name: Rule { .noSilentDowngrade }
    var isBypassable: Bool { false }
    var needs: RuleNeeds { .ledger(check) }

    private func check(_ facts: PromotionFacts) -> Check {
        let (state, environment) = (facts.state, facts.environment.name)
        if facts.isRollback { return rollback(facts) }
        // Where something else was accepted instead, what the environment ran last is what may not be undercut.
        guard let present = state.latestDeployment(in: environment)?.release else {
            return Check(.noSilentDowngrade, .pass, "\(environment) runs nothing yet")
        }
        guard state.isRelease(facts.release, olderThan: present) else {
            return Check(.noSilentDowngrade, .pass, "not older than \(present), which \(environment) runs")
        }
        return Check(
            .noSilentDowngrade, .fail,
            "\(facts.release) is older than \(present), which \(environment) runs: "
                + "`promote rollback \(environment) --app \(state.application) --to \(facts.release) --reason …`")
    }

    private func rollback(_ facts: PromotionFacts) -> Check {
        let (state, environment) = (facts.state, facts.environment.name)
        guard let past = state.deployments[environment]?.last(where: { $0.release == facts.release && $0.until != nil }) else {
            return Check(
                .noSilentDowngrade, .fail,
                "\(facts.release) never ran in \(environment) before, and a rollback goes back to what did")
        }
        if let (latest, _) = state.verification(of: facts.release, in: environment), latest.result == .failed {
            return Check(
                .noSilentDowngrade, .fail,
                "\(facts.release) failed verification in \(environment) at \(latest.at): name another with --to",
                since: latest.at)
        }
        return Check(.noSilentDowngrade, .pass, "\(environment) ran it from \(past.since) to \(past.until ?? facts.time)")
    }
}
