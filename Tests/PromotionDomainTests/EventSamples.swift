import GitOpsTypes
import Testing

@testable import PromotionDomain

/// One event of each type, with everything that it can say.
struct EventSamples {
    let application: ApplicationName
    let environment: EnvironmentName
    let release: ReleaseID
    let commit: CommitID
    private let images: [ReleaseImage]
    private let word: ForgeWord
    private let time = Timestamp(seconds: 1_795_246_920)

    init() throws {
        application = try #require(ApplicationName("web"))
        environment = try #require(EnvironmentName("dev"))
        commit = try #require(CommitID(String(repeating: "a", count: 40)))
        let image = try #require(ImageName("registry.example/web"))
        let digest = try #require(ImageDigest("sha256:" + String(repeating: "1", count: 64)))
        images = [ReleaseImage(name: image, digest: digest, tag: ImageTag("v1"))]
        release = ReleaseID(application, images: images)
        word = ForgeWord(
            forge: .gitea, pullRequest: 3, principal: try #require(Principal("bob")), login: "bob", review: "7", at: time)
    }

    func sample(of type: EventType) -> Event.Payload {
        switch type {
        case .releaseRegistered:
            .releaseRegistered(
                .init(release: release, images: images, build: BuildOrigin(commit: nil, source: "s", run: "r"), records: []))
        case .baselineRecorded:
            .baselineRecorded(
                .init(
                    environment: environment, release: release, images: images,
                    found: FoundContent(commit: commit, images: [FoundImage(name: images[0].name, text: "web:v1")])))
        case .promotionRequested:
            .promotionRequested(
                .init(
                    promotion: 3, environment: environment, from: .build, release: release,
                    content: PromotionContent(
                        branch: PromotionID(application, 3).branch(into: environment), base: commit, head: commit, rendered: "r"),
                    emergency: "fire"))
        case .pullRequestOpened:
            .pullRequestOpened(.init(promotion: 3, pullRequest: PullRequest(number: 3, url: nil, title: "t", body: "b")))
        case .promotionApproved:
            .promotionApproved(
                .init(
                    application: application, promotion: 3, environment: environment, release: release, head: commit,
                    rendered: "r", review: word))
        case .approvalRevoked: .approvalRevoked(.init(promotion: 3, review: word))
        case .promotionRejected: .promotionRejected(.init(promotion: 3, head: commit, reason: "no"))
        case .rejectionWithdrawn: .rejectionWithdrawn(.init(promotion: 3))
        case .promotionMerged:
            .promotionMerged(
                .init(
                    promotion: 3, environment: environment, release: release, head: commit, commit: commit,
                    merger: word.principal, onForge: word))
        case .promotionClosed:
            .promotionClosed(.init(promotion: 3, reason: "old", onForge: ForgeClosing(forge: .gitea, pullRequest: 3)))
        case .promotionSuperseded: .promotionSuperseded(.init(promotion: 3, by: 4))
        case .verificationRecorded:
            .verificationRecorded(.init(environment: environment, release: release, result: .passed, evidence: "e"))
        case .holdPlaced: .holdPlaced(.init(environment: environment, reason: "looking"))
        case .holdLifted: .holdLifted(.init(environment: environment))
        case .releaseYanked: .releaseYanked(.init(release: release, reason: "broken"))
        case .violationDetected: .violationDetected(.init(environment: environment, commit: commit, detail: "by hand"))
        case .violationAccepted:
            .violationAccepted(
                .init(
                    environment: environment, commits: [commit], reason: "seen",
                    found: FoundContent(commit: commit, images: [FoundImage(name: images[0].name, digest: images[0].digest)])))
        case .freezePlaced: .freezePlaced(.init(environment: environment, reason: "holidays", until: time))
        case .freezeLifted: .freezeLifted(.init(environment: environment))
        case .changeApproved:
            .changeApproved(
                .init(
                    head: commit, results: [ChangeResult(application: application, environment: environment, rendered: "r")],
                    policy: "p"))
        case .changeApprovalRevoked: .changeApprovalRevoked(.init(head: commit))
        case .policyViolationDetected: .policyViolationDetected(.init(commit: commit, detail: "unapproved"))
        case .policyViolationAccepted: .policyViolationAccepted(.init(commits: [commit], reason: "seen"))
        case .eventSkipped: .eventSkipped(.init(commit: commit, reason: "ahead"))
        }
    }
}
