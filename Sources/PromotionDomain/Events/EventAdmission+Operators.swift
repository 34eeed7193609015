import GitOpsTypes

// Holds, yanks and violations.
extension EventAdmission {
    func admitOfOperators(_ event: Event, _ authorization: Authorization) throws(Refusal) {
        switch event.payload {
        case .holdPlaced(let payload):
            let environment = try operated(payload.environment, authorization)
            try requireReason(payload.reason, .notHeld)
            if let hold = state.holds[environment.name] {
                throw Refusal(.notHeld, "\(environment.name) is held by \(hold.by) already: \(hold.reason)")
            }
        case .holdLifted(let payload):
            let environment = try operated(payload.environment, authorization)
            guard state.holds[environment.name] != nil else {
                throw Refusal(.notHeld, "\(environment.name) is not held")
            }
        case .releaseYanked(let payload): try admit(payload, authorization)
        case .violationDetected(let payload):
            let environment = try environment(payload.environment)
            // A violation taints, so that it takes a role to record one: any role of the environment, or to build.
            try require(authorization, oneOf: reporters(of: environment))
            guard state.violations[environment.name]?.contains(where: { $0.commit == payload.commit }) != true else {
                throw Refusal(.authorizedMerge, "\(payload.commit.short) is known as a violation already")
            }
        case .violationAccepted(let payload):
            let environment = try operated(payload.environment, authorization)
            try requireReason(payload.reason, .authorizedMerge)
            // What was accepted without a record of what was there may be accepted again, with one.
            let acceptable =
                payload.found == nil
                ? state.openViolations(in: environment.name) : state.unsettledViolations(in: environment.name)
            let known = Set(acceptable.map(\.commit))
            guard !payload.commits.isEmpty, Set(payload.commits).isSubset(of: known) else {
                throw Refusal(.authorizedMerge, "there is no such violation in \(environment.name)")
            }
        case .releaseRegistered, .promotionRequested, .pullRequestOpened, .promotionApproved, .approvalRevoked,
            .promotionRejected, .rejectionWithdrawn, .promotionMerged, .promotionClosed, .promotionSuperseded,
            .verificationRecorded, .freezePlaced, .freezeLifted, .changeApproved, .changeApprovalRevoked,
            .policyViolationDetected, .policyViolationAccepted, .eventSkipped:
            throw Refusal(.ledgerIntact, "a \(event.payload.type.rawValue) is not for operators alone")
        }
    }

    /// A verification is of what the environment has, or had: what was found to be gone from there by hand proves nothing any more.
    func admit(_ payload: Event.VerificationRecorded, _ authorization: Authorization) throws(Refusal) {
        try require(authorization, environment(payload.environment).verifiers, "verifiers of \(payload.environment)")
        guard let last = state.deployments[payload.environment]?.last(where: { $0.release == payload.release }) else {
            throw Refusal(
                .verifiedUpstream,
                "\(payload.release) was never deployed in \(payload.environment), so that it cannot have been verified there")
        }
        guard payload.result == .failed || !last.isDisplaced else {
            let present =
                state.unregistered[payload.environment]?.description
                ?? state.deployment(in: payload.environment)?.release.text ?? "nothing"
            throw Refusal(
                .verifiedUpstream,
                "\(payload.release) does not run in \(payload.environment) any more: since \(last.until ?? last.since) it is accepted that \(present) does",
                hint: "promote it there again first")
        }
    }

    /// Who may record what came into an environment unauthorized.
    private func reporters(of environment: Environment) -> [(role: Role, noun: String)] {
        let builders = policy.application(state.application)?.builders ?? environment.operators
        let roles: [(role: Role, noun: String)] = [
            (builders, "builders of \(state.application)"),
            (environment.verifiers, "verifiers of \(environment.name)"),
            (environment.mergers, "mergers of \(environment.name)"),
            (environment.operators, "operators of \(environment.name)"),
            (environment.promoters, "promoters of \(environment.name)"),
        ]
        // A role that is open to all is no reason to believe a stranger where another one is a list.
        let lists = roles.filter { $0.role != .anyone }
        return lists.isEmpty ? roles : lists
    }

    private func admit(_ payload: Event.ReleaseYanked, _ authorization: Authorization) throws(Refusal) {
        try requireReason(payload.reason, .notYanked)
        guard state.release(payload.release) != nil else {
            throw Refusal(.builtOnce, "\(payload.release) is not registered")
        }
        if let yank = state.yanks[payload.release] {
            throw Refusal(.notYanked, "\(payload.release) was yanked by \(yank.by) already: \(yank.reason)")
        }
        // It takes nothing from anybody's environment, so that whoever operates one may raise the alarm.
        let roles = policy.environments.map(\.operators).filter { $0 != .anyone }
        guard !roles.isEmpty, roles.allSatisfy({ authorization.problem(with: $0, called: "operators") != nil }) else { return }
        let operators = Set(roles.flatMap(\.principals)).sorted()
        throw Refusal(
            .authorized, authorization.identityProblem ?? "a release is yanked by an operator of one of the environments",
            hint: "can be done by \(operators.map(\.text).joined(separator: ", "))", role: .listing(operators))
    }
}
