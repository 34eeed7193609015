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
    /// Those who may do it, where that is a list of people: then a key alone is not enough.
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

extension [Check] {
    public var failed: [Check] { filter { $0.status == .fail } }
    public var pending: [Check] { filter { $0.status == .pending } }

    /// The refusal that these checks amount to: a failed one before a pending one, in their order; nil when all pass.
    public func refusal(of action: String, allowPending: Bool) -> Refusal? {
        if let first = failed.first {
            return Refusal(
                first.rule, "\(action): \(first.detail)", hint: Self.hint(for: first), checks: self, role: Self.role(for: first))
        }
        guard !allowPending, let first = pending.first else { return nil }
        return Refusal(first.rule, "\(action): \(first.detail)", hint: Self.hint(for: first), checks: self, isPending: true)
    }

    /// Who may merge, where that is why it is refused: then a key alone does not help.
    private static func role(for check: Check) -> Role {
        guard check.rule == .authorizedMerge, !check.clearedBy.isEmpty else { return .anyone }
        return .listing(check.clearedBy.compactMap { Principal($0) })
    }

    private static func hint(for check: Check) -> String? {
        check.clearedBy.isEmpty ? nil : "who can clear it: \(check.clearedBy.joined(separator: ", "))"
    }
}
