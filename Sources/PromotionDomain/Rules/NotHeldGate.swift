/// `not-held`: nobody stopped the environment for the application. A rollback passes: it is what a hold is often placed for.
enum NotHeldGate {
    static func check(_ question: PromotionQuestion) -> Check {
        let environment = question.environment
        guard let hold = question.state.holds[environment.name] else {
            return Check(.notHeld, .pass, "\(environment.name) is not held")
        }
        let held = "\(environment.name) is held by \(hold.by): \(hold.reason)"
        if question.isRollback { return Check(.notHeld, .pass, "\(held); a rollback may go on") }
        return Check(
            .notHeld, .fail, "\(held); `promote resume \(environment.name) --app \(question.state.application)` lifts it",
            since: hold.at, clearedBy: environment.operators.principals.map(\.text))
    }
}
