/// One rule of promotions: its name, what it has to know, and how it judges by that.
///
/// Nothing here has a default. A new rule is a file in this folder, its place in `PromotionRules`, and a line of docs/rules.md.
protocol PromotionRule {
    /// What its checks are called.
    var name: Rule { get }
    /// Whether it only makes a promotion wait, so that the emergency role may bypass it. What proves that the right thing moves
    /// stays.
    var isBypassable: Bool { get }
    /// What it has to know, with how it judges.
    var needs: RuleNeeds { get }
}

/// What a rule has to know, with how it judges by that: its check, or nil where it asks nothing of the promotion.
enum RuleNeeds {
    /// What the ledger and the policy say.
    case ledger((PromotionFacts) -> Check?)
    /// What Git's trees, programs and registries say, too.
    case content((PromotionFacts, ContentEvidence) -> Check?)
    /// Who is about to merge, too.
    case merger((PromotionFacts, Actor) -> Check?)

    /// The check; nil where the rule asks nothing of the promotion, or what it has to know is not there.
    func check(_ facts: PromotionFacts, _ content: ContentEvidence?, _ merger: Actor?) -> Check? {
        switch self {
        case .ledger(let check): check(facts)
        case .content(let check): content.flatMap { check(facts, $0) }
        case .merger(let check): merger.flatMap { check(facts, $0) }
        }
    }
}
