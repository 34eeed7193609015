extension Rule {
    public static let mergeable = Rule("mergeable")
}

/// `mergeable`: the promotion can be merged into the target branch as that is now.
struct MergeableRule: PromotionRule {
    var name: Rule { .mergeable }
    var isBypassable: Bool { false }
    var needs: RuleNeeds { .content(check) }

    private func check(_ facts: PromotionFacts, _ evidence: ContentEvidence) -> Check? {
        guard facts.promotion != nil else { return nil }
        switch evidence.merge {
        case .rendersAsProposed: return Check(.mergeable, .pass, "merges without conflict and renders what was proposed")
        case .doesNotRender(let why): return Check(.mergeable, .fail, "the environment cannot be rendered: \(why)")
        case .rendersDifferently:
            if let other = evidence.otherRenderer {
                return Check(
                    .mergeable, .fail,
                    "it was rendered by \(other.planned), and here \(other.here) renders something else: use the same version, or "
                        + "`\(again(facts))` plans it again")
            }
            return Check(
                .mergeable, .fail,
                "the target branch moved, and the merge would render something else than what was proposed: "
                    + "`\(again(facts))` plans it again")
        case .conflict(let paths):
            return Check(
                .mergeable, .fail,
                "conflicts with the target branch in \(paths.joined(separator: ", ")): `\(again(facts))` plans it again")
        }
    }

    private func again(_ facts: PromotionFacts) -> String {
        "promote \(facts.origin) \(facts.environment.name) --app \(facts.state.application) --release \(facts.release)"
    }
}
