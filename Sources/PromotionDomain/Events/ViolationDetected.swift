public import GitOpsTypes

extension Event {
    /// Something came into an environment unauthorized.
    public struct ViolationDetected: LedgerEvent {
        public let environment: EnvironmentName
        /// The commit of the environment's branch that brought it.
        public let commit: CommitID
        public let detail: String

        public init(environment: EnvironmentName, commit: CommitID, detail: String) {
            self.environment = environment
            self.commit = commit
            self.detail = detail
        }

        private enum CodingKeys: String, CodingKey {
            case environment, commit, detail
        }
    }
}

extension Event.ViolationDetected {
    public static var type: EventType { .violationDetected }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(environment: environment) }
    public var payload: Event.Payload { .violationDetected(self) }

    public func summary(of application: ApplicationName) -> String {
        "find a violation in \(environment), commit \(commit.short): \(detail)"
    }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let environment = try context.environment(self.environment)
        // A violation taints, so that it takes a role to record one: any role of the environment, or to build.
        try context.require(oneOf: reporters(of: environment, context))
        guard context.state.violations[environment.name]?.contains(where: { $0.commit == commit }) != true else {
            throw Refusal(.authorizedMerge, "\(commit.short) is known as a violation already")
        }
    }

    /// Who may record what came into an environment unauthorized.
    private func reporters(of environment: Environment, _ context: AdmissionContext) -> [(role: Role, noun: String)] {
        let application = context.state.application
        let builders = context.policy.anyApplication(application)?.builders ?? environment.operators
        let roles: [(role: Role, noun: String)] = [
            (builders, "builders of \(application)"),
            (environment.verifiers, "verifiers of \(environment.name)"),
            (environment.mergers, "mergers of \(environment.name)"),
            (environment.operators, "operators of \(environment.name)"),
            (environment.promoters, "promoters of \(environment.name)"),
        ]
        // A role that is open to all is no reason to believe a stranger where another one is a list.
        let lists = roles.filter { $0.role != .anyone }
        return lists.isEmpty ? roles : lists
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        let violation = Violation(commit: commit, detail: detail, by: origin.actor, at: origin.time)
        state.violations[environment, default: []].append(violation)
    }
}
