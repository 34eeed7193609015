import GitOpsTypes
import SSHSignatures
import Testing

@testable import PromotionDomain

/// The list of rules, and what holds for each of them.
@Suite struct PromotionRulesTests {
    private let worst: WorstCase
    private var rules: [any PromotionRule] { PromotionRules.all(of: worst.environment) }

    init() throws {
        worst = try WorstCase()
    }

    @Test func `No two rules have one name, and each check has that of its rule`() {
        #expect(Set(rules.map(\.name)).count == rules.count)
        for rule in rules {
            let check = rule.needs.check(worst.facts(emergency: nil), worst.content, worst.merger)
            #expect(check?.rule == rule.name, "\(rule)")
        }
    }

    @Test func `Checks are in the order of the list, also those that the ledger alone decides`() {
        let facts = worst.facts(emergency: nil)
        let all = PromotionJudgement(facts).checks(worst.content, merger: worst.merger)
        #expect(all.map(\.rule) == rules.map(\.name))
        let ofLedger = PromotionJudgement(facts).ledgerChecks()
        let expected = rules.filter { if case .ledger = $0.needs { true } else { false } }.map(\.name)
        #expect(ofLedger.map(\.rule) == expected)
        #expect(ofLedger.map(\.detail) == all.filter { expected.contains($0.rule) }.map(\.detail))
        #expect(PromotionJudgement(facts).ledgerChecks(merger: worst.merger).map(\.rule) == expected + [.authorizedMerge])
    }

    @Test func `Where all that can be wrong is, no rule passes`() {
        for check in PromotionJudgement(worst.facts(emergency: nil)).checks(worst.content, merger: worst.merger) {
            #expect(check.status != .pass, "\(check.rule): \(check.detail)")
        }
    }

    @Test func `An emergency bypasses the rules that only delay, says so, and leaves all others as they are`() {
        let ordinary = PromotionJudgement(worst.facts(emergency: nil)).checks(worst.content, merger: worst.merger)
        let urgent = PromotionJudgement(worst.facts(emergency: "fire")).checks(worst.content, merger: worst.merger)
        let bypassed = zip(ordinary, urgent).filter { $0.status != $1.status }.map(\.1)
        #expect(
            bypassed.map(\.rule) == [
                .notHeld, .verifiedUpstream, .notTainted, .gate("policy"), .soak, .windows, .approved,
            ])
        for check in bypassed {
            #expect(check.status == .pass)
            #expect(check.detail.contains("in an EMERGENCY (fire): "))
        }
        for (before, after) in zip(ordinary, urgent) where !bypassed.contains(after) && after.rule != .authorizedMerge {
            #expect(before == after)
        }
    }

    @Test func `Content that is not what was approved voids approvals, and what is not known of it does not`() throws {
        var world = try World()
        let number = try world.open(into: "guarded", by: "alice", key: "alice")
        try world.approve(number, by: "bob", key: "bob")
        try world.approve(number, by: "carol", key: "carol")
        let promotion = try #require(world.state.promotion(number))
        let environment = try #require(world.policy.environment(promotion.environment))
        let facts = PromotionFacts(
            policy: world.policy, state: world.state, environment: environment, release: promotion.release, origin: .build,
            promotion: promotion, time: Timestamp(seconds: 100), freezes: [])
        #expect(PromotionJudgement(facts).ledgerChecks()[.approved]?.status == .pass)
        let moved = ContentEvidence(images: [], scope: .exact(paths: []), merge: .rendersDifferently)
        #expect(PromotionJudgement(facts).checks(moved)[.approved]?.status == .pending)
    }
}

/// A promotion that no rule lets pass.
private struct WorstCase {
    let environment: Environment
    let content: ContentEvidence
    let merger: Actor
    private let policy: Policy
    private let state: ApplicationState
    private let promotion: (String?) -> Promotion
    private let freeze: Freeze

    func facts(emergency: String?) -> PromotionFacts {
        let promotion = promotion(emergency)
        return PromotionFacts(
            policy: policy, state: state, environment: environment, release: promotion.release, origin: promotion.origin,
            promotion: promotion, time: Timestamp(seconds: 100), freezes: [freeze])
    }

    init() throws {
        var world = try World()
        let origin = try #require(EnvironmentName("dev-a"))
        let name = try #require(EnvironmentName("worst"))
        let commit = try #require(CommitID(String(repeating: "c", count: 40)))
        let alice = try #require(Principal("alice"))
        try world.register(by: "ci", key: "ci", at: 1)
        try world.revoke("ci")
        environment = Self.environment(name, from: origin)
        policy = Policy(
            applications: world.policy.applications, environments: world.policy.environments + [environment],
            allowedSigners: world.policy.allowedSigners)
        let (time, old, new) = (Timestamp(seconds: 1), world.release, try world.newerRelease())
        var violation = ApplicationState(application: world.application.name, releases: world.state.releases + [new])
        violation.holds[name] = Hold(reason: "looking", by: alice, at: time)
        violation.yanks[old.id] = Yank(reason: "broken", by: alice, at: time)
        violation.violations[origin] = [Violation(commit: commit, detail: "by hand", by: alice, at: time)]
        violation.deploy(new.id, in: name, promotion: nil, commit: commit, at: time)
        state = violation
        promotion = { emergency in
            Promotion(
                number: 1, environment: name, origin: .environment(origin), release: old.id,
                content: PromotionContent(
                    branch: PromotionID(world.application.name, 1).branch(into: name), base: commit, head: commit, rendered: "r"),
                requestedBy: alice, requestedAt: time, requestKey: nil, emergency: emergency,
                state: .closed(Promotion.Closing(reason: "old", by: alice, at: time)))
        }
        freeze = Freeze(environment: name, reason: "holidays", by: alice, at: time, until: nil, policyCommit: commit)
        content = ContentEvidence(images: [], scope: .violated("more"), merge: .conflict(paths: ["x"]))
        merger = Actor(try #require(Principal("mallory")), .unsigned)
    }

    private static func environment(_ name: EnvironmentName, from origin: EnvironmentName) -> Environment {
        Environment(
            name: name, source: .environments([origin], require: .all), branch: nil, soak: 60,
            approvals: ApprovalPolicy(required: 1, from: .anyone, fourEyes: [.requester]),
            gates: [ExternalGate(name: "policy", judge: .status("policy"), timeout: 1)], promoters: .anyone,
            mergers: .listing([]), operators: .anyone, verifiers: .anyone, asksProvenance: true)
    }
}

extension World {
    /// A release of other digests.
    fileprivate func newerRelease() throws -> Release {
        let digest = try #require(ImageDigest("sha256:" + String(repeating: "2", count: 64)))
        let images = [ReleaseImage(name: application.images[0], digest: digest, tag: nil)]
        return Release(
            id: ReleaseID(application.name, images: images), images: images,
            build: BuildOrigin(commit: nil, source: nil, run: nil), registered: Timestamp(seconds: 2),
            registeredBy: try #require(Principal("ci")))
    }
}
