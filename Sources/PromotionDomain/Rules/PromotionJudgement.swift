/// Judges promotions, purely: the same facts and evidence always give the same checks.
public struct PromotionJudgement {
    private let facts: PromotionFacts

    public init(_ facts: PromotionFacts) {
        self.facts = facts
    }

    /// The checks that the ledger and the policy alone decide, cheapest first, those that ask people last.
    ///
    /// - Parameter merger: who is about to merge; nil where that is not asked.
    public func ledgerChecks(merger: Actor? = nil) -> [Check] {
        checks(facts, content: nil, merger)
    }

    /// All checks.
    ///
    /// - Parameter merger: who is about to merge; nil where that is not asked.
    public func checks(_ evidence: ContentEvidence, merger: Actor? = nil) -> [Check] {
        var facts = facts
        facts.isContentCurrent = evidence.merge != .rendersDifferently
        return checks(facts, content: evidence, merger)
    }

    private func checks(_ facts: PromotionFacts, content: ContentEvidence?, _ merger: Actor?) -> [Check] {
        PromotionRules.all(of: facts.environment).compactMap { rule in
            guard let check = rule.needs.check(facts, content, merger) else { return nil }
            guard let reason = facts.emergency, rule.isBypassable, check.status != .pass else { return check }
            return Check(check.rule, .pass, "bypassed in an EMERGENCY (\(reason)): \(check.detail)")
        }
    }
}
