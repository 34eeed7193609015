import GitOpsTypes
import SSHSignatures
import Testing

@testable import PromotionDomain

/// Keys that were revoked or have expired since they signed, and keys that two names share.
@Suite struct KeyStandingTests {
    private let origin: PromotionOrigin

    init() throws {
        origin = .environment(try #require(EnvironmentName("dev-a")))
    }

    @Test func `A registration by a revoked key counts no more, and says which key, since when, and what to type`() throws {
        var world = try World()
        try world.register(by: "ci", key: "ci", at: 1)
        #expect(world.checks(into: "dev", from: .build)[.builtOnce]?.status == .pass)
        try world.revoke("ci")
        let check = try #require(world.checks(into: "dev", from: .build)[.builtOnce])
        #expect(check.status == .fail)
        #expect(check.detail.contains(try world.key("ci").fingerprint))
        #expect(check.detail.contains("revoked_keys"))
        #expect(check.detail.contains("`promote register registry.example/web@sha256:1111"))
        // A program that knew no better was right to go on.
        #expect(world.checks(into: "dev", from: .build, isStrict: false)[.builtOnce]?.status == .pass)
    }

    @Test func `An expired key counts no more; one that is only listed no more, as after a rotation, does`() throws {
        var world = try World()
        // dave's key expires at 1,000.
        try world.register(by: "dave", key: "dave", at: 1)
        #expect(world.checks(into: "dev", from: .build, at: 999)[.builtOnce]?.status == .pass)
        let check = world.checks(into: "dev", from: .build, at: 1000)[.builtOnce]
        #expect(check?.status == .fail)
        #expect(check?.detail.contains("expired at 1970-01-01T00:16:40Z") == true)
        try world.unlist("dave")
        #expect(world.checks(into: "dev", from: .build, at: 2000)[.builtOnce]?.status == .pass)
    }

    @Test func `A release is registered again by another key once that of the first is revoked, and not before`() throws {
        var world = try World()
        try world.register(by: "ci", key: "ci", at: 1)
        #expect(try !world.attemptRegistration(by: "alice", key: "alice", at: 2))
        try world.revoke("ci")
        #expect(try !world.attemptRegistration(by: "ci", key: "ci", at: 3))
        #expect(try !world.attemptRegistration(by: "alice", key: "alice", at: 3, isStrict: false))
        #expect(try world.attemptRegistration(by: "alice", key: "alice", at: 3))
        #expect(world.checks(into: "dev", from: .build)[.builtOnce]?.status == .pass)
        #expect(world.state.releases.count == 1)
        #expect(world.state.release(world.release.id)?.registeredBy == Principal("alice"))
    }

    @Test func `What a revoked key says was built from a commit keeps nobody from registering what was`() throws {
        var world = try World()
        let commit = try #require(SourceCommit("0123456789abcdef"))
        #expect(try world.attemptRegistration(by: "ci", key: "ci", at: 1, digit: "2", from: commit))
        #expect(try !world.attemptRegistration(by: "alice", key: "alice", at: 2, digit: "3", from: commit))
        try world.revoke("ci")
        #expect(try world.attemptRegistration(by: "alice", key: "alice", at: 3, digit: "3", from: commit))
        #expect(try !world.attemptRegistration(by: "bob", key: "bob", at: 4, digit: "4", from: commit))
    }

    @Test func `A verification by a revoked key makes nothing verified, and one that failed still fails`() throws {
        var world = try World()
        try world.deploy(in: "dev-a")
        try world.verify(in: "dev-a", .passed, at: 10, key: "ci")
        #expect(world.checks(into: "soaked", from: origin, at: 10_000)[.soak]?.status == .pass)
        try world.revoke("ci")
        let check = world.checks(into: "soaked", from: origin, at: 10_000)[.verifiedUpstream]
        #expect(check?.status == .fail)
        #expect(check?.detail.contains("is revoked by environments/revoked_keys") == true)
        #expect(check?.detail.contains("`promote verify dev-a --app web --release web-") == true)
        #expect(world.checks(into: "soaked", from: origin, at: 10_000)[.soak]?.status == .pending)
        try world.verify(in: "dev-a", .passed, at: 20, key: "alice")
        #expect(world.checks(into: "soaked", from: origin, at: 10_000)[.verifiedUpstream]?.status == .pass)
        // The thief cannot lift a failure, and a failure needs no key that lasts.
        try world.verify(in: "dev-a", .failed, at: 30, key: "ci")
        #expect(world.checks(into: "soaked", from: origin, at: 10_000)[.verifiedUpstream]?.status == .fail)
    }

    @Test func `To go back to what already ran, a registration by an expired key is enough, and by a revoked one not`() throws {
        var world = try World()
        try world.register(by: "dave", key: "dave", at: 1)
        let back = PromotionOrigin.environment(try #require(EnvironmentName("dev-a")))
        #expect(world.checks(into: "dev-a", from: back, at: 5000)[.builtOnce]?.status == .pass)
        try world.revoke("dave")
        #expect(world.checks(into: "dev-a", from: back, at: 5000)[.builtOnce]?.status == .fail)
    }

    @Test func `The time of a revocation is told where it is known`() throws {
        var world = try World()
        try world.register(by: "ci", key: "ci", at: 1)
        try world.revoke("ci")
        let commit = try #require(CommitID(String(repeating: "b", count: 40)))
        let since = [try world.key("ci").fingerprint: Revocation(commit: commit, at: Timestamp(seconds: 60))]
        let detail = world.checks(into: "dev", from: .build, revocations: since)[.builtOnce]?.detail
        #expect(detail?.contains("since 1970-01-01T00:01:00Z, commit \(commit.hex)") == true)
    }

    // MARK: Four eyes

    @Test(arguments: [nil, "mallory", "bob"] as [String?])
    func `A request that its requester does not prove is refused where four eyes are asked`(_ key: String?) throws {
        let world = try World()
        let problem = try world.problem(withRequestBy: "zed", key: key)
        #expect(problem?.rule == .authorized)
        #expect(problem?.message.contains("asks for four eyes") == true)
        #expect(problem?.hint?.contains("git config user.signingkey") == true)
        // Where nobody is asked, it needs no proof; and what a program let through that knew no better stands.
        #expect(try world.problem(withRequestBy: "zed", key: key, into: "dev") == nil)
        #expect(try world.problem(withRequestBy: "zed", key: key, isStrict: false) == nil)
        #expect(try world.problem(withRequestBy: "alice", key: "alice") == nil)
    }

    @Test func `A request whose key is revoked later is asked for again`() throws {
        var world = try World()
        let number = try world.open(into: "guarded", by: "alice", key: "alice")
        try world.approve(number, by: "bob", key: "bob")
        try world.approve(number, by: "carol", key: "carol")
        #expect(world.checks(of: number, at: 100)[.approved]?.status == .pass)
        try world.revoke("alice")
        let check = world.checks(of: number, at: 100)[.approved]
        #expect(check?.status == .fail)
        #expect(check?.detail.contains("four-eyes cannot be enforced") == true)
        #expect(check?.detail.contains("`promote close web-1 --reason …`") == true)
    }

    @Test func `An approval by a revoked key says so, and what to do`() throws {
        var world = try World()
        let number = try world.open(into: "guarded", by: "alice", key: "alice")
        try world.approve(number, by: "bob", key: "bob")
        try world.revoke("bob")
        let detail = world.checks(of: number, at: 100)[.approved]?.detail
        #expect(detail?.contains("bob: the key SHA256:") == true)
        #expect(detail?.contains("is revoked") == true)
        #expect(detail?.contains("approve again with another key") == true)
    }

    @Test func `Two names that share a key are not two people`() throws {
        var world = try World()
        // Both have bob's key; carol approves with her own.
        let number = try world.open(into: "guarded", by: "bob", key: "bob")
        try world.approve(number, by: "carol", key: "carol")
        try world.approve(number, by: "dave", key: "dave")
        let check = world.checks(of: number, at: 100)[.approved]
        #expect(check?.detail.hasPrefix("1 of 2") == true)
        #expect(check?.detail.contains("carol: has a key that allowed_signers lists for bob, too") == true)
    }

    @Test func `Who shares a key with the builder does not count where the builder does not`() throws {
        var world = try World()
        try world.register(by: "bob", key: "bob", at: 1)
        let number = try world.open(into: "guarded", by: "alice", key: "alice")
        try world.approve(number, by: "carol", key: "carol")
        let detail = world.checks(of: number, at: 100)[.approved]?.detail
        #expect(detail?.contains("who built the release") == true)
    }

    @Test func `A registration is proven where its builder's approval does not count`() throws {
        var world = try World()
        #expect(try !world.attemptRegistration(by: "zed", key: nil, at: 1, digit: "2"))
        #expect(try !world.attemptRegistration(by: "zed", key: "mallory", at: 1, digit: "2"))
        #expect(try world.attemptRegistration(by: "zed", key: nil, at: 1, digit: "2", isStrict: false))
    }
}

extension World {
    private func event(_ payload: Event.Payload, by actor: String, at seconds: Int64) throws -> Event {
        Event(
            id: "x", time: Timestamp(seconds: seconds), actor: try #require(Principal(actor)),
            policyCommit: try #require(CommitID(String(repeating: "a", count: 40))), payload: payload)
    }

    private func registration(digit: Character, from commit: SourceCommit?) throws -> Event.ReleaseRegistered {
        let digest = try #require(ImageDigest("sha256:" + String(repeating: digit, count: 64)))
        let images = [ReleaseImage(name: application.images[0], digest: digest, tag: nil)]
        return Event.ReleaseRegistered(
            release: ReleaseID(application.name, images: images), images: images,
            build: BuildOrigin(commit: commit, source: nil, run: nil))
    }

    /// The world's release, as if by this key.
    mutating func register(by actor: String, key: String, at seconds: Int64) throws {
        let payload = try registration(digit: "1", from: nil)
        apply(try event(.releaseRegistered(payload), by: actor, at: seconds), key: try self.key(key).fingerprint)
    }

    mutating func attemptRegistration(
        by actor: String, key: String?, at seconds: Int64, digit: Character = "1", from commit: SourceCommit? = nil,
        isStrict: Bool = true
    ) throws -> Bool {
        let event = try event(.releaseRegistered(registration(digit: digit, from: commit)), by: actor, at: seconds)
        let proof: Actor.Proof = if let key { .signed(try self.key(key)) } else { .unsigned }
        do {
            try EventAdmission(state: state, policy: policy, freezes: [], isStrict: isStrict)
                .admit(event, by: Actor(event.actor, proof))
        } catch {
            return false
        }
        apply(event, fingerprint: try key.map { try self.key($0).fingerprint })
        return true
    }

    func problem(
        withRequestBy actor: String, key: String?, into environment: String = "guarded", isStrict: Bool = true
    ) throws -> Refusal? {
        let name = try #require(EnvironmentName(environment))
        let number = state.nextPromotionNumber
        let head = try #require(CommitID(String(repeating: "a", count: 40)))
        let content = PromotionContent(
            branch: PromotionID(application.name, number).branch(into: name), base: head, head: head, rendered: "r")
        let event = try event(
            .promotionRequested(
                .init(
                    promotion: number, environment: name, from: .build, release: release.id, content: content)),
            by: actor, at: 10)
        let proof: Actor.Proof = if let key { .signed(try self.key(key)) } else { .unsigned }
        do {
            try EventAdmission(state: state, policy: policy, freezes: [], isStrict: isStrict)
                .admit(event, by: Actor(event.actor, proof))
            return nil
        } catch {
            return error
        }
    }

    /// Lists somebody's key as revoked.
    mutating func revoke(_ name: String) throws {
        let signers = policy.allowedSigners
        change(AllowedSigners(entries: signers.entries, revoked: signers.revoked.union([try key(name)])))
    }

    /// Takes somebody's lines away.
    mutating func unlist(_ name: String) throws {
        let signers = policy.allowedSigners
        change(AllowedSigners(entries: signers.entries.filter { !$0.principals.contains(name) }, revoked: signers.revoked))
    }
}
