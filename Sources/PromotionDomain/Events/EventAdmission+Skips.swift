import GitOpsTypes

// Words on events that are dated ahead.
extension EventAdmission {
    /// It is said of a ledger, which is of no one environment: an operator of any may, and signs it, also where operators are no list.
    ///
    /// Whether the event that it names is there, and dated ahead, is for the replay to say.
    func admit(_ payload: Event.EventSkipped, by actor: Principal, _ authorization: Authorization) throws(Refusal) {
        try requireReason(payload.reason, .ledgerIntact)
        guard authorization.isProven else { throw Self.unsigned("a word on another event", actor) }
        let roles = policy.environments.map(\.operators)
        guard !roles.contains(where: { authorization.problem(with: $0, called: "operators") == nil }) else { return }
        let operators = Set(roles.flatMap(\.principals)).sorted()
        throw Refusal(
            .authorized, "\(actor) is not among the operators of any environment, who alone say that an event does not count",
            hint: "can be done by \(operators.map(\.text).joined(separator: ", "))")
    }
}
