public import GitOpsTypes

extension Event {
    /// An operator accepts what came into an environment unauthorized.
    public struct ViolationAccepted: LedgerEvent {
        public let environment: EnvironmentName
        /// The commits of the violations, as they were found.
        public let commits: [CommitID]
        public let reason: String
        /// What the environment ran by Git's word when they were accepted; nil in events of programs that did not write it.
        public let found: FoundContent?

        public init(environment: EnvironmentName, commits: [CommitID], reason: String, found: FoundContent? = nil) {
            self.found = found
            self.environment = environment
            self.commits = commits
            self.reason = reason
        }

        private enum CodingKeys: String, CodingKey {
            case environment, commits, reason, found
        }
    }
}

extension Event.ViolationAccepted {
    public static var type: EventType { .violationAccepted }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(environment: environment) }
    public var payload: Event.Payload { .violationAccepted(self) }

    public func summary(of application: ApplicationName) -> String {
        let images = found?.images?.map(\.reference).joined(separator: ", ")
        return "accept what \(environment) has\(images.map { ", \($0.isEmpty ? "nothing" : $0)" } ?? ""): \(reason)"
    }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let environment = try context.operated(self.environment).name
        try context.requireReason(reason, .authorizedMerge)
        // What was accepted without a record of what was there may be accepted again, with one.
        let acceptable =
            found == nil ? context.state.openViolations(in: environment) : context.state.unsettledViolations(in: environment)
        let known = Set(acceptable.map(\.commit))
        guard !commits.isEmpty, Set(commits).isSubset(of: known) else {
            throw Refusal(.authorizedMerge, "there is no such violation in \(environment)")
        }
    }

    /// From then on Git's word counts for what the environment runs.
    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        state.violations[environment] = state.violations[environment]?.map { violation in
            var violation = violation
            if violation.accepted == nil, commits.contains(violation.commit) { violation.accepted = origin.time }
            if violation.accepted != nil, violation.settled == nil { violation.settled = found?.commit }
            return violation
        }
        guard let found else { return }
        let release = state.release(in: environment, found: found)
        if let release, state.deployment(in: environment)?.release == release.id { return }
        state.displace(in: environment, at: origin.time)
        if let release {
            state.deploy(release.id, in: environment, promotion: nil, commit: found.commit, at: origin.time)
        } else if found.images?.isEmpty != true {
            state.unregistered[environment] = UnregisteredContent(content: found, by: origin.actor, since: origin.time)
        }
    }
}
