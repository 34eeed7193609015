import GitOpsTypes
import Kustomize
import PromotionDomain
import PromotionEngine
import PromotionPlanning

/// A promotion, recorded or planned.
struct PromotionAnswer: Encodable, Sendable {
    @TextOrNull var promotion: PromotionID?
    @Text var application: ApplicationName
    @Text var release: ReleaseID
    @Text var from: PromotionOrigin
    @Text var to: EnvironmentName
    /// Null for a plan.
    @TextOrNull var state: String?
    @TextOrNull var branch: BranchName?
    @TextOrNull var commit: CommitID?
    @TextOrNull var mergeCommit: CommitID?
    let images: [ImageAnswer]
    /// Only where there are some.
    let charts: [ChartAnswer]?
    @OrNull var pullRequest: PullRequest?
    @TextOrNull var emergency: String?
    @TextOrNull var requestedBy: Principal?
    @TextOrNull var requestedAt: Timestamp?
    let approvals: [Approval]
    let rejections: [Rejection]
    let checks: [CheckAnswer]
    /// Only where a plan was made.
    let plan: Plan?
    /// Only of a plan that a check fails.
    let error: ErrorAnswer.Body?

    enum CodingKeys: String, CodingKey {
        case promotion
        case application
        case release
        case from
        case to
        case state
        case branch
        case commit
        case mergeCommit
        case images
        case charts
        case pullRequest
        case emergency
        case requestedBy
        case requestedAt
        case approvals
        case rejections
        case checks
        case plan
        case error
    }

    /// - Parameter refusal: what a plan amounts to that is not carried out.
    init(_ report: PromotionReport, refusal: Refusal? = nil) {
        let recorded = report.promotion
        promotion = report.id
        application = report.application
        release = report.release.id
        from = report.origin
        to = report.environment
        state = Self.state(report.phase)
        branch = recorded?.content.branch
        commit = recorded?.content.head
        mergeCommit = recorded?.merge?.commit
        let artifacts = ArtifactAnswers(report.release)
        images = artifacts.images
        charts = artifacts.charts
        pullRequest = recorded?.pullRequest.map { PullRequest(number: $0.number, url: $0.url, title: $0.title, body: $0.body) }
        emergency = recorded?.emergency
        requestedBy = recorded?.requestedBy
        requestedAt = recorded?.requestedAt
        approvals = (recorded?.approvals ?? []).map { Approval(by: $0.by, at: $0.at, head: $0.head) }
        rejections = (recorded?.rejections ?? []).map { Rejection(by: $0.by, at: $0.at, reason: $0.reason.displayable) }
        checks = report.checks.map(CheckAnswer.init)
        plan = report.plan.map { Plan($0, report.releaseDifferences) }
        error = refusal.map { ErrorAnswer.Body(Diagnosis($0)) }
    }

    private static func state(_ phase: PromotionReport.Phase) -> String? {
        switch phase {
        case .planned: nil
        case .recorded(let phase): phase.rawValue
        }
    }
}

extension PromotionAnswer {
    struct PullRequest: Encodable, Sendable {
        let number: Int
        @TextOrNull var url: String?
        let title: String
        let body: String

        enum CodingKeys: String, CodingKey {
            case number
            case url
            case title
            case body
        }
    }

    struct Approval: Encodable, Sendable {
        @Text var by: Principal
        @Text var at: Timestamp
        @Text var head: CommitID

        enum CodingKeys: String, CodingKey {
            case by
            case at
            case head
        }
    }

    struct Rejection: Encodable, Sendable {
        @Text var by: Principal
        @Text var at: Timestamp
        let reason: String

        enum CodingKeys: String, CodingKey {
            case by
            case at
            case reason
        }
    }

    struct Plan: Encodable, Sendable {
        @Text var overlay: RepositoryPath
        let rendered: String
        /// Only where another program rendered it.
        let renderer: String?
        /// Only where it is built on other repositories.
        let bases: [Base]?
        let edits: [Edit]
        let diff: [String]
        /// Only where an older agent would apply something else.
        let kustomize: [OtherRelease]?
        /// Only where the cluster renders some of it.
        let unrendered: [Unrendered]?

        enum CodingKeys: String, CodingKey {
            case overlay
            case rendered
            case renderer
            case bases
            case edits
            case diff
            case kustomize
            case unrendered
        }

        init(_ plan: PromotionPlan, _ differences: [ReleaseDifference]) {
            kustomize = differences.isEmpty ? nil : differences.map(OtherRelease.init)
            overlay = plan.place.path
            rendered = plan.rendered
            renderer = plan.manifests.program
            let repositories = plan.manifests.repositories
            bases = repositories.isEmpty ? nil : repositories.map(Base.init)
            edits = plan.edits.map { Edit(path: $0.path, lines: $0.lines) }
            diff = plan.diff.lines
            let unrendered = plan.unrendered.map(Unrendered.init)
            self.unrendered = unrendered.isEmpty ? nil : unrendered
        }
    }

    /// An object that is rendered in the cluster, and not here.
    struct Unrendered: Encodable, Sendable {
        let object: String
        let from: String

        enum CodingKeys: String, CodingKey {
            case object
            case from
        }

        init(_ unrendered: UnrenderedObject) {
            object = unrendered.object.displayable
            from = unrendered.origin.displayable
        }
    }

    /// Another repository, at a commit.
    struct Base: Encodable, Sendable {
        let repository: String
        @Text var commit: CommitID

        enum CodingKeys: String, CodingKey {
            case repository
            case commit
        }

        init(_ base: PinnedRepository) {
            repository = base.address.displayable
            commit = base.commit
        }
    }

    /// What a release of Kustomize renders otherwise: a difference, or why it renders nothing.
    struct OtherRelease: Encodable, Sendable {
        let version: String
        let diff: [String]
        let refused: String?

        enum CodingKeys: String, CodingKey {
            case version
            case diff
            case refused
        }

        init(_ difference: ReleaseDifference) {
            version = difference.kustomize.rawValue
            switch difference.outcome {
            case .otherwise(let diff): (self.diff, refused) = (diff.lines, nil)
            case .refused(let reason): (diff, refused) = ([], reason.displayable)
            }
        }
    }

    struct Edit: Encodable, Sendable {
        @Text var path: RepositoryPath
        let lines: [String]

        enum CodingKeys: String, CodingKey {
            case path
            case lines
        }
    }
}
