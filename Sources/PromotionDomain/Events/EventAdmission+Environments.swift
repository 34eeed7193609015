import GitOpsTypes

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
            guard state.standingApprovals(of: payload.head).contains(where: { $0.by == event.actor }) else {
                throw Refusal(.approved, "\(event.actor) has not approved the change \(payload.head.short)")
            }
        case .policyViolationDetected(let payload):
            guard authorization.isProven else { throw Self.unsigned("a violation", event.actor) }
            guard !state.policyViolations.contains(where: { $0.commit == payload.commit }) else {
                throw Refusal(.policyFromTarget, "\(payload.commit.short) is known as a violation already")
            }
        case .policyViolationAccepted(let payload): try admit(payload, authorization)
        case .releaseRegistered, .promotionRequested, .pullRequestOpened, .promotionApproved, .approvalRevoked,
            .promotionRejected, .rejectionWithdrawn, .promotionMerged, .promotionClosed, .promotionSuperseded,
            .verificationRecorded, .holdPlaced, .holdLifted, .releaseYanked, .violationDetected, .violationAccepted,
            .eventSkipped:
            throw Refusal(.ledgerIntact, "a \(event.payload.type.rawValue) does not belong into the ledger of environments")
        }
    }

    /// The environments whose operators speak for the policy: those that ask for approvals, or else all.
    private func admit(
        _ payload: Event.PolicyViolationAccepted, _ authorization: Authorization
    ) throws(Refusal) {
        try requireReason(payload.reason, .policyFromTarget)
        guard authorization.isProven else { throw Self.unsigned("accepting a violation", authorization.principal) }
        let guarded = policy.environments.filter { $0.approvals.required > 0 }
        try require(
            authorization,
            oneOf: (guarded.isEmpty ? policy.environments : guarded).map { ($0.operators, "operators of \($0.name)") })
        let open = Set(state.policyViolations.filter { $0.accepted == nil }.map(\.commit))
        guard !payload.commits.isEmpty, Set(payload.commits).isSubset(of: open) else {
            throw Refusal(.policyFromTarget, "there is no such violation of the policy")
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
        guard !payload.results.isEmpty || payload.policy != nil else {
            throw Refusal(.approved, "the change \(payload.head.short) changes nothing that needs approval")
        }
        let concerned = policy.environments.filter { environment in
            payload.policy != nil || payload.results.contains { $0.environment == environment.name }
        }
        // A key makes nobody an approver, so that it is asked for last.
        guard concerned.contains(where: { $0.approvals.from.includes(approver) }) else {
            throw Refusal(
                .authorized, "\(approver) is not among the approvers of any environment that \(payload.head.short) changes",
                hint: "can be done by \(concerned.map(\.approvals.from.description).joined(separator: ", "))",
                role: .listing(Set(concerned.flatMap(\.approvals.from.principals)).sorted()))
        }
        guard authorization.isProven else { throw Self.unsigned("an approval", approver) }
    }
}
