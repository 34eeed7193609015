public import GitOpsTypes

extension Event {
    /// Somebody who may approve a promotion, or operates its environment, says no to it.
    public struct PromotionRejected: Hashable, Sendable, Codable {
        public let promotion: Int
        public let head: CommitID
        public let reason: String

        public init(promotion: Int, head: CommitID, reason: String) {
            self.promotion = promotion
            self.head = head
            self.reason = reason
        }
    }

    /// Whoever rejected a promotion objects no more.
    public struct RejectionWithdrawn: Hashable, Sendable, Codable {
        public let promotion: Int

        public init(promotion: Int) {
            self.promotion = promotion
        }
    }
}
