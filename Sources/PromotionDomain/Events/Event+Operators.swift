public import GitOpsTypes

// What operators say of an application's environments and releases.
extension Event {
    public struct HoldPlaced: Hashable, Sendable, Codable {
        public let environment: EnvironmentName
        public let reason: String

        public init(environment: EnvironmentName, reason: String) {
            self.environment = environment
            self.reason = reason
        }
    }

    public struct HoldLifted: Hashable, Sendable, Codable {
        public let environment: EnvironmentName

        public init(environment: EnvironmentName) {
            self.environment = environment
        }
    }

    public struct ReleaseYanked: Hashable, Sendable, Codable {
        public let release: ReleaseID
        public let reason: String

        public init(release: ReleaseID, reason: String) {
            self.release = release
            self.reason = reason
        }
    }

    public struct ViolationDetected: Hashable, Sendable, Codable {
        public let environment: EnvironmentName
        /// The commit of the environment's branch that brought what nobody was allowed to bring.
        public let commit: CommitID
        public let detail: String

        public init(environment: EnvironmentName, commit: CommitID, detail: String) {
            self.environment = environment
            self.commit = commit
            self.detail = detail
        }
    }

    /// An operator's word that an event of the same ledger, dated ahead of every clock, does not count.
    public struct EventSkipped: Hashable, Sendable, Codable {
        /// The ledger's commit that holds the event.
        public let commit: CommitID
        public let reason: String

        public init(commit: CommitID, reason: String) {
            self.commit = commit
            self.reason = reason
        }
    }

    public struct ViolationAccepted: Hashable, Sendable, Codable {
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
    }
}
