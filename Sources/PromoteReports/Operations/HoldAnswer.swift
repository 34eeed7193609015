import GitOpsTypes
import PromotionDomain

/// A stop of an environment for one application.
struct HoldAnswer: Encodable, Sendable {
    let reason: String
    @Text var by: Principal
    @Text var at: Timestamp

    enum CodingKeys: String, CodingKey {
        case reason
        case by
        case at
    }

    init(_ hold: Hold) {
        reason = hold.reason
        by = hold.by
        at = hold.at
    }
}

/// The quarantine of a release.
struct YankAnswer: Encodable, Sendable {
    let reason: String
    @Text var by: Principal
    @Text var at: Timestamp

    enum CodingKeys: String, CodingKey {
        case reason
        case by
        case at
    }

    init(_ yank: Yank) {
        reason = yank.reason
        by = yank.by
        at = yank.at
    }
}

/// What came into an environment without a promotion.
struct ViolationAnswer: Encodable, Sendable {
    @Text var commit: CommitID
    let detail: String
    @Text var by: Principal
    @Text var at: Timestamp

    enum CodingKeys: String, CodingKey {
        case commit
        case detail
        case by
        case at
    }

    init(_ violation: Violation) {
        commit = violation.commit
        detail = violation.detail.displayable
        by = violation.by
        at = violation.at
    }
}
