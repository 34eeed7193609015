/// The name of a rule, as checks, refusals and docs/rules.md have it. A name stays.
///
/// A rule of promotions names itself in its own file; here are those that are asked elsewhere.
public struct Rule: Hashable, Sendable, CustomStringConvertible {
    public let name: String

    init(_ name: String) {
        self.name = name
    }

    public var description: String { name }
}

extension Rule {
    /// The actor lacks the role, or does not prove who they are.
    public static let authorized = Rule("authorized")
    public static let ledgerIntact = Rule("ledger-intact")
    /// Policy, teams and keys change only as those that are in force say.
    public static let policyFromTarget = Rule("policy-from-target")
}
