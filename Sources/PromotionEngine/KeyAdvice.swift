import GitOpsTypes
import GitStore
import PromotionGates
import PromotionModel
import SSHSignatures

/// What somebody has to type for their signature to count.
extension PromotionEngine {
    /// The refusal, and where it is for want of a signature that counts, what to set and which policy says so.
    func explained(_ refusal: Refusal, _ situation: Situation) -> Refusal {
        guard [.authorized, .authorizedMerge].contains(refusal.rule),
            !Authorization(situation.actor, under: situation.policy, at: situation.time).isProven
        else { return refusal }
        let others = refusal.hint.map { $0.hasPrefix("can be") ? "; or: \($0)" : "" } ?? ""
        return Refusal(
            refusal.rule,
            "\(refusal.message) (by the policy of \(workspace.targetBranch), commit \(situation.tip.hex))",
            hint: keyAdvice(situation) + others, checks: refusal.checks, isPending: refusal.isPending)
    }

    /// The commands that make Git sign with a key that counts for whoever acts.
    func keyAdvice(_ situation: Situation) -> String {
        let principal = situation.actor.principal
        let listed = situation.policy.allowedSigners.entries.filter { $0.principals.contains(principal.text) }
            .map(\.key.fingerprint)
        let key =
            listed.isEmpty
            ? "<file of your public key>" : "<file of the key \(listed.joined(separator: " or "))>"
        let commands: String
        switch workspace.signing {
        case .otherFormat(let format):
            let found = format.map { "gpg.format is \($0.displayable)" } ?? "gpg.format is not set"
            commands = "\(found), and only SSH keys count: git config gpg.format ssh; git config user.signingkey \(key)"
        case .noKey:
            commands = "Git knows no signing key of yours: git config user.signingkey \(key)"
        case .ssh:
            commands = "git config user.signingkey \(key)"
        }
        guard listed.isEmpty else { return commands }
        return "\(commands); and add the line “\(principal) <your public key>” to environments/allowed_signers, by a change that "
            + "its approvers consent to"
    }
}
