import GitOpsTypes
import PromotionDomain

/// Which release a request means: the one that it names, or what its origin has.
struct RequestedRelease {
    let policy: Policy
    let application: Application
    let state: ApplicationState

    /// - Throws: `Refusal` where there is none, or what runs there is not registered.
    func release(_ text: String?, from origin: PromotionOrigin, to environment: Environment) throws -> Release {
        if let text { return try requireRelease(named: text, in: state) }
        switch origin {
        case .build:
            if let release = state.newestBuild { return release }
            throw Refusal(
                .builtOnce, "no build of \(application.name) is registered",
                hint: "promote register \(application.images[0])@sha256:… --app \(application.name)")
        case .environment(environment.name):
            if let release = state.rollbackTarget(in: environment.name) { return release }
            throw Refusal(
                .noSilentDowngrade, "\(environment.name) ran nothing before that \(application.name) could go back to",
                hint: "see `promote history --app \(application.name) --env \(environment.name)`")
        case .environment(let name):
            if let release = state.deployment(in: name).flatMap({ state.release($0.release) }) { return release }
            if let unregistered = state.unregistered[name] {
                throw Refusal(
                    .verifiedUpstream, "\(name) runs \(unregistered.description): only registered releases move",
                    hint: "promote a release into \(name) first, and verify it there; see `promote status`")
            }
            throw missing(in: name, for: environment)
        }
    }

    /// Why nothing comes from an environment that has no release: it is not on the way there, or its own first promotion is missing.
    private func missing(in origin: EnvironmentName, for environment: Environment) -> Refusal {
        let (name, sources) = (application.name, Self.origins(of: environment))
        guard environment.source.environments.contains(origin) else {
            return Refusal(
                .verifiedUpstream,
                "\(environment.name) takes releases from \(sources.joined(separator: " or ")), and not from \(origin)",
                hint: "promote \(sources[0]) \(environment.name) --app \(name)")
        }
        let upstream = policy.environment(origin, of: application).map { Self.origins(of: $0)[0] } ?? "build"
        return Refusal(
            .verifiedUpstream, "\(origin) has no release of \(name) yet: nothing was ever promoted into it",
            hint: "first: promote \(upstream) \(origin) --app \(name); see `promote status`")
    }

    private static func origins(of environment: Environment) -> [String] {
        environment.source == .build ? ["build"] : environment.source.environments.map(\.text)
    }
}
