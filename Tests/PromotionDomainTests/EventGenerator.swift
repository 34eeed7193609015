import GitOpsTypes
import PromoteTestSupport
import Testing

@testable import PromotionDomain

/// Makes events that a ledger may take, and some that it must not: of what there is, and of what there is not.
struct EventGenerator {
    private static let names = ["dev", "dev-a", "dev-b", "any", "soaked", "guarded", "nowhere"]
    private let environments: [EnvironmentName]
    private let application: Application
    var random: SeededGenerator

    init(seed: UInt64, _ application: Application) throws {
        environments = try Self.names.map { try #require(EnvironmentName($0)) }
        self.application = application
        random = SeededGenerator(seed: seed)
    }

    private mutating func isOnce(in times: Int) -> Bool { Int.random(in: 0..<times, using: &random) == 0 }

    mutating func pick<Element>(_ elements: [Element]) -> Element? { elements.randomElement(using: &random) }

    private mutating func environment() -> EnvironmentName {
        environments[Int.random(in: 0..<environments.count, using: &random)]
    }

    mutating func commit(_ kinds: Int = 3) throws -> CommitID {
        try #require(CommitID(String(repeating: String(Int.random(in: 0..<kinds, using: &random)), count: 40)))
    }

    private mutating func reason() -> String { isOnce(in: 10) ? " " : "why" }

    private mutating func release(_ state: ApplicationState) throws -> ReleaseID {
        let latest = state.releases.last?.id
        guard let known = isOnce(in: 3) ? pick(state.releases)?.id : latest, !isOnce(in: 20) else {
            return try #require(ReleaseID("web-0123456789ab"))
        }
        return known
    }

    /// A promotion, mostly one that is open.
    private mutating func promotion(_ state: ApplicationState) -> Promotion? {
        pick(isOnce(in: 4) ? state.promotions : state.promotions.filter(\.isOpen))
    }

    /// An event for a ledger of an application that led to `state`; nil where there is nothing that it could be about.
    mutating func event(of type: EventType, _ state: ApplicationState) throws -> Event.Payload? {
        switch type {
        case .releaseRegistered: try registration()
        case .baselineRecorded: try isOnce(in: 3) ? baseline() : nil
        case .promotionRequested: try request(state)
        case .promotionSuperseded:
            promotion(state).map { .promotionSuperseded(.init(promotion: $0.number, by: state.nextPromotionNumber)) }
        case .verificationRecorded: try verification(state)
        case .holdPlaced: .holdPlaced(.init(environment: environment(), reason: reason()))
        case .holdLifted: .holdLifted(.init(environment: environment()))
        case .releaseYanked: try isOnce(in: 3) ? .releaseYanked(.init(release: release(state), reason: reason())) : nil
        case .violationDetected: .violationDetected(.init(environment: environment(), commit: try commit(9), detail: "by hand"))
        case .violationAccepted: try acceptance(state)
        default: try word(of: type, state)
        }
    }

    /// Who says it: of those who gave their word on a promotion, one half of the time.
    mutating func actor(of payload: Event.Payload, _ state: ApplicationState, among people: [String]) -> String? {
        let promotion = payload.subject.promotion.flatMap(state.promotion)
        let known = (promotion?.approvals.map(\.by) ?? []) + (promotion?.rejections.map(\.by) ?? [])
        return isOnce(in: 2) ? pick(known)?.text ?? pick(people) : pick(people)
    }

    private mutating func registration() throws -> Event.Payload {
        let digit = String(Int.random(in: 0..<9, using: &random))
        let digest = try #require(ImageDigest("sha256:" + String(repeating: digit, count: 64)))
        let images = [ReleaseImage(name: application.images[0], digest: digest, tag: nil)]
        let source = SourceCommit(String(repeating: String(Int.random(in: 0..<9, using: &random)), count: 40))
        return .releaseRegistered(
            .init(
                release: ReleaseID(application.name, images: images), images: images,
                build: BuildOrigin(commit: isOnce(in: 2) ? source : nil, source: nil, run: nil)))
    }

    private mutating func baseline() throws -> Event.Payload? {
        guard case .releaseRegistered(let build) = try registration() else { return nil }
        let name = application.images[0]
        let found: [FoundImage]? =
            switch Int.random(in: 0..<6, using: &random) {
            case 0: nil
            case 1: []
            case 2: [FoundImage(name: name, text: "web:v1")]
            default: build.images.map { FoundImage(name: $0.name, digest: $0.digest) }
            }
        return .baselineRecorded(
            .init(
                environment: environment(), release: build.release, images: build.images,
                found: FoundContent(commit: try commit(), images: found)))
    }

    private mutating func request(_ state: ApplicationState) throws -> Event.Payload {
        let (environment, upstream) = (environment(), environments[1])
        let number = state.nextPromotionNumber + (isOnce(in: 10) ? 1 : 0)
        let origin: PromotionOrigin =
            isOnce(in: 5)
            ? .environment(environment)
            : ["any", "soaked"].contains(environment.text) ? .environment(upstream) : .build
        let branch = PromotionID(application.name, isOnce(in: 20) ? 7 : number).branch(into: environment)
        let content = PromotionContent(branch: branch, base: try commit(), head: try commit(), rendered: "r")
        return .promotionRequested(
            .init(
                promotion: number, environment: environment, from: origin, release: try release(state), content: content,
                emergency: isOnce(in: 20) ? "fire" : nil))
    }

    private mutating func verification(_ state: ApplicationState) throws -> Event.Payload {
        let environment = environment()
        let present = isOnce(in: 4) ? nil : pick(state.deployments[environment] ?? [])?.release
        return .verificationRecorded(
            .init(
                environment: environment, release: try present ?? release(state), result: isOnce(in: 4) ? .failed : .passed,
                evidence: nil))
    }

    private mutating func acceptance(_ state: ApplicationState) throws -> Event.Payload {
        let environment = environment()
        let found: FoundContent? =
            switch Int.random(in: 0..<4, using: &random) {
            case 0: nil
            case 1: FoundContent(commit: try commit(), images: nil)
            case 2: FoundContent(commit: try commit(), images: [FoundImage(name: application.images[0], text: "web:v1")])
            default:
                FoundContent(
                    commit: try commit(),
                    images: pick(state.releases)?.images.map { FoundImage(name: $0.name, digest: $0.digest) })
            }
        let known = (state.violations[environment] ?? []).map(\.commit)
        let commits = try isOnce(in: 10) ? [commit(9)] : Array(known.suffix(2))
        return .violationAccepted(.init(environment: environment, commits: commits, reason: reason(), found: found))
    }

    /// What is said of one promotion.
    private mutating func word(of type: EventType, _ state: ApplicationState) throws -> Event.Payload? {
        guard let promotion = promotion(state) else { return nil }
        let number = promotion.number
        let head = try isOnce(in: 10) ? commit() : promotion.content.head
        switch type {
        case .pullRequestOpened:
            return .pullRequestOpened(
                .init(promotion: number, pullRequest: PullRequest(number: number, url: nil, title: "", body: "")))
        case .promotionApproved:
            return .promotionApproved(
                .init(
                    application: application.name, promotion: number, environment: promotion.environment,
                    release: promotion.release, head: head, rendered: isOnce(in: 20) ? "s" : "r"))
        case .approvalRevoked: return .approvalRevoked(.init(promotion: number))
        case .promotionRejected: return .promotionRejected(.init(promotion: number, head: head, reason: reason()))
        case .rejectionWithdrawn: return .rejectionWithdrawn(.init(promotion: number))
        case .promotionMerged:
            return .promotionMerged(
                .init(
                    promotion: number, environment: promotion.environment, release: promotion.release, head: head,
                    commit: try commit()))
        case .promotionClosed: return .promotionClosed(.init(promotion: number, reason: "old"))
        default: return nil
        }
    }

    /// An event of the ledger of environments.
    mutating func eventOfEnvironments(_ type: EventType, at time: Timestamp) throws -> Event.Payload? {
        switch type {
        case .freezePlaced:
            .freezePlaced(
                .init(
                    environment: environment(), reason: reason(),
                    until: isOnce(in: 2) ? time.adding(seconds: Int64.random(in: -50...300, using: &random)) : nil))
        case .freezeLifted: .freezeLifted(.init(environment: environment()))
        case .changeApproved:
            .changeApproved(
                .init(
                    head: try commit(),
                    results: isOnce(in: 2)
                        ? [ChangeResult(application: application.name, environment: environment(), rendered: "r")] : [],
                    policy: isOnce(in: 2) ? "p" : nil))
        case .changeApprovalRevoked: .changeApprovalRevoked(.init(head: try commit()))
        case .policyViolationDetected: .policyViolationDetected(.init(commit: try commit(9), detail: "unapproved"))
        case .policyViolationAccepted: .policyViolationAccepted(.init(commits: [try commit(9)], reason: reason()))
        default: nil
        }
    }
}
