import GitOpsTypes

// What people did on a forge, on the word of an actor who records it.
extension AdmissionContext {
    /// - Throws: `Refusal` unless the word is of this promotion's pull request, by the account's owner, and recorded by an actor
    ///   whose word counts.
    func requireAttested(_ word: ForgeWord, of promotion: Promotion, _ environment: Environment) throws(Refusal) {
        guard let settings = policy.forge.settings, settings.kind == word.forge else {
            throw Refusal(.authorized, "the policy names no \(word.forge.name), so that no word of it counts")
        }
        guard settings.principal(of: word.login) == word.principal else {
            throw Refusal(
                .authorized, "the account \(word.login) on \(word.forge.name) is not that of \(word.principal) by the policy",
                hint: "add it to `identities` of the Forge in environments/")
        }
        guard promotion.pullRequest?.number == word.pullRequest else {
            throw Refusal(.approved, "the pull request #\(word.pullRequest) is not that of \(id(promotion))")
        }
        try requireAttestor(word.forge, settings, environment)
    }

    /// - Throws: `Refusal` unless the closing is of this promotion's pull request, and recorded by an actor whose word counts.
    func requireAttested(_ closing: ForgeClosing, of promotion: Promotion, _ environment: Environment) throws(Refusal) {
        guard let settings = policy.forge.settings, settings.kind == closing.forge else {
            throw Refusal(.authorized, "the policy names no \(closing.forge.name), so that no word of it counts")
        }
        guard promotion.hostedNumber == closing.pullRequest else {
            throw Refusal(.oneOpenPromotion, "the pull request #\(closing.pullRequest) is not that of \(id(promotion))")
        }
        try requireAttestor(closing.forge, settings, environment)
    }

    private func requireAttestor(
        _ forge: ForgeKind, _ settings: ForgeSettings, _ environment: Environment
    ) throws(Refusal) {
        guard authorization.isProven || environment.mergers == .anyone else {
            throw Refusal(
                .authorized, "what happened on \(forge.name) is recorded by an actor whose key allowed_signers lists")
        }
        try require(settings.attestors ?? environment.mergers, "attestors of \(environment.name)")
    }
}
