import GitOpsTypes
import PromotionDomain

/// What was guessed of the environments and applications, a line each.
struct SurveyWords {
    let lexicon: EnvironmentLexicon

    func guesses(
        of drafts: [ApplicationDraft], _ environments: [ProposedEnvironment], _ order: EnvironmentOrder
    ) -> [Guess] {
        environmentGuesses(environments, order) + applicationGuesses(drafts)
    }

    private func environmentGuesses(_ environments: [ProposedEnvironment], _ order: EnvironmentOrder) -> [Guess] {
        guard !environments.isEmpty else { return [] }
        let names = environments.map(\.name)
        var guesses = environments.map { environment in
            let sources = environment.sources.map(\.text).joined(separator: " and ")
            let place = sources.isEmpty ? "it takes builds" : "it comes after \(sources)"
            return Guess(
                about: "environment \(environment.name)",
                because: "a name in the paths; \(place), \(reason(for: environment, order))")
        }
        if let evidence = order.trail.evidence(along: names) {
            guesses.append(Guess(about: "order \(names.map(\.text).joined(separator: " → "))", because: evidence))
        }
        return guesses
    }

    private func reason(for environment: ProposedEnvironment, _ order: EnvironmentOrder) -> String {
        guard lexicon.given.isEmpty else { return "by the order given" }
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
        let environments = draft.environments.map(\.text).joined(separator: ", ")
        return "\(draft.source.template.text) runs \(draft.image) in \(environments): \(draft.source.because)"
    }
}

extension TreeIndex {
    /// Whether a file of YAML is an object of Kubernetes.
    func hasManifests(_ files: SurveyFiles) throws -> Bool {
        for path in yaml.prefix(2_000) {
            if let bytes = try files.bytes(path), bytes.has("apiVersion:"), bytes.has("kind:") { return true }
        }
        return false
    }
}
