extension Rule {
    public static let oneOpenPromotion = Rule("one-open-promotion")
}

/// `one-open-promotion`: at most one promotion into an environment is open; a newer one supersedes it.
struct OneOpenPromotionRule: PromotionRule {
    var name: Rule { .oneOpenPromotion }
    var isBypassable: Bool { false }
    var needs: RuleNeeds { .ledger(check) }

    private func check(_ facts: PromotionFacts) -> Check {
        let (app, environment) = (facts.state.application, facts.environment.name)
        guard let promotion = facts.promotion else {
            guard let open = facts.state.openPromotion(into: environment) else {
                return Check(.oneOpenPromotion, .pass, "no other promotion into \(environment) is open")
            }
            return Check(
                .oneOpenPromotion, .pass,
                "supersedes \(PromotionID(app, open.number)) (\(open.release)), which is closed and its branch deleted")
        }
        let id = PromotionID(app, promotion.number)
        switch promotion.state {
        case .requested, .open: return Check(.oneOpenPromotion, .pass, "\(id) is the only open promotion into \(environment)")
        case .merged(let merge): return Check(.oneOpenPromotion, .fail, "\(id) was merged at \(merge.at) by \(merge.by)")
        case .closed(let closing): return Check(.oneOpenPromotion, .fail, "\(id) was closed at \(closing.at): \(closing.reason)")
        case .superseded(let number, _):
            return Check(.oneOpenPromotion, .fail, "\(id) was superseded by \(PromotionID(app, number))")
        }
    }
}
