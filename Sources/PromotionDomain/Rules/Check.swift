public import GitOpsTypes

/// The rules of DESIGN.md, each by its one name.
public enum Rule: Hashable, Sendable, CustomStringConvertible {
    case builtOnce
    /// The release was quarantined.
    case notYanked
    /// Somebody stopped the environment for the application.
    case notHeld
    /// Nothing unauthorized is in the environment that the release comes from.
    case notTainted
    case noSilentDowngrade
    case windows
    /// A gate of the configuration, by its name.
    case gate(String)
    case digestExact
    case verifiedUpstream
    case soak
    case oneOpenPromotion
    case approved
    case authorizedMerge
    case scope
    /// The actor lacks the role, or does not prove who they are.
    case authorized
    /// The promotion can be merged into the target branch as it is now.
    case mergeable
    case ledgerIntact
    /// Policy, teams and keys change only as those that are in force say.
    case policyFromTarget
    /// Where the images are from is proven as the policy wants it.
    case provenance

    public var description: String {
        switch self {
        case .builtOnce: "built-once"
        case .notYanked: "not-yanked"
        case .notHeld: "not-held"
        case .notTainted: "not-tainted"
        case .noSilentDowngrade: "no-silent-downgrade"
        case .windows: "windows"
        case .gate(let name): "gate/\(name)"
        case .digestExact: "digest-exact"
        case .verifiedUpstream: "verified-upstream"
        case .soak: "soak"
        case .oneOpenPromotion: "one-open-promotion"
        case .approved: "approved"
        case .authorizedMerge: "authorized-merge"
        case .scope: "scope"
        case .authorized: "authorized"
        case .mergeable: "mergeable"
        case .ledgerIntact: "ledger-intact"
        case .policyFromTarget: "policy-from-target"
        case .provenance: "provenance"
        }
    }
}

/// One rule evaluated: what was found, and who can clear it.
public struct Check: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable {
        case pass
        case fail
        /// Not yet: time or people can clear it.
        case pending
    }

    public let rule: Rule
    public let status: Status
    /// A sentence: what was found and, unless it passes, what would satisfy it.
    public let detail: String
    /// Who can clear it: principals, or what people call the ones who can.
    public let clearedBy: [String]
    /// Since when it stands as it does; nil where it passes, or where nothing says so.
    public let since: Timestamp?
    /// What a program printed that was asked, line by line; nil where none was.
    public let output: String?

    public init(
        _ rule: Rule, _ status: Status, _ detail: String, since: Timestamp? = nil, clearedBy: [String] = [],
        output: String? = nil
    ) {
        self.output = output
        self.rule = rule
        self.status = status
        self.detail = detail
        self.since = since
        self.clearedBy = clearedBy
    }
}

/// Why something is not done, by which rule, and what to type next.
public struct Refusal: Error, Hashable, Sendable {
    public let rule: Rule
    /// What was found, and what would satisfy the rule.
    public let message: String
    /// What to do, often a command to type.
    public let hint: String?
    /// The checks behind the refusal, where there are several.
    public let checks: [Check]
    /// Whether the same command may work later without anything being changed: a check that is pending.
    public let isPending: Bool
    /// Those who may do it, where that is a list of people: then a key alone makes nobody one of them.
    public let role: Role

    public init(
        _ rule: Rule, _ message: String, hint: String? = nil, checks: [Check] = [], isPending: Bool = false,
        role: Role = .anyone
    ) {
        self.role = role
        self.rule = rule
        self.message = message
        self.hint = hint
        self.checks = checks
        self.isPending = isPending
    }
}
