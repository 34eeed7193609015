import GitOpsTypes
import PromotionModel

// What people did on a forge, on the word of whoever records it.
extension EventAdmission {
    /// - Throws: `Refusal` unless the word is of this promotion's pull request, by the account's owner, and recorded by somebody
    ///   whose word counts.
    func requireAttested(
        _ word: ForgeWord, of promotion: Promotion, _ environment: Environment, _ authorization: Authorization
    ) throws(Refusal) {
        guard let settings = policy.forge.settings, settings.kind == word.forge else {
            throw Refusal(.authorized, "the policy names no \(word.forge.name), so that nobody's word of it counts")
        }
        guard settings.principal(of: word.login) == word.principal else {
            throw Refusal(
                .authorized, "the account \(word.login) on \(word.forge.name) is not that of \(word.principal) by the policy",
                hint: "add it to `identities` of the Forge in environments/")
        }
        guard promotion.pullRequest?.number == word.pullRequest else {
            throw Refusal(.approved, "the pull request #\(word.pullRequest) is not that of \(id(promotion))")
        }
        guard authorization.isProven || environment.mergers == .anyone else {
            throw Refusal(
                .authorized, "what happened on \(word.forge.name) is recorded by somebody whose key allowed_signers lists")
        }
        try require(authorization, settings.attestors ?? environment.mergers, "attestors of \(environment.name)")
    }
}
