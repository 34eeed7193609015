public import GitOpsTypes

// What is said of environments, whatever the application: the events of the ledger `_environments`.
extension Event {
    public struct FreezePlaced: Hashable, Sendable, Codable {
        public let environment: EnvironmentName
        public let reason: String
        public let until: Timestamp?

        public init(environment: EnvironmentName, reason: String, until: Timestamp?) {
            self.environment = environment
            self.reason = reason
            self.until = until
        }
    }

    public struct FreezeLifted: Hashable, Sendable, Codable {
        public let environment: EnvironmentName

        public init(environment: EnvironmentName) {
            self.environment = environment
        }
    }

    /// Names everything the approval is for, so that it means nothing for anything else.
    public struct ChangeApproved: Hashable, Sendable, Codable {
        public let head: CommitID
        public let results: [ChangeResult]
        public let policy: String?

        public init(head: CommitID, results: [ChangeResult], policy: String?) {
            self.head = head
            self.results = results
            self.policy = policy
        }
    }

    public struct ChangeApprovalRevoked: Hashable, Sendable, Codable {
        public let head: CommitID

        public init(head: CommitID) {
            self.head = head
        }
    }

    /// A change of `environments/` that the policy before it did not permit, and that does not count.
    public struct PolicyViolationDetected: Hashable, Sendable, Codable {
        /// The commit of the target branch that brought it.
        public let commit: CommitID
        public let detail: String

        public init(commit: CommitID, detail: String) {
            self.commit = commit
            self.detail = detail
        }
    }

    /// An operator has seen changes of the policy that do not count. What counts is what it was.
    public struct PolicyViolationAccepted: Hashable, Sendable, Codable {
        public let commits: [CommitID]
        public let reason: String

        public init(commits: [CommitID], reason: String) {
            self.commits = commits
            self.reason = reason
        }
    }
}
