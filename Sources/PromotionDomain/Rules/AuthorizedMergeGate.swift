/// `authorized-merge`: whoever merges is allowed to.
enum AuthorizedMergeGate {
    static func check(_ question: PromotionQuestion, merger: Actor) -> Check {
        let isEmergency = question.emergency != nil
        let role = isEmergency ? question.environment.emergency : question.environment.mergers
        let noun = isEmergency ? "emergency role" : "mergers"
        let authorization = Authorization(merger, under: question.policy, at: question.time)
        if let problem = authorization.problem(with: role, called: "\(noun) of \(question.environment.name)") {
            return Check(.authorizedMerge, .fail, problem, clearedBy: role.principals.map(\.text))
        }
        return Check(.authorizedMerge, .pass, "\(merger.principal) may merge into \(question.environment.name)")
    }
}
