/// `not-yanked`: a release that was quarantined moves nowhere, forward or back.
enum NotYankedGate {
    static func check(_ question: PromotionQuestion) -> Check {
        guard let yank = question.state.yanks[question.release] else {
            return Check(.notYanked, .pass, "\(question.release) is not quarantined")
        }
        return Check(
            .notYanked, .fail,
            "\(question.release) was yanked by \(yank.by): \(yank.reason); a yank stays, so register a new build", since: yank.at)
    }
}
