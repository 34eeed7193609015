import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// Everything about a release.
struct ReleaseAnswer: Encodable, Sendable {
    @Text var release: ReleaseID
    @Text var application: ApplicationName
    let images: [ImageAnswer]
    /// Only where there are some.
    let charts: [ChartAnswer]?
    @TextOrNull var commit: SourceCommit?
    @TextOrNull var source: String?
    @TextOrNull var run: String?
    /// Null where no registry was asked.
    @OrNull var registry: [ImageRecordAnswer]?
    @Text var registeredAt: Timestamp
    @Text var registeredBy: Principal
    let deployments: [PastDeployment]
    @OrNull var yank: YankAnswer?
    let verifications: [GivenVerification]

    enum CodingKeys: String, CodingKey {
        case release
        case application
        case images
        case charts
        case commit
        case source
        case run
        case registry
        case registeredAt
        case registeredBy
        case deployments
        case yank
        case verifications
    }

    init(_ report: ReleaseReport) {
        let registered = report.release
        release = registered.id
        application = report.application
        let artifacts = ArtifactAnswers(registered)
        images = artifacts.images
        charts = artifacts.charts
        commit = registered.build.commit
        source = registered.build.source
        run = registered.build.run
        registry = registered.records.map { $0.map(ImageRecordAnswer.init) }
        registeredAt = registered.registered
        registeredBy = registered.registeredBy
        deployments = report.deployments.map { environment, deployment in
            PastDeployment(
                environment: environment, since: deployment.since, until: deployment.until,
                promotion: deployment.promotion.map { PromotionID(report.application, $0) })
        }
        yank = report.yank.map(YankAnswer.init)
        verifications = report.verifications.map(GivenVerification.init)
    }
}

extension ReleaseAnswer {
    struct PastDeployment: Encodable, Sendable {
        @Text var environment: EnvironmentName
        @Text var since: Timestamp
        @TextOrNull var until: Timestamp?
        @TextOrNull var promotion: PromotionID?

        enum CodingKeys: String, CodingKey {
            case environment
            case since
            case until
            case promotion
        }
    }

    struct GivenVerification: Encodable, Sendable {
        @Text var environment: EnvironmentName
        let result: String
        @Text var at: Timestamp
        @Text var by: Principal
        @TextOrNull var evidence: String?
        let counts: Bool

        enum CodingKeys: String, CodingKey {
            case environment
            case result
            case at
            case by
            case evidence
            case counts
        }

        init(_ verification: Verification) {
            environment = verification.environment
            result = verification.result.rawValue
            at = verification.at
            by = verification.by
            evidence = verification.evidence
            counts = !verification.isVoid
        }
    }
}

extension Answer {
    /// `promote show <release>`
    public init(_ report: ReleaseReport) {
        self.init(json: ReleaseAnswer(report), text: ReleaseText(report: report).text)
    }
}
