/// The rules of promotions, in the order in which their checks are shown: of the release and of the environments on its way, of the
/// content, and those that ask time and people last.
enum PromotionRules {
    /// Those that are asked of a promotion into `environment`.
    static func all(of environment: Environment) -> [any PromotionRule] {
        let first: [any PromotionRule] = [
            BuiltOnceRule(), NotYankedRule(), NotHeldRule(), VerifiedUpstreamRule(), NotTaintedRule(), NoSilentDowngradeRule(),
            OneOpenPromotionRule(), ScopeRule(), MergeableRule(), DigestExactRule(), ProvenanceRule(),
        ]
        let gates = environment.gates.map { ExternalGateRule(gate: $0) }
        return first + gates + [SoakRule(), WindowsRule(), ApprovalRule(), AuthorizedMergeRule()]
    }
}
