import GitOpsTypes

/// `verified-upstream`: the release was deployed and is verified in the environments that the target takes releases from, so
/// that none can be skipped.
enum VerifiedUpstreamGate {
    static func check(_ question: PromotionQuestion) -> Check {
        let target = question.environment.name
        let app = question.state.application
        if question.isRollback {
            return Check(.verifiedUpstream, .pass, "a rollback: the way here was proven when \(question.release) came")
        }
        guard case .environments(let upstream, let requirement) = question.environment.source else {
            guard question.origin == .build else {
                return Check(
                    .verifiedUpstream, .fail,
                    "\(target) takes releases from the build, not from \(question.origin): `promote build \(target)`")
            }
            return Check(.verifiedUpstream, .pass, "\(target) takes releases from the build")
        }
        guard case .environment(let origin) = question.origin, upstream.contains(origin) else {
            let names = upstream.map(\.text).joined(separator: " or ")
            return Check(
                .verifiedUpstream, .fail,
                "\(target) takes releases from \(names), not from \(question.origin); no environment is skipped: "
                    + "`promote \(upstream[0]) \(target) --app \(app)`")
        }
        let results = upstream.map { (name: $0, problem: problem(in: $0, question)) }
        let satisfied = results.filter { $0.problem == nil }.map(\.name)
        let isSatisfied = requirement == .all ? satisfied.count == upstream.count : !satisfied.isEmpty
        guard isSatisfied else {
            let problems = results.compactMap(\.problem).joined(separator: "; ")
            let blocking = results.first { $0.problem != nil }?.name ?? upstream[0]
            let verifiers = question.policy.environment(blocking)?.verifiers ?? .anyone
            return Check(.verifiedUpstream, .fail, problems, clearedBy: verifiers.principals.map(\.text))
        }
        let since = satisfied.compactMap { name in
            verification(in: name, question).map { "\(name) since \($0.since)" }
        }
        return Check(.verifiedUpstream, .pass, "verified in \(since.joined(separator: ", "))")
    }

    private static func problem(in environment: EnvironmentName, _ question: PromotionQuestion) -> String? {
        let (release, app) = (question.release, question.state.application)
        let deployments = question.state.deployments[environment] ?? []
        guard deployments.contains(where: { $0.release == release }) else {
            let now =
                question.state.unregistered[environment].map { "; it runs \($0.description)" }
                ?? deployments.last.map { "; it runs \($0.release)" } ?? "; nothing was ever promoted into it"
            return "\(release) was never deployed in \(environment)\(now)"
        }
        let toVerify = "`promote verify \(environment) --app \(app) --result passed` once its tests pass"
        guard let (latest, _) = verification(in: environment, question) else {
            if let (given, _) = question.state.verification(of: release, in: environment),
                let problem = question.keys?.problem(given.key, of: given.by)
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
    private static func verification(
        in environment: EnvironmentName, _ question: PromotionQuestion
    ) -> (latest: Verification, since: Timestamp)? {
        question.state.verification(of: question.release, in: environment) { word in
            word.result == .failed || question.keys?.problem(word.key, of: word.by) == nil
        }
    }

    /// Since when the release is verified in enough of the environments upstream; nil when it is not.
    static func verifiedSince(_ question: PromotionQuestion) -> Int64? {
        guard case .environments(let upstream, let requirement) = question.environment.source else { return nil }
        let times = upstream.compactMap { name -> Int64? in
            guard problem(in: name, question) == nil else { return nil }
            return verification(in: name, question)?.since.seconds
        }
        switch requirement {
        case .all: return times.count == upstream.count ? times.max() : nil
        case .any: return times.min()
        }
    }
}
