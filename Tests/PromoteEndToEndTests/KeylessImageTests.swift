import Foundation
import PromoteTestSupport
import SigstoreInstance
import Testing

/// Images that somebody signed without a key, held against a trust root that is a file of the policy.
@Suite struct KeylessImageTests {
    private static let name = "registry.example/web"
    private static let rules = """
        {keyless: {trustRoot: trusted_root.json, identities: [{issuer: "https://token.ci.example", subject: "https://git.example/acme/web/release.yml@refs/tags/*"}]}}
        """

    private func playground(_ registry: RealRegistry, _ instance: SigstoreInstance, _ rules: String) throws -> Playground {
        let root = String(decoding: try SigstoreInstance.json(instance.trustedRoot()), as: UTF8.self)
        return try Playground(keepingImagesAt: registry.host, image: "verify: " + rules, files: ["trusted_root.json": root])
    }

    enum Form: CaseIterable {
        case tag, bundle
    }

    @Test(arguments: Form.allCases)
    func `What somebody on the list signed without a key is registered, and told`(_ form: Form) throws {
        let registry = try RealRegistry()
        let instance = try SigstoreInstance(founded: .now.addingTimeInterval(-86_400))
        let claim = SigstoreInstance.Claim(start: .now.addingTimeInterval(-3600))
        let digest = try registry.push(image: RegistryTests.labels, to: "web", tag: "1.4.0")
        switch form {
        case .tag:
            let payload = ImageSigner.payload(of: digest, Self.name)
            try registry.attach(
                payload, "application/vnd.dev.cosign.simplesigning.v1+json",
                annotations: try instance.annotations(payload, claim), to: digest, as: ".sig", in: "web")
        case .bundle:
            let bundle = try instance.bundle(
                Data(ImageSigner.statement(of: digest, "https://sigstore.dev/cosign/sign/v1", predicate: "{}").utf8), claim)
            try registry.refer(
                SigstoreInstance.json(bundle), "application/vnd.dev.sigstore.bundle.v0.3+json", to: digest, in: "web")
        }
        let registered = try playground(registry, instance, Self.rules).person("ci").ask("register", "\(Self.name):1.4.0")
        let time = SigstoreInstance.rfc3339(claim.start.addingTimeInterval(1))
        let who = "by https://git.example/acme/web/release.yml@refs/tags/v1.4.0 (https://token.ci.example) at \(time)"
        #expect(registered.text("registry", 0, "provenance", 0)?.hasSuffix(who) == true, "\(registered.result.output)")
    }

    enum Forgery: CaseIterable {
        case otherIssuer, otherWorkflow, otherInstance, late, otherDigest, otherRepository, altered, noRoot
    }

    @Test(arguments: Forgery.allCases)
    func `What was signed without a key and proves nothing is refused, with the reason`(_ forgery: Forgery) throws {
        let registry = try RealRegistry()
        let instance = try SigstoreInstance(founded: .now.addingTimeInterval(-86_400))
        let signing = forgery == .otherInstance ? try SigstoreInstance(founded: .now.addingTimeInterval(-86_400)) : instance
        var claim = SigstoreInstance.Claim(start: .now.addingTimeInterval(-3600))
        if forgery == .otherIssuer { claim.issuer = "https://login.mallory.example" }
        if forgery == .otherWorkflow { claim.subjects = ["https://git.example/acme/web/release.yml@refs/heads/main"] }
        let digest = try registry.push(image: RegistryTests.labels, to: "web", tag: "1.4.0")
        let payload = ImageSigner.payload(
            of: forgery == .otherDigest ? Playground.digest("9") : digest,
            forgery == .otherRepository ? "registry.example/other" : Self.name)
        let annotations = try signing.annotations(payload, claim, loggedAt: forgery == .late ? .now : nil)
        try registry.attach(
            forgery == .altered ? payload + Data(" ".utf8) : payload, "application/vnd.dev.cosign.simplesigning.v1+json",
            annotations: annotations, to: digest, as: ".sig", in: "web")
        let playground =
            forgery == .noRoot
            ? try Playground(
                keepingImagesAt: registry.host, image: "verify: " + "{keys: [cosign.pub]}",
                files: ["cosign.pub": try ImageSigner().publicKey()])
            : try playground(registry, instance, Self.rules)
        let refused = try playground.person("ci").ask("register", "\(Self.name):1.4.0")
        let reason =
            switch forgery {
            case .otherIssuer: "(https://login.mallory.example), who is not listed"
            case .otherWorkflow: "@refs/heads/main (https://token.ci.example), who is not listed"
            case .otherInstance: "no entry in a log of the trust root"
            case .late: ", which was used at"
            case .otherDigest: "of another digest"
            case .otherRepository: "of another repository, registry.example/other"
            case .altered: "bytes that the certificate's key did not sign"
            case .noRoot: "(keyless), which counts only with a trust root, and none is given"
            }
        #expect(refused.refusedBy == "provenance", "\(refused.result.output)")
        #expect(refused.message?.contains(reason) == true, "\(refused.message ?? "")")
        #expect(try !playground.remoteRefs().contains("promote/ledger/"))
    }

    @Test(arguments: [
        ("{keyless: {trustRoot: cosign.pub, identities: [{issuer: x, subject: y}]}}", "is no trusted root: it is no JSON"),
        ("{keyless: {trustRoot: none.json, identities: [{issuer: x, subject: y}]}}", "there is no file environments/none.json"),
        ("{keyless: {trustRoot: trusted_root.json, identities: []}}", "everybody who can log in could sign"),
        ("{keyless: {trustRoot: trusted_root.json, identities: [{issuer: x, subject: \"*\"}]}}", "“*” matches every identity"),
        ("{keyless: {trustRoot: trusted_root.json, identities: [{issuer: x}]}}", "subject"), ("{}", "nothing is proven"),
    ])
    func `A trust root and its people are checked when the policy is read`(_ rules: String, _ reason: String) throws {
        let instance = try SigstoreInstance(founded: .now.addingTimeInterval(-86_400))
        let root = String(decoding: try SigstoreInstance.json(instance.trustedRoot()), as: UTF8.self)
        let playground = try Playground(
            keepingImagesAt: "127.0.0.1:1", image: "verify: " + rules,
            files: ["trusted_root.json": root, "cosign.pub": try ImageSigner().publicKey()])
        let refused = try playground.person("ci").ask("plan", "dev", "staging")
        #expect(refused.status != 0)
        #expect(refused.message?.contains(reason) == true, "\(refused.result.output)")
    }
}
