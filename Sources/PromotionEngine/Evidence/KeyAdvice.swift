import GitOpsTypes
import GitStore
import PromotionDomain
import SSHSignatures

/// What the actor has to type for a signature that counts.
struct KeyAdvice: Sendable {
    let session: Session

    /// The refusal, and where it is for want of a signature that counts, what to set and which policy says so.
    func explained(_ refusal: Refusal, _ snapshot: Snapshot) -> Refusal {
        guard [.authorized, .authorizedMerge].contains(refusal.rule),
            !Authorization(snapshot.actor, under: snapshot.policy, at: snapshot.time).isProven
        else { return refusal }
        let others = refusal.hint.map { $0.hasPrefix("can be") ? "; or: \($0)" : "" } ?? ""
        // A key makes no member of a role.
        let hint = refusal.role.includes(snapshot.actor.principal) ? keyAdvice(snapshot) + others : refusal.hint
        return Refusal(
            refusal.rule,
            "\(refusal.message) (by the policy of \(session.workspace.targetBranch), commit \(snapshot.tip.hex))",
            hint: hint, checks: refusal.checks, isPending: refusal.isPending, role: refusal.role)
    }

    /// The commands that make Git sign with a key that counts for the actor.
    func keyAdvice(_ snapshot: Snapshot) -> String {
        let (principal, signers) = (snapshot.actor.principal, snapshot.policy.allowedSigners)
        let counting = signers.entries.map(\.key).filter {
            signers.allows($0, as: principal.text, namespace: Authorization.namespace, at: snapshot.time)
        }.map(\.fingerprint)
        // A key that is listed and has ended is no way out: another one has to be listed.
        let hasEnded = counting.isEmpty && signers.hasKeys(for: principal.text)
        let key =
            !counting.isEmpty
            ? "<file of the key \(counting.joined(separator: " or "))>"
            : hasEnded ? "<file of a new key, made with ssh-keygen -t ed25519>" : "<file of your public key>"
        let commands = signingCommands(key)
        guard counting.isEmpty else { return commands }
        return "\(commands); and add the line “\(principal) <your \(hasEnded ? "new " : "")public key>” to "
            + "environments/allowed_signers, by a change that its approvers consent to: promote keys add does all of it"
    }

    private func signingCommands(_ key: String) -> String {
        switch session.identity.signing {
        case .otherFormat(let format):
            let found = format.map { "gpg.format is \($0.displayable)" } ?? "gpg.format is not set"
            return "\(found), and only SSH keys count: git config gpg.format ssh; git config user.signingkey \(key)"
        case .noKey: return "Git knows no signing key of yours: git config user.signingkey \(key)"
        case .ssh: return "git config user.signingkey \(key)"
        }
    }
}
