public import GitOpsTypes
public import SSHSignatures

/// Who acts, and how that is proven.
public struct Actor: Hashable, Sendable {
    public let principal: Principal
    public let proof: Proof

    public enum Proof: Hashable, Sendable {
        /// A key signed; whether it is the principal's own is for the policy to say.
        case signed(SSHPublicKey)
        case unsigned
        /// The forge knew them by the account that the policy says is theirs.
        case forge(login: String)
        /// There is a signature, and it is not one of this content.
        case invalid(String)
    }

    public init(_ principal: Principal, _ proof: Proof) {
        self.principal = principal
        self.proof = proof
    }

    /// The actor of queries, who has no role.
    public static let onlooker: Actor = {
        guard let principal = Principal("onlooker") else { preconditionFailure("“onlooker” is a principal") }
        return Actor(principal, .unsigned)
    }()

    /// The fingerprint of the key that signed.
    public var keyFingerprint: String? {
        if case .signed(let key) = proof { key.fingerprint } else { nil }
    }
}

/// Whether an actor may do something under a policy.
///
/// A principal with keys in allowed_signers counts only when one of them signed; an actor without keys counts only where no
/// list restricts the role.
public struct Authorization {
    private let policy: Policy
    private let actor: Actor
    private let time: Timestamp

    /// The namespace of Git's own signatures.
    public static let namespace = "git"

    var principal: Principal { actor.principal }

    public init(_ actor: Actor, under policy: Policy, at time: Timestamp) {
        self.actor = actor
        self.policy = policy
        self.time = time
    }

    /// Why the actor is not who they say; nil when that is proven, or when no keys are listed for them.
    public var identityProblem: String? {
        let name = actor.principal
        switch actor.proof {
        case .invalid(let reason): return "the signature for \(name) is not valid: \(reason)"
        case .signed(let key):
            if policy.allowedSigners.allows(key, as: name.text, namespace: Self.namespace, at: time) { return nil }
            if policy.allowedSigners.hasKeys(for: name.text) {
                return problem(with: key)
            }
            return nil
        case .forge(let login):
            let owner = policy.forge.settings?.principal(of: login)
            if owner == name { return nil }
            return owner.map { "the account \(login) is that of \($0) by the policy" }
                ?? "the policy does not say whose the account \(login) is"
        case .unsigned:
            guard policy.allowedSigners.hasKeys(for: name.text) else { return nil }
            return "allowed_signers lists keys for \(name), and none of them signed"
        }
    }

    /// Whether one of the principal's own keys signed.
    public var isProven: Bool {
        if case .forge = actor.proof { return identityProblem == nil }
        guard case .signed(let key) = actor.proof else { return false }
        return policy.allowedSigners.allows(key, as: actor.principal.text, namespace: Self.namespace, at: time)
    }

    /// Why a request by the actor cannot be told from one by an approver, where `approvals` want four eyes; nil where it can, or
    /// need not.
    public func fourEyesProblem(_ approvals: ApprovalPolicy, into environment: EnvironmentName) -> String? {
        guard approvals.required > 0, approvals.excludesAuthor, !isProven else { return nil }
        return "\(environment) asks for four eyes, and nothing proves that it is \(actor.principal) who asks: "
            + "a request is signed with a key that allowed_signers lists for them"
    }

    /// Why the actor does not have `role`; nil when they do.
    public func problem(with role: Role, called noun: String) -> String? {
        if let identityProblem { return identityProblem }
        guard case .members(let members) = role else { return nil }
        guard members.principals.contains(actor.principal) else {
            return "\(actor.principal) is not among the \(noun): \(role.description)"
        }
        if isProven { return nil }
        guard case .signed(let key) = actor.proof else {
            return "\(actor.principal) has no key in allowed_signers, and the \(noun) are a list: a signature is needed"
        }
        return problem(with: key)
    }

    /// Why a key does not count for the principal: it has ended, is for another time or use, or is not theirs.
    private func problem(with key: SSHPublicKey) -> String {
        let (name, fingerprint) = (actor.principal, key.fingerprint)
        let standing = KeyStanding(policy: policy, time: time, revocations: [:])
        if let ended = standing.problem(fingerprint, of: name) { return ended }
        guard policy.allowedSigners.lists(fingerprint: fingerprint, for: name.text) else {
            return "the key \(fingerprint) is not one that allowed_signers lists for \(name) at \(time)"
        }
        return "allowed_signers lists the key \(fingerprint) for \(name), but not for Git's signatures at \(time): "
            + "see its valid-after and namespaces"
    }
}
