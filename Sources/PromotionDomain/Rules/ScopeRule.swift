extension Rule {
    public static let scope = Rule("scope")
}

/// `scope`: a promotion changes what the plan said and nothing else.
struct ScopeRule: PromotionRule {
    var name: Rule { .scope }
    var isBypassable: Bool { false }
    var needs: RuleNeeds { .content(check) }

    private func check(_ facts: PromotionFacts, _ evidence: ContentEvidence) -> Check {
        switch evidence.scope {
        case .exact(let paths) where paths.isEmpty:
            Check(.scope, .pass, "nothing changes: the environment has the release already")
        case .exact(let paths): Check(.scope, .pass, "changes \(paths.joined(separator: ", ")) and nothing else")
        case .violated(let what): Check(.scope, .fail, what)
        }
    }
}
