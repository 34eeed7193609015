import GitOpsTypes
import SSHSignatures
import Testing

@testable import PromotionDomain

/// The rules by themselves: values in, checks out.
@Suite struct RuleTests {
    private let app: ApplicationName
    private let world: World

    init() throws {
        world = try World()
        app = world.application.name
    }

    @Test func `built-once fails for what nobody registered`() throws {
        let stranger = try #require(ReleaseID("web-0123456789ab"))
        #expect(world.checks(into: "dev", of: stranger, from: .build)[.builtOnce]?.status == .fail)
    }

    @Test func `verified-upstream needs every environment upstream, or any where the policy says so`() throws {
        var world = world
        try world.deploy(in: "dev-a")
        try world.deploy(in: "dev-b")
        try world.verify(in: "dev-a", .passed, at: 10)
        let origin = PromotionOrigin.environment(try #require(EnvironmentName("dev-a")))
        #expect(world.checks(into: "all", from: origin)[.verifiedUpstream]?.status == .fail)
        #expect(world.checks(into: "any", from: origin)[.verifiedUpstream]?.status == .pass)
        try world.verify(in: "dev-b", .passed, at: 20)
        #expect(world.checks(into: "all", from: origin)[.verifiedUpstream]?.status == .pass)
        try world.verify(in: "dev-a", .failed, at: 30)
        #expect(world.checks(into: "all", from: origin)[.verifiedUpstream]?.status == .fail)
        #expect(world.checks(into: "any", from: origin)[.verifiedUpstream]?.status == .pass)
    }

    @Test func `A verification where the release was never deployed counts for nothing`() throws {
        var world = world
        try world.verify(in: "dev-a", .passed, at: 10)
        let origin = PromotionOrigin.environment(try #require(EnvironmentName("dev-a")))
        #expect(world.checks(into: "any", from: origin)[.verifiedUpstream]?.status == .fail)
    }

    @Test func `soak counts from the first verification that nothing revoked, to the second`() throws {
        var world = world
        try world.deploy(in: "dev-a")
        let origin = PromotionOrigin.environment(try #require(EnvironmentName("dev-a")))
        #expect(world.checks(into: "soaked", from: origin, at: 10_000)[.soak]?.status == .pending)
        try world.verify(in: "dev-a", .passed, at: 1000)
        try world.verify(in: "dev-a", .passed, at: 2000)
        #expect(world.checks(into: "soaked", from: origin, at: 4599)[.soak]?.status == .pending)
        #expect(world.checks(into: "soaked", from: origin, at: 4600)[.soak]?.status == .pass)
        try world.verify(in: "dev-a", .failed, at: 5000)
        try world.verify(in: "dev-a", .passed, at: 6000)
        #expect(world.checks(into: "soaked", from: origin, at: 9599)[.soak]?.status == .pending)
        #expect(world.checks(into: "soaked", from: origin, at: 9600)[.soak]?.status == .pass)
    }

    @Test func `An approver counts once, with one key, and not as requester or builder`() throws {
        var world = world
        let number = try world.open(into: "guarded", by: "alice", key: "alice")
        func approved() -> (count: String, status: Check.Status?) {
            let check = world.checks(of: number, at: 100)[.approved]
            return (String(check?.detail.prefix(6) ?? ""), check?.status)
        }
        try world.approve(number, by: "alice", key: "alice")
        #expect(approved() == ("0 of 2", .pending))
        try world.approve(number, by: "ci", key: "ci")
        #expect(approved() == ("0 of 2", .pending))
        try world.approve(number, by: "bob", key: "bob")
        try world.approve(number, by: "bob", key: "bob")
        #expect(approved() == ("1 of 2", .pending))
        // Carol's line lists bob's key, too.
        try world.approve(number, by: "carol", key: "bob")
        #expect(approved() == ("1 of 2", .pending))
        try world.approve(number, by: "carol", key: "carol")
        #expect(approved() == ("2 of 2", .pass))
    }

    @Test func `An approval by a key that is taken off the list, or by somebody who is, counts no more`() throws {
        var world = world
        let number = try world.open(into: "guarded", by: "alice", key: "alice")
        try world.approve(number, by: "bob", key: "bob")
        try world.approve(number, by: "carol", key: "carol")
        #expect(world.checks(of: number, at: 100)[.approved]?.status == .pass)
        // dave's key expires at 1,000.
        try world.approve(number, by: "dave", key: "dave")
        #expect(world.checks(of: number, at: 999)[.approved]?.detail.hasPrefix("3 of 2") == true)
        #expect(world.checks(of: number, at: 1000)[.approved]?.detail.hasPrefix("2 of 2") == true)
        world.dismiss("carol")
        let check = world.checks(of: number, at: 1000)[.approved]
        #expect(check?.detail.hasPrefix("1 of 2") == true)
        #expect(check?.detail.contains("carol: not among the approvers") == true)
        // Bob has another key now; nothing says that the one he signed with was revoked, or when it ends.
        world.change(
            try AllowedSigners(
                "alice \(World.line("alice"))\nbob \(World.line("bobs-new-key"))\ncarol \(World.line("carol"))\n"))
        let replaced = world.checks(of: number, at: 100)[.approved]
        #expect(replaced?.detail.hasPrefix("0 of 2") == true)
        #expect(replaced?.detail.contains("is not in allowed_signers for bob now") == true, "\(replaced?.detail ?? "")")
    }

    @Test func `A merge is judged by what was said before it, by time and by tip`() throws {
        var world = world
        let number = try world.open(into: "guarded", by: "alice", key: "alice")
        try world.approve(number, by: "bob", key: "bob")
        let promotion = try #require(world.state.promotion(number))
        let approval = try #require(promotion.approvals.first)
        #expect(promotion.judged(until: approval.at).approvals == [approval])
        #expect(promotion.judged(until: Timestamp(seconds: approval.at.seconds - 1)).approvals.isEmpty)
        #expect(promotion.judged(until: approval.at, besides: [approval.policyCommit]).approvals.isEmpty)
    }

    @Test func `A target branch that renders something else voids every approval`() throws {
        var world = world
        let number = try world.open(into: "guarded", by: "alice", key: "alice")
        try world.approve(number, by: "bob", key: "bob")
        try world.approve(number, by: "carol", key: "carol")
        let evidence = ContentEvidence(images: world.rightImages, scope: .exact(paths: ["x"]), merge: .rendersDifferently)
        let checks = world.checks(of: number, evidence: evidence, at: 100)
        #expect(checks[.mergeable]?.status == .fail)
        #expect(checks[.approved]?.detail.hasPrefix("0 of 2") == true)
    }

    @Test(arguments: [nil, "sha256:1111111111111111111111111111111111111111111111111111111111111112"])
    func `digest-exact fails where one container has no digest, or another`(_ digest: String?) throws {
        var images = world.rightImages
        images.append(
            ImageOccurrence(
                object: "CronJob x/y", container: "c", image: world.application.images[0], digest: digest, text: "web:1"))
        let evidence = ContentEvidence(images: images, scope: .exact(paths: ["x"]), merge: .rendersAsProposed)
        let check = world.checks(into: "dev-a", from: .build, evidence: evidence)[.digestExact]
        #expect(check?.status == .fail)
        #expect(check?.detail.contains("CronJob x/y, container c") == true)
        let nowhere = ContentEvidence(images: [], scope: .exact(paths: ["x"]), merge: .rendersAsProposed)
        #expect(world.checks(into: "dev-a", from: .build, evidence: nowhere)[.digestExact]?.status == .fail)
    }

    @Test func `digest-exact says what is not rendered here, and refuses it where the environment does`() throws {
        var world = world
        var evidence = ContentEvidence(images: world.rightImages, scope: .exact(paths: ["x"]), merge: .rendersAsProposed)
        func check() -> Check? { world.checks(into: "dev-a", from: .build, evidence: evidence)[.digestExact] }
        try world.setUnrendered(.refuse, in: "dev-a")
        #expect(check()?.status == .pass, "nothing is unrendered")
        evidence.unrendered = (1...7).map {
            UnrenderedObject(object: "HelmRelease apps/\($0)", origin: "chart redis of acme\u{1B}")
        }
        #expect(check()?.status == .fail)
        let refused = check()?.detail ?? ""
        #expect(refused.hasPrefix("dev-a has `unrendered: refuse`"), "\(refused)")
        #expect(refused.contains("HelmRelease apps/1 (from chart redis of acme\u{FFFD})"), "\(refused)")
        #expect(refused.contains("HelmRelease apps/5") && !refused.contains("apps/6") && refused.contains("and 2 more"))
        try world.setUnrendered(.allow, in: "dev-a")
        #expect(check()?.status == .pass)
        #expect(check()?.detail.contains("not rendered here") == true)
        #expect(check()?.detail.hasSuffix("which `unrendered: allow` lets pass") == true)
    }

    @Test func `A role is for its members, proven where they have keys, and for nobody else`() throws {
        let world = world
        func problem(_ name: String, _ proof: Actor.Proof, _ role: Role) throws -> String? {
            Authorization(Actor(try #require(Principal(name)), proof), under: world.policy, at: Timestamp(seconds: 10))
                .problem(with: role, called: "members")
        }
        let members = Role.members(
            .init(names: ["t"], principals: Set([try #require(Principal("alice")), try #require(Principal("guest"))])))
        #expect(try problem("alice", .signed(world.key("alice")), members) == nil)
        #expect(try problem("alice", .unsigned, members)?.contains("none of them signed") == true)
        #expect(try problem("alice", .signed(world.key("bob")), members)?.contains("not one that allowed_signers lists") == true)
        #expect(try problem("alice", .invalid("cut off"), .anyone)?.contains("cut off") == true)
        #expect(try problem("Alice", .signed(world.key("alice")), members)?.contains("not among the members") == true)
        #expect(try problem("guest", .unsigned, members)?.contains("a signature is needed") == true)
        #expect(try problem("guest", .unsigned, .anyone) == nil)
        #expect(
            try problem("guest", .signed(world.key("mallory")), members)?.contains("not one that allowed_signers lists for guest")
                == true)
    }
}

/// Who must be among the approvers, and for how long an approval counts.
@Suite struct ApprovalPolicyTests {
    @Test func `Without those whom a policy includes, no number is enough, and what is old counts no more`() throws {
        let (alice, bob, carol) = (
            try #require(Principal("alice")), try #require(Principal("bob")), try #require(Principal("carol"))
        )
        let policy = ApprovalPolicy(required: 2, from: .anyone, fourEyes: [], include: [alice], expiry: 100)
        #expect(policy.missing(from: [bob, carol]) == [alice])
        #expect(policy.missing(from: [alice, carol]).isEmpty)
        #expect(policy.expiryProblem(Timestamp(seconds: 0), at: Timestamp(seconds: 100)) == nil)
        #expect(policy.expiryProblem(Timestamp(seconds: 0), at: Timestamp(seconds: 101)) != nil)
    }
}

extension [Check] {
    subscript(rule: Rule) -> Check? { first { $0.rule == rule } }
}
