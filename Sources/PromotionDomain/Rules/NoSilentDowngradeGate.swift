import GitOpsTypes

/// `no-silent-downgrade`: a release older than the one deployed moves only through a rollback, and a rollback only to what the
/// environment ran before.
enum NoSilentDowngradeGate {
    static func check(_ question: PromotionQuestion) -> Check {
        let (state, environment) = (question.state, question.environment.name)
        if question.isRollback { return rollback(question) }
        // Where something else was accepted instead, what the environment ran last is what may not be undercut.
        guard let present = state.latestDeployment(in: environment)?.release else {
            return Check(.noSilentDowngrade, .pass, "\(environment) runs nothing yet")
        }
        guard state.isRelease(question.release, olderThan: present) else {
            return Check(.noSilentDowngrade, .pass, "not older than \(present), which \(environment) runs")
        }
        return Check(
            .noSilentDowngrade, .fail,
            "\(question.release) is older than \(present), which \(environment) runs: "
                + "`promote rollback \(environment) --app \(state.application) --to \(question.release) --reason …`")
    }

    private static func rollback(_ question: PromotionQuestion) -> Check {
        let (state, environment) = (question.state, question.environment.name)
        guard let past = state.deployments[environment]?.last(where: { $0.release == question.release && $0.until != nil }) else {
            return Check(
                .noSilentDowngrade, .fail,
                "\(question.release) never ran in \(environment) before, and a rollback goes back to what did")
        }
        if let (latest, _) = state.verification(of: question.release, in: environment), latest.result == .failed {
            return Check(
                .noSilentDowngrade, .fail,
                "\(question.release) failed verification in \(environment) at \(latest.at): name another with --to",
                since: latest.at)
        }
        return Check(.noSilentDowngrade, .pass, "\(environment) ran it from \(past.since) to \(past.until ?? question.time)")
    }
}
