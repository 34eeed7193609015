import GitOpsTypes
import SSHSignatures

/// Whether enough of an environment's approvers consent: one rule for promotions and for other changes.
struct Quorum {
    /// One approval, and why it is not for the content in question; nil when it is.
    struct Consent {
        let by: Principal
        let at: Timestamp
        /// The fingerprint of the key that signed it.
        let key: String?
        /// The account on the forge that it was given with, where it was not signed.
        var login: String?
        let mismatch: String?
    }

    /// Who asks for the approval, and so does not count where four eyes are wanted.
    struct Author {
        let principals: Set<Principal>
        /// The fingerprints of the keys that signed for them.
        let keys: Set<String>
        /// What they did: “requested the promotion, and its requester”.
        let deed: String
    }

    let environment: EnvironmentName
    let wanted: ApprovalPolicy
    let rules: Policy
    let time: Timestamp
    let author: Author
    /// Who built the release, where there is one.
    var builder: Builder?
    /// What is asked of keys today; nil where the evidence is of programs that did not know to ask.
    var standing: KeyStanding?

    struct Builder {
        let principal: Principal
        let key: String?
    }

    /// - Parameters:
    ///   - what: what is to be approved, where that is not a promotion into the environment.
    ///   - uncounted: what else is told not to count, with the reason.
    ///   - nextStep: the command that gives an approval.
    func check(
        _ consents: [Consent], as rule: Rule, of what: String? = nil, uncounted: [String] = [], since: Timestamp? = nil,
        nextStep: String
    ) -> Check {
        var counted: [Principal] = []
        var keys: Set<String> = []
        var uncounted = uncounted
        for consent in consents {
            if let problem = problem(with: consent) {
                uncounted.append("\(consent.by): \(problem)")
            } else if let key = consent.key, !keys.insert(key).inserted {
                uncounted.append("\(consent.by): signed with the same key as another approval")
            } else {
                counted.append(consent.by)
            }
        }
        let missing = wanted.missing(from: counted)
        let subject = what.map { "\($0): " } ?? ""
        let purpose = what == nil ? "" : " for \(environment)"
        var detail =
            "\(subject)\(counted.count) of \(wanted.required) approvals\(purpose) from \(wanted.from.description)"
        if !counted.isEmpty { detail += ": \(counted.map(\.text).joined(separator: ", "))" }
        if !uncounted.isEmpty { detail += "; not counted: \(Self.bounded(uncounted).joined(separator: "; "))" }
        if !missing.isEmpty { detail += "; needs \(missing.map(\.text).joined(separator: ", "))" }
        if counted.count >= wanted.required, missing.isEmpty { return Check(rule, .pass, detail) }
        let asked = counted.count >= wanted.required ? missing : wanted.from.principals
        let open = asked.filter { !counted.contains($0) && exclusion(of: $0) == nil }
        return Check(rule, .pending, "\(detail); `\(nextStep)`", since: since, clearedBy: open.map(\.text))
    }

    /// Why a principal's consent does not count, whatever key signs it; nil when it would.
    func exclusion(of principal: Principal) -> String? {
        if case .members(let members) = wanted.from, !members.principals.contains(principal) {
            return "not among the approvers of \(environment): \(wanted.from.description)"
        }
        if wanted.excludesAuthor, author.principals.contains(principal) {
            return "\(author.deed) does not count"
        }
        if wanted.fourEyes.contains(.builder), principal == builder?.principal {
            return "built the release, and its builder does not count"
        }
        return sharedKeyProblem(of: principal)
    }

    /// Two names with one key may be one person.
    private func sharedKeyProblem(of principal: Principal) -> String? {
        guard standing != nil else { return nil }
        let signers = rules.allowedSigners
        if wanted.excludesAuthor {
            if let other = author.principals.sorted().first(where: { signers.shareKey($0.text, principal.text) }) {
                return "has a key that allowed_signers lists for \(other), too, who \(author.deed) does not count"
            }
            if author.keys.contains(where: { signers.lists(fingerprint: $0, for: principal.text) }) {
                return "has the key that signed for the author, who \(author.deed) does not count"
            }
        }
        if wanted.fourEyes.contains(.builder), let builder, signers.shareKey(builder.principal.text, principal.text) {
            return "has a key that allowed_signers lists for \(builder.principal), too, who built the release, and its builder "
                + "does not count"
        }
        return nil
    }

    /// Why consent that was valid when given does not count now.
    private func problem(with consent: Consent) -> String? {
        if let mismatch = consent.mismatch { return mismatch }
        if let problem = exclusion(of: consent.by) { return problem }
        if let problem = wanted.expiryProblem(consent.at, at: time) { return problem }
        if let login = consent.login {
            return Authorization(Actor(consent.by, .forge(login: login)), under: rules, at: time).identityProblem
        }
        guard let key = consent.key else { return "not signed" }
        if wanted.excludesAuthor, author.keys.contains(key) { return "signed with the requester's key" }
        if standing != nil, wanted.fourEyes.contains(.builder), key == builder?.key { return "signed with the builder's key" }
        if let problem = standing?.problem(key, of: consent.by) { return "\(problem); approve again with another key" }
        // The key may have been taken off the list, have been revoked, or have expired, since.
        let isListed = rules.allowedSigners.allows(
            fingerprint: key, as: consent.by.text, namespace: Authorization.namespace, at: time)
        return isListed ? nil : "the key \(key) is not in allowed_signers for \(consent.by) now"
    }

    /// Each once, and a few of many: a ledger can have a thousand.
    private static func bounded(_ reasons: [String]) -> [String] {
        var seen: Set<String> = []
        let distinct = reasons.filter { seen.insert($0).inserted }
        return distinct.prefix(5) + (distinct.count > 5 ? ["\(distinct.count - 5) more"] : [])
    }
}
