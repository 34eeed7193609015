import GitOpsTypes
import PromotionModel

// The events of the ledger `_environments`.
extension EventAdmission {
    func admitOfEnvironments(_ event: Event, _ authorization: Authorization) throws(Refusal) {
        switch event.payload {
        case .freezePlaced(let payload): try admit(payload, at: event.time, authorization)
        case .freezeLifted(let payload):
            let environment = try operated(payload.environment, authorization)
            guard state.freezes.contains(where: { $0.environment == environment.name && $0.isActive(at: event.time) }) else {
                throw Refusal(.windows, "\(environment.name) is not frozen")
            }
        case .changeApproved(let payload): try admit(payload, by: event.actor, authorization)
        case .changeApprovalRevoked(let payload):
            guard state.changeApprovals[payload.head]?.contains(where: { $0.by == event.actor }) == true else {
                throw Refusal(.approved, "\(event.actor) has not approved the change \(payload.head.short)")
            }
        default: break
        }
    }

    private func admit(
        _ payload: Event.FreezePlaced, at time: Timestamp, _ authorization: Authorization
    ) throws(Refusal) {
        let environment = try operated(payload.environment, authorization)
        try requireReason(payload.reason, .windows)
        if let until = payload.until, until <= time {
            throw Refusal(.windows, "a freeze of \(environment.name) until \(until) would be over already")
        }
    }

    private func admit(
        _ payload: Event.ChangeApproved, by approver: Principal, _ authorization: Authorization
    ) throws(Refusal) {
        guard authorization.isProven else {
            throw Self.unsigned("an approval", approver)
        }
        guard !payload.results.isEmpty || payload.policy != nil else {
            throw Refusal(.approved, "the change \(payload.head.short) changes nothing that needs approval")
        }
        let concerned = policy.environments.filter { environment in
            payload.policy != nil || payload.results.contains { $0.environment == environment.name }
        }
        guard concerned.contains(where: { authorization.problem(with: $0.approvals.from, called: "approvers") == nil }) else {
            throw Refusal(
                .authorized, "\(approver) is not among the approvers of any environment that \(payload.head.short) changes",
                hint: "can be done by \(concerned.map(\.approvals.from.description).joined(separator: ", "))")
        }
    }
}
