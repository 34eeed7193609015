import GitOpsTypes
import PromotionDomain

/// Environments that applications which are configured have by now, and that the policy does not know.
struct AddedEnvironments {
    /// The applications that have each, where they are configured to be.
    private var owners: [EnvironmentName: Set<ApplicationName>] = [:]
    private let existing: Policy

    var names: Set<EnvironmentName> { Set(owners.keys) }

    init(_ drafts: [ApplicationDraft], _ choice: ChosenApplications, _ existing: Policy) {
        self.existing = existing
        let known = Set(existing.environments.map(\.name))
        for draft in drafts {
            let new = draft.environments.filter { !known.contains($0) }
            guard !new.isEmpty, let application = choice.configured(draft), choice.isWanted(application.name) else { continue }
            for environment in new
            where application.place(in: environment).path == draft.application.place(in: environment).path {
                owners[environment, default: []].insert(application.name)
            }
        }
    }

    /// What of the files that are there is left to their owner.
    ///
    /// - Parameter sources: where each of the environments takes releases from.
    func guesses(_ sources: [EnvironmentName: [EnvironmentName]], _ lexicon: EnvironmentLexicon) -> [Guess] {
        names.sorted().flatMap { environment in
            applicationGuesses(environment) + downstreamGuesses(environment, sources[environment] ?? [], lexicon)
                + (lexicon.isProduction(environment)
                    ? [
                        Guess(
                            about: "promoters and approvals of \(environment)",
                            because: "they are yours to write: without, everyone who can push may promote into it")
                    ] : [])
        }
    }

    private func applicationGuesses(_ environment: EnvironmentName) -> [Guess] {
        let owners = owners[environment] ?? []
        let unlisted =
            existing.applications.filter { !$0.has(environment) && owners.contains($0.name) }.map(\.name.text)
            + existing.sets.filter { !$0.model.has(environment) }.map(\.name)
        let lacking = existing.applications.filter { $0.has(environment) && !owners.contains($0.name) }.map(\.name)
        var guesses: [Guess] = []
        if !unlisted.isEmpty {
            guesses.append(
                Guess(
                    about: "\(ApplicationDrafts.listed(unlisted)) in \(environment)",
                    because: "there is a place for it, and `environments` of the application does not list it: add it there"))
        }
        if !lacking.isEmpty {
            guesses.append(
                Guess(
                    about: "\(ApplicationDrafts.listed(lacking)) without \(environment)",
                    because:
                        "nothing of it was found there: list the environments that it has under `environments` of the application"
                ))
        }
        return guesses
    }

    /// Environments that take releases from where the new one does, and come after it.
    private func downstreamGuesses(
        _ environment: EnvironmentName, _ sources: [EnvironmentName], _ lexicon: EnvironmentLexicon
    ) -> [Guess] {
        existing.environments.filter { other in
            lexicon.rank(of: environment) < lexicon.rank(of: other.name)
                && (sources.isEmpty
                    ? other.source.environments.isEmpty : other.source.environments.contains(where: sources.contains))
        }.map { other in
            Guess(
                about: "environment \(other.name) stays as it is",
                because: "`promotesFrom: [\(environment)]` of it has releases go through \(environment) first")
        }
    }
}
