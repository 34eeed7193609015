/// `mergeable`: the promotion can be merged into the target branch as that is now.
enum MergeableGate {
    static func check(_ question: PromotionQuestion, _ evidence: ContentEvidence) -> Check? {
        guard question.promotion != nil else { return nil }
        switch evidence.merge {
        case .rendersAsProposed: return Check(.mergeable, .pass, "merges without conflict and renders what was proposed")
        case .doesNotRender(let why): return Check(.mergeable, .fail, "the environment cannot be rendered: \(why)")
        case .rendersDifferently:
            return Check(
                .mergeable, .fail,
                "the target branch moved, and the merge would render something else than what was proposed: "
                    + "`\(again(question))` plans it again")
        case .conflict(let paths):
            return Check(
                .mergeable, .fail,
                "conflicts with the target branch in \(paths.joined(separator: ", ")): `\(again(question))` plans it again")
        }
    }

    private static func again(_ question: PromotionQuestion) -> String {
        "promote \(question.origin) \(question.environment.name) --app \(question.state.application) --release \(question.release)"
    }
}
