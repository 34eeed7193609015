extension Rule {
    public static let notYanked = Rule("not-yanked")
}

/// `not-yanked`: a release that was quarantined moves nowhere, forward or back.
struct NotYankedRule: PromotionRule {
    var name: Rule { .notYanked }
    var isBypassable: Bool { false }
    var needs: RuleNeeds { .ledger(check) }

    private func check(_ facts: PromotionFacts) -> Check {
        guard let yank = facts.state.yanks[facts.release] else {
            return Check(.notYanked, .pass, "\(facts.release) is not quarantined")
        }
        return Check(
            .notYanked, .fail,
            "\(facts.release) was yanked by \(yank.by): \(yank.reason); a yank stays, so register a new build", since: yank.at)
    }
}
