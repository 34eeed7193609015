import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// What an environment runs of an application.
struct EnvironmentAnswer: Encodable, Sendable {
    @Text var name: EnvironmentName
    @TextOrNull var release: ReleaseID?
    let images: [ImageAnswer]
    /// Only where the release has some.
    let charts: [ChartAnswer]?
    @TextOrNull var state: String?
    let registered: Bool
    @OrNull var git: GitContentAnswer?
    @TextOrNull var since: Timestamp?
    let tainted: Bool
    @OrNull var hold: HoldAnswer?
    @OrNull var freeze: FreezeAnswer?
    let yanked: Bool
    let violations: [ViolationAnswer]
    @OrNull var open: PromotionAnswer?
    // How it came about: only of the past.
    let promotion: TextOrNull<PromotionID>?
    let requestedBy: TextOrNull<Principal>?
    let mergedBy: TextOrNull<Principal>?
    let approvedBy: [String]?
    let commit: TextOrNull<SourceCommit>?
    let run: TextOrNull<String>?

    enum CodingKeys: String, CodingKey {
        case name
        case release
        case images
        case charts
        case state
        case registered
        case git
        case since
        case tainted
        case hold
        case freeze
        case yanked
        case violations
        case open
        case promotion
        case requestedBy
        case mergedBy
        case approvedBy
        case commit
        case run
    }

    /// - Parameter isPast: whether the report is of the past.
    init(_ status: StatusReport.EnvironmentStatus, _ application: ApplicationName, isPast: Bool) {
        name = status.name
        release = status.release?.id
        let artifacts = status.release.map(ArtifactAnswers.init)
        images = artifacts?.images ?? (status.unregistered?.content.images ?? []).map(ImageAnswer.init)
        charts = artifacts?.charts
        state = status.phase?.rawValue
        registered = status.unregistered == nil
        git = status.git.map(GitContentAnswer.init)
        since = status.since
        tainted = !status.violations.isEmpty
        hold = status.hold.map(HoldAnswer.init)
        freeze = status.freeze.map(FreezeAnswer.init)
        yanked = status.yank != nil
        violations = status.violations.map(ViolationAnswer.init)
        open = status.open.map { PromotionAnswer($0) }
        let cause = status.promotion
        promotion = isPast ? TextOrNull(wrappedValue: cause.map { PromotionID(application, $0.number) }) : nil
        requestedBy = isPast ? TextOrNull(wrappedValue: cause?.requestedBy) : nil
        mergedBy = isPast ? TextOrNull(wrappedValue: cause?.merge?.by) : nil
        approvedBy = isPast ? cause?.approvals.map(\.by.description) ?? [] : nil
        commit = isPast ? TextOrNull(wrappedValue: status.release?.build.commit) : nil
        run = isPast ? TextOrNull(wrappedValue: status.release?.build.run) : nil
    }
}

/// What Git has in an environment, where that is something else than the ledger says.
struct GitContentAnswer: Encodable, Sendable {
    @Text var commit: CommitID
    @TextOrNull var release: ReleaseID?
    let images: [ImageAnswer]
    let registered: Bool

    enum CodingKeys: String, CodingKey {
        case commit
        case release
        case images
        case registered
    }

    init(_ git: GitContent) {
        commit = git.found.commit
        release = git.release?.id
        images = (git.found.images ?? []).map(ImageAnswer.init)
        registered = git.release != nil
    }
}
