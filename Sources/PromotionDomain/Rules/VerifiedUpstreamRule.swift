import GitOpsTypes

extension Rule {
    public static let verifiedUpstream = Rule("verified-upstream")
}

/// `verified-upstream`: the release was deployed and is verified in the environments that the target takes releases from, so
/// that none can be skipped.
struct VerifiedUpstreamRule: PromotionRule {
    var name: Rule { .verifiedUpstream }
    var isBypassable: Bool { true }
    var needs: RuleNeeds { .ledger(check) }

    private func check(_ facts: PromotionFacts) -> Check {
        let target = facts.environment.name
        let app = facts.state.application
        if facts.isRollback {
            return Check(.verifiedUpstream, .pass, "a rollback: the way here was proven when \(facts.release) came")
        }
        guard case .environments(let upstream, let requirement) = facts.environment.source else {
            guard facts.origin == .build else {
                return Check(
                    .verifiedUpstream, .fail,
                    "\(target) takes releases from the build, not from \(facts.origin)\(passedOver(facts)): "
                        + "`promote build \(target) --app \(app)`")
            }
            return Check(.verifiedUpstream, .pass, "\(target) takes releases from the build\(passedOver(facts))")
        }
        guard case .environment(let origin) = facts.origin, upstream.contains(origin) else {
            let names = upstream.map(\.text).joined(separator: " or ")
            return Check(
                .verifiedUpstream, .fail,
                "\(target) takes releases from \(names), not from \(facts.origin)\(passedOver(facts)); no environment is skipped: "
                    + "`promote \(upstream[0]) \(target) --app \(app)`")
        }
        let results = upstream.map { (name: $0, problem: problem(in: $0, facts)) }
        let satisfied = results.filter { $0.problem == nil }.map(\.name)
        let isSatisfied = requirement == .all ? satisfied.count == upstream.count : !satisfied.isEmpty
        guard isSatisfied else {
            let problems = results.compactMap(\.problem).joined(separator: "; ")
            let blocking = results.first { $0.problem != nil }?.name ?? upstream[0]
            let verifiers = facts.policy.environment(blocking)?.verifiers ?? .anyone
            return Check(.verifiedUpstream, .fail, problems, clearedBy: verifiers.clearers)
        }
        let since = satisfied.compactMap { name in
            verification(in: name, facts).map { "\(name) since \($0.since)" }
        }
        return Check(.verifiedUpstream, .pass, "verified in \(since.joined(separator: ", "))\(passedOver(facts))")
    }

    /// What the application lacks on the way here, so that its releases come from further upstream.
    private func passedOver(_ facts: PromotionFacts) -> String {
        let names = facts.environment.passedOver.map(\.text)
        return names.isEmpty ? "" : "; \(facts.state.application) has no \(names.joined(separator: " and no "))"
    }

    private func problem(in environment: EnvironmentName, _ facts: PromotionFacts) -> String? {
        let (release, app) = (facts.release, facts.state.application)
        let deployments = facts.state.deployments[environment] ?? []
        guard deployments.contains(where: { $0.release == release }) else {
            let now =
                facts.state.unregistered[environment].map { "; it runs \($0.description)" }
                ?? deployments.last.map { "; it runs \($0.release)" } ?? "; nothing was ever promoted into it"
            return "\(release) was never deployed in \(environment)\(now)"
        }
        let toVerify = "`promote verify \(environment) --app \(app) --result passed` once its tests pass"
        guard let (latest, _) = verification(in: environment, facts) else {
            if let (given, _) = facts.state.verification(of: release, in: environment),
                let problem = facts.keys?.problem(given.key, of: given.by)
            {
                return "\(release) was verified in \(environment) at \(given.at) by \(given.by), and \(problem); "
                    + "verify it again with another key of a verifier: `promote verify \(environment) --app \(app) --release \(release) --result passed`"
            }
            return "\(release) is not verified in \(environment): \(toVerify)"
        }
        guard latest.result == .passed else {
            return "\(release) failed verification in \(environment) at \(latest.at) by \(latest.by)"
        }
        return nil
    }

    /// The last word that counts: a release that works does so by the word of a key that counts, one that does not by any.
    private func verification(
        in environment: EnvironmentName, _ facts: PromotionFacts
    ) -> (latest: Verification, since: Timestamp)? {
        facts.state.verification(of: facts.release, in: environment) { word in
            word.result == .failed || facts.keys?.problem(word.key, of: word.by) == nil
        }
    }

    /// Since when the release is verified in enough of the environments upstream; nil when it is not.
    func verifiedSince(_ facts: PromotionFacts) -> Int64? {
        guard case .environments(let upstream, let requirement) = facts.environment.source else { return nil }
        let times = upstream.compactMap { name -> Int64? in
            guard problem(in: name, facts) == nil else { return nil }
            return verification(in: name, facts)?.since.seconds
        }
        switch requirement {
        case .all: return times.count == upstream.count ? times.max() : nil
        case .any: return times.min()
        }
    }
}
