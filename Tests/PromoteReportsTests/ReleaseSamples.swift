import GitOpsTypes
import ImageRegistry
import PromoteReports

@testable import PromotionDomain
@testable import PromotionEngine

extension Sample {
    private static let verification = Verification(
        environment: dev, release: release().id, result: .passed, evidence: "https://ci.example/runs/8", by: ci, at: evening)

    private static let shown: ReleaseReport = {
        var displaced = Deployment(release: release().id, promotion: nil, commit: commit("d"), since: noon)
        displaced.until = evening
        var void = Verification(environment: prod, release: release().id, result: .failed, evidence: nil, by: bob, at: evening)
        void.isVoid = true
        return ReleaseReport(
            application: web, release: release(records: [record]),
            deployments: [
                (prod, displaced), (dev, Deployment(release: release().id, promotion: 2, commit: commit("c"), since: noon)),
            ], verifications: [verification, void], yank: yank)
    }()

    /// One deployment that failed and was rolled back, and an environment without any.
    private static let metrics: MetricsReport = {
        var state = ApplicationState(application: web, releases: [release(), release("2")])
        state.promotions = [promotion()]
        var failed = Deployment(release: release().id, promotion: promotion().number, commit: commit("d"), since: noon)
        failed.until = evening
        state.deployments[prod] = [failed]
        state.verifications = [
            Verification(
                environment: prod, release: release().id, result: .failed, evidence: nil, by: bob, at: noon.adding(seconds: 90)),
            Verification(
                environment: prod, release: release().id, result: .passed, evidence: nil, by: bob, at: noon.adding(seconds: 7290)),
        ]
        let figures = [dev, prod].map {
            (name: $0, figures: DeploymentFigures(of: state, in: $0, during: noon.adding(seconds: -86_400)...evening))
        }
        return MetricsReport(
            since: noon.adding(seconds: -86_400), until: evening, applications: [.init(name: web, environments: figures)])
    }()

    static func figures() throws -> [AnswerSample] {
        [
            .init("metrics", "metrics", try Answer(metrics, as: .text)),
            .init("metrics-prometheus", "metrics --format prometheus", try Answer(metrics, as: .prometheus)),
        ]
    }

    static let releases: [AnswerSample] = [
        .init(
            "registered", "register registry.example/web@sha256:1",
            Answer(
                RegistrationReport(
                    application: web, release: release(records: [record]), created: true,
                    notices: ["1.4.2 named another digest before"]))),
        .init(
            "registered-before", "register registry.example/web@sha256:1",
            Answer(RegistrationReport(application: web, release: release(tag: nil), created: false, notices: []))),
        .init(
            "registered-chart", "register registry.example/web@sha256:1 --chart registry.example/charts/web@sha256:2",
            Answer(RegistrationReport(application: web, release: releaseWithChart(), created: true, notices: []))),
        .init("release", "show web-000000000000", Answer(shown)),
        .init(
            "verified", "verify dev",
            Answer(VerificationReport(application: web, verification: verification, created: true, next: [staging]))),
        .init(
            "verified-before", "verify dev",
            Answer(VerificationReport(application: web, verification: verification, created: false, next: []))),
        .init("releases-none", "releases", Answer([ListedRelease](), .plain)),
        .init(
            "releases", "releases",
            Answer(
                [
                    ListedRelease(application: web, release: release("2", tag: nil), places: [], yank: yank),
                    ListedRelease(
                        application: web, release: release(records: [record]),
                        places: shown.deployments.reversed(), yank: nil),
                ], .plain)),
        .init("discovered-nothing", "discover", Answer([DiscoveryStep]())),
        .init(
            "discovered", "discover",
            Answer([
                DiscoveryStep(
                    action: .registered, application: web, release: release().id, detail: "1.4.2 is new", failure: nil),
                DiscoveryStep(
                    action: .stuck, application: api, release: nil, detail: "no answer",
                    failure: RegistryError.unavailable("no answer")),
            ])),
    ]
}
