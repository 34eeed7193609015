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
}
