public import GitOpsTypes
import SSHSignatures

/// When a key was revoked: the commit of the target branch since which `revoked_keys` lists it.
public struct Revocation: Hashable, Sendable {
    public let commit: CommitID
    public let at: Timestamp

    public init(commit: CommitID, at: Timestamp) {
        self.commit = commit
        self.at = at
    }
}

/// Whether what a key signed earlier may be used now.
///
/// A revoked key counts for nothing, whenever it signed and whichever policy the event names: who holds it can name any. An
/// expired one could be used with a date before its end. A key that is merely listed no more, as after a rotation or when its
/// owner left, did sign what it signed while it counted.
struct KeyStanding {
    let policy: Policy
    let time: Timestamp
    /// Since when keys are revoked, by their fingerprints, as far as that is known.
    let revocations: [String: Revocation]

    /// Why nothing that `key` signed for `principal` counts now; nil when it does.
    func problem(_ key: String?, of principal: Principal) -> String? {
        guard let key, let end = policy.allowedSigners.end(ofKey: key, for: principal.text, at: time) else { return nil }
        switch end {
        case .expired(let end): return "the key \(key) expired at \(end), by its valid-before in environments/allowed_signers"
        case .revoked:
            let since = revocations[key].map { " since \($0.at), commit \($0.commit.hex)" } ?? ""
            return "the key \(key) is revoked by environments/revoked_keys\(since)"
        }
    }

    /// Whether the key expired: of what a branch holds already, that says nothing.
    func isMerelyExpired(_ key: String?, of principal: Principal) -> Bool {
        guard let key, case .expired? = policy.allowedSigners.end(ofKey: key, for: principal.text, at: time) else { return false }
        return true
    }
}

extension Policy {
    /// Whether a key that signed for a principal was revoked or has expired.
    ///
    /// - Parameter key: its fingerprint.
    public func hasEnded(_ key: String, of principal: Principal, at time: Timestamp) -> Bool {
        allowedSigners.end(ofKey: key, for: principal.text, at: time) != nil
    }
}

extension PromotionFacts {
    /// What is asked of the keys behind the evidence; nil where the evidence is of programs that did not know to ask.
    var keys: KeyStanding? {
        isStrict ? KeyStanding(policy: policy, time: time, revocations: revocations) : nil
    }

    /// The fingerprints of the keys behind the evidence that the policy revokes.
    public var revokedKeys: Set<String> {
        var signers: [(principal: Principal, key: String?)] = []
        if let release = state.release(release) { signers.append((release.registeredBy, release.key)) }
        if let promotion {
            signers.append((promotion.requestedBy, promotion.requestKey))
            signers += promotion.approvals.map { ($0.by, $0.key) }
        }
        for name in environment.source.environments {
            signers += state.verifications(of: release, in: name).map { ($0.by, $0.key) }
        }
        var revoked: Set<String> = []
        for (principal, key) in signers {
            guard let key, policy.allowedSigners.end(ofKey: key, for: principal.text, at: time) == .revoked else { continue }
            revoked.insert(key)
        }
        return revoked
    }
}
