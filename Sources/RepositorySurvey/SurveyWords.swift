import GitOpsTypes
import PromotionDomain

/// What was guessed of the environments and applications, a line each.
struct SurveyWords {
    let order: EnvironmentOrder

    func guesses(
        of drafts: [ApplicationDraft], _ sets: [ProposedSet], _ environments: [ProposedEnvironment]
    ) -> [Guess] {
        environmentGuesses(environments) + sets.map(guess) + applicationGuesses(drafts)
    }

    private func guess(_ set: ProposedSet) -> Guess {
        Guess(
            about: "\(set.count) applications as one set",
            because: "\(set.model.source.path?.text ?? set.name) differs by their names alone"
                + (set.excluded.isEmpty ? "" : "; \(ApplicationDrafts.listed(set.excluded)) in it are none"))
    }

    private func environmentGuesses(_ environments: [ProposedEnvironment]) -> [Guess] {
        guard !environments.isEmpty else { return [] }
        let names = environments.map(\.name)
        var guesses = environments.map { environment in
            let sources = environment.sources.map(\.text).joined(separator: " and ")
            let place = sources.isEmpty ? "it takes builds" : "it comes after \(sources)"
            return Guess(
                about: "environment \(environment.name)",
                because:
                    "a name \(environment.branch.map { "of the branch \($0)" } ?? "in the paths"); \(place), \(reason(for: environment))"
            )
        }
        if let evidence = order.trail.evidence(along: names) {
            guesses.append(Guess(about: "order \(names.map(\.text).joined(separator: " → "))", because: evidence))
        }
        return guesses
    }

    private func reason(for environment: ProposedEnvironment) -> String {
        guard order.lexicon.given.isEmpty else { return "by the order given" }
        let hint = order.hints.first { $0.to == environment.name && environment.sources.contains($0.from) }
        return hint?.because ?? "by what such names mean"
    }

    /// One line for all that are described alike.
    private func applicationGuesses(_ drafts: [ApplicationDraft]) -> [Guess] {
        drafts.count <= 40
            ? drafts.map { Guess(about: "application \($0.name)", because: reason($0)) }
            : [
                Guess(
                    about: "\(drafts.count) applications",
                    because: "each has a place of its own, such as \(drafts[0].name): \(reason(drafts[0]))")
            ]
    }

    private func reason(_ draft: ApplicationDraft) -> String {
        let own = Set(draft.environments)
        let environments = order.tiers(of: own).joined().filter(own.contains).map(\.text).joined(separator: ", ")
        return "\(draft.source.template.text) runs \(draft.image) in \(environments): \(draft.source.because)"
    }
}

extension TreeIndex {
    /// Whether a file of YAML is an object of Kubernetes.
    func hasManifests(_ files: SurveyFiles) -> Bool {
        for path in yaml.prefix(2_000) {
            if let bytes = files.bytes(path), bytes.has("apiVersion:"), bytes.has("kind:") { return true }
        }
        return false
    }
}
