import GitOpsTypes
import SSHSignatures
import Testing

@testable import PromotionDomain

/// A policy and a ledger's state, made step by step as the ledger would.
struct World {
    private(set) var policy: Policy
    private(set) var state: ApplicationState
    let application: Application
    let release: Release
    private let head = CommitID(String(repeating: "a", count: 40))
    private var events = 0

    init() throws {
        let app = try #require(ApplicationName("web"))
        let image = try #require(ImageName("registry.example/web"))
        application = Application(
            name: app, images: [image], source: .overlay(try #require(PathTemplate("overlays/{environment}")), as: .standard),
            builders: .anyone)
        let images = [
            ReleaseImage(name: image, digest: try #require(ImageDigest("sha256:" + String(repeating: "1", count: 64))), tag: nil)
        ]
        release = Release(
            id: ReleaseID(app, images: images), images: images, build: BuildOrigin(commit: nil, source: nil, run: nil),
            registered: Timestamp(seconds: 0), registeredBy: try #require(Principal("ci")))
        state = ApplicationState(application: app, releases: [release])
        policy = Policy(applications: [application], environments: [], allowedSigners: AllowedSigners())
        policy = try Self.policy(application, approvers: ["alice", "bob", "carol", "dave", "ci"])
    }

    private static func policy(_ application: Application, approvers: [String]) throws -> Policy {
        func name(_ text: String) throws -> EnvironmentName { try #require(EnvironmentName(text)) }
        func environment(
            _ text: String, _ source: PromotionSource, soak: Int64 = 0, required: Int = 0
        ) throws -> Environment {
            let principals = try approvers.map { try #require(Principal($0)) }
            return Environment(
                name: try name(text), source: source, branch: nil, soak: soak,
                approvals: ApprovalPolicy(
                    required: required, from: .members(.init(names: ["team"], principals: Set(principals))),
                    fourEyes: [.requester, .builder]),
                promoters: .anyone, mergers: .anyone, operators: .anyone, verifiers: .anyone)
        }
        let upstream = [try name("dev-a"), try name("dev-b")]
        let signers =
            ["alice", "bob", "carol", "dave", "ci"].map { who in
                "\(who) \(who == "dave" ? "valid-before=\"19700101001640Z\" " : "")\(line(who))\n"
            }.joined() + "carol \(line("bob"))\n"
        return Policy(
            applications: [application],
            environments: [
                try environment("dev", .build), try environment("dev-a", .build), try environment("dev-b", .build),
                try environment("all", .environments(upstream, require: .all)),
                try environment("any", .environments(upstream, require: .any)),
                try environment("soaked", .environments([upstream[0]], require: .all), soak: 3600),
                try environment("guarded", .build, required: 2),
            ], allowedSigners: try AllowedSigners(signers))
    }

    /// A public key made from a name, as allowed_signers has it; its private half does not exist.
    static func line(_ name: String) -> String {
        let type = Array("ssh-ed25519".utf8)
        let point = Array(String(repeating: name, count: 32).utf8.prefix(32))
        let blob = [0, 0, 0, UInt8(type.count)] + type + [0, 0, 0, 32] + point
        return "ssh-ed25519 \(base64(blob))"
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let value = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0..<4 { text.append(index <= group.count ? alphabet[value >> (18 - 6 * index) & 63] : "=") }
        }
        return text
    }

    func key(_ name: String) throws -> SSHPublicKey {
        try #require(SSHPublicKey(base64: Self.line(name).dropFirst("ssh-ed25519 ".count)))
    }

    var rightImages: [ImageOccurrence] {
        [
            ImageOccurrence(
                object: "Deployment a/web", container: "web", image: application.images[0], digest: release.images[0].digest.text,
                text: "")
        ]
    }

    // MARK: What happens

    mutating func apply(_ event: Event, key: String) { state.apply(event, key: key) }

    mutating func apply(_ event: Event, fingerprint: String?) { state.apply(event, key: fingerprint) }

    /// Begins another ledger.
    mutating func begin(_ state: ApplicationState) { self.state = state }

    /// Other keys count from now on.
    mutating func change(_ signers: AllowedSigners) {
        policy = Policy(applications: policy.applications, environments: policy.environments, allowedSigners: signers)
    }

    /// An environment has another policy for what is not rendered.
    mutating func setUnrendered(_ unrendered: UnrenderedPolicy, in name: String) throws {
        let environments = policy.environments.map { environment in
            guard environment.name.text == name else { return environment }
            return Environment(
                name: environment.name, source: environment.source, branch: environment.branch, soak: environment.soak,
                approvals: environment.approvals, promoters: environment.promoters, mergers: environment.mergers,
                operators: environment.operators, verifiers: environment.verifiers, unrendered: unrendered)
        }
        policy = Policy(
            applications: policy.applications, environments: environments, allowedSigners: policy.allowedSigners)
    }

    private mutating func apply(_ payload: Event.Payload, by actor: String, key: String?, at seconds: Int64) throws {
        events += 1
        let event = Event(
            id: "\(events)", time: Timestamp(seconds: seconds), actor: try #require(Principal(actor)),
            policyCommit: try #require(head), payload: payload)
        state.apply(event, key: try key.map { try self.key($0).fingerprint })
    }

    mutating func open(into environment: String, by actor: String, key: String?) throws -> Int {
        let number = state.nextPromotionNumber
        let name = try #require(EnvironmentName(environment))
        let content = PromotionContent(
            branch: PromotionID(application.name, number).branch(into: name), base: try #require(head), head: try #require(head),
            rendered: "r")
        try apply(
            .promotionRequested(.init(promotion: number, environment: name, from: .build, release: release.id, content: content)),
            by: actor, key: key, at: 1)
        try apply(
            .pullRequestOpened(.init(promotion: number, pullRequest: PullRequest(number: number, url: nil, title: "", body: ""))),
            by: actor, key: key, at: 1)
        return number
    }

    mutating func approve(_ number: Int, by actor: String, key: String) throws {
        let promotion = try #require(state.promotion(number))
        try apply(
            .promotionApproved(
                .init(
                    application: application.name, promotion: number, environment: promotion.environment, release: release.id,
                    head: promotion.content.head, rendered: promotion.content.rendered)), by: actor, key: key, at: 2)
    }

    mutating func deploy(in environment: String) throws {
        let number = try open(into: environment, by: "alice", key: nil)
        try apply(
            .promotionMerged(
                .init(
                    promotion: number, environment: try #require(EnvironmentName(environment)), release: release.id,
                    head: try #require(head), commit: try #require(head))), by: "alice", key: nil, at: 3)
    }

    mutating func verify(
        in environment: String, _ result: Verification.Result, at seconds: Int64, key: String? = nil
    ) throws {
        try apply(
            .verificationRecorded(
                .init(environment: try #require(EnvironmentName(environment)), release: release.id, result: result, evidence: nil)
            ),
            by: key ?? "ci", key: key, at: seconds)
    }

    /// Takes a person off the list of approvers.
    mutating func dismiss(_ name: String) {
        let rest = ["alice", "bob", "carol", "dave", "ci"].filter { $0 != name }
        if let changed = try? Self.policy(application, approvers: rest) { policy = changed }
    }

    // MARK: What is asked

    func checks(
        into environment: String, of release: ReleaseID? = nil, from origin: PromotionOrigin, evidence: ContentEvidence? = nil,
        at seconds: Int64 = 100, isStrict: Bool = true, revocations: [String: Revocation] = [:]
    ) -> [Check] {
        guard let environment = policy.environments.first(where: { $0.name.text == environment }) else { return [] }
        var facts = PromotionFacts(
            policy: policy, state: state, environment: environment, release: release ?? self.release.id, origin: origin,
            promotion: nil,
            time: Timestamp(seconds: seconds), freezes: [])
        (facts.isStrict, facts.revocations) = (isStrict, revocations)
        let found = ContentEvidence(images: rightImages, scope: .exact(paths: ["x"]), merge: .rendersAsProposed)
        return PromotionJudgement(facts).checks(evidence ?? found)
    }

    func checks(of number: Int, evidence: ContentEvidence? = nil, at seconds: Int64) -> [Check] {
        guard let promotion = state.promotion(number), let environment = policy.environment(promotion.environment) else {
            return []
        }
        let facts = PromotionFacts(
            policy: policy, state: state, environment: environment, release: promotion.release, origin: promotion.origin,
            promotion: promotion, time: Timestamp(seconds: seconds), freezes: [])
        let found = ContentEvidence(images: rightImages, scope: .exact(paths: ["x"]), merge: .rendersAsProposed)
        return PromotionJudgement(facts).checks(evidence ?? found)
    }
}
