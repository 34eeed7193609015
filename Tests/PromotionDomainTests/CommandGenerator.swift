import GitOpsTypes
import PromoteTestSupport
import Testing

@testable import PromotionDomain

/// Makes commands as the engine would give them: of what there is, and of what there is not any more.
struct CommandGenerator {
    private let environments: [EnvironmentName]
    private let application: Application
    private var random: SeededGenerator

    init(seed: UInt64, _ application: Application) throws {
        environments = try ["dev", "dev-a", "dev-b", "any", "guarded"].map { try #require(EnvironmentName($0)) }
        self.application = application
        random = SeededGenerator(seed: seed)
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element? { elements.randomElement(using: &random) }

    private mutating func isOnce(in times: Int) -> Bool { Int.random(in: 0..<times, using: &random) == 0 }

    private mutating func commit() throws -> CommitID {
        try #require(CommitID(String(repeating: String(Int.random(in: 0..<9, using: &random)), count: 40)))
    }

    /// A command; nil where there is nothing that it could be about.
    mutating func command(_ state: ApplicationState) throws -> AnyCommand? {
        let environment = try #require(pick(environments))
        switch Int.random(in: 0..<16, using: &random) {
        case 0: return try registration()
        case 1, 2, 3: return try request(into: environment, state)
        case 4: return AnyCommand(PlaceHold(environment, reason: "why"))
        case 5, 6: return AnyCommand(LiftHold(environment))
        case 7: return AnyCommand(RecordViolation("by hand", in: environment, at: try commit()))
        case 8: return try acceptance(in: environment)
        case 9: return isOnce(in: 4) ? pick(state.releases).map { AnyCommand(YankRelease($0.id, reason: "broken")) } : nil
        case 10: return verification(in: environment, state)
        default: return try ofPromotion(state)
        }
    }

    private mutating func registration() throws -> AnyCommand {
        let digit = String(Int.random(in: 0..<9, using: &random))
        let digest = try #require(ImageDigest("sha256:" + String(repeating: digit, count: 64)))
        let images = [ReleaseImage(name: application.images[0], digest: digest, tag: nil)]
        return AnyCommand(
            RegisterBuild(images: images, build: BuildOrigin(commit: nil, source: nil, run: nil), records: nil))
    }

    private mutating func request(into environment: EnvironmentName, _ state: ApplicationState) throws -> AnyCommand? {
        guard let release = isOnce(in: 4) ? pick(state.releases) : state.releases.last else { return nil }
        let content = PromotionContent(
            branch: PromotionID(application.name, state.nextPromotionNumber).branch(into: environment), base: try commit(),
            head: try commit(), rendered: "r")
        let isRollback = isOnce(in: 6)
        let upstream: PromotionOrigin = environment.text == "any" ? .environment(environments[1]) : .build
        return AnyCommand(
            RequestPromotion(
                release.id, from: isRollback ? .environment(environment) : upstream, into: environment, content,
                emergency: nil, rollback: isRollback ? "broken" : nil,
                pullRequest: PullRequest(number: state.nextPromotionNumber, url: nil, title: "", body: "")),
            // Another one takes its place: that nothing is to be done is for the plan to say.
            isIdempotent: false)
    }

    private mutating func acceptance(in environment: EnvironmentName) throws -> AnyCommand {
        let found = FoundContent(commit: try commit(), images: [])
        return AnyCommand(AcceptFound(found, in: environment, isAsRecorded: isOnce(in: 2), reason: "seen"))
    }

    private mutating func verification(in environment: EnvironmentName, _ state: ApplicationState) -> AnyCommand? {
        guard let release = state.deployment(in: environment)?.release else { return nil }
        return AnyCommand(RecordVerification(release, in: environment, isOnce(in: 5) ? .failed : .passed, evidence: nil))
    }

    private mutating func ofPromotion(_ state: ApplicationState) throws -> AnyCommand? {
        guard let number = pick(isOnce(in: 4) ? state.promotions : state.promotions.filter(\.isOpen))?.number else { return nil }
        switch Int.random(in: 0..<9, using: &random) {
        case 0, 1: return AnyCommand(number) { ApproveOpenPromotion($0) }
        case 2: return AnyCommand(number) { RejectPromotion($0, reason: "no") }
        case 3, 4: return AnyCommand(number) { RevokeWord(on: $0) }
        case 5: return AnyCommand(number) { EndPromotion($0, reason: "old") }
        default:
            let commit = try commit()
            return AnyCommand(number) { RecordMerge($0, by: commit) }
        }
    }

    /// A command on the ledger of environments.
    mutating func commandOfEnvironments(at time: Timestamp) throws -> AnyCommand {
        let environment = try #require(pick(environments))
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1:
            let end = isOnce(in: 2) ? time.adding(seconds: Int64.random(in: 1...300, using: &random)) : nil
            return AnyCommand(PlaceFreeze(environment, until: end, reason: "why"))
        case 2: return AnyCommand(LiftFreezes(of: environment))
        case 3, 4: return try approval(of: environment)
        case 5: return AnyCommand(RevokeChangeApproval(of: try commit()))
        case 6: return AnyCommand(RecordPolicyViolation("unapproved", at: try commit()))
        default:
            let violations = [RecordPolicyViolation("unapproved", at: try commit())]
            // Which of them are open is told by the history of the policy, and not here.
            return AnyCommand(AcceptPolicyViolations(violations, reason: "seen"), isIdempotent: false)
        }
    }

    private mutating func approval(of environment: EnvironmentName) throws -> AnyCommand {
        let (head, policy) = (try commit(), isOnce(in: 2) ? "p" : nil)
        let results = [ChangeResult(application: application.name, environment: environment, rendered: "r")]
        return AnyCommand { facts in
            ApproveChangedContent(
                head, results: results, policy: policy, standing: facts.state.standingApprovals(of: head))
        }
    }
}
