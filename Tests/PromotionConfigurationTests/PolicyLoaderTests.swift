import Foundation
import GitOpsTypes
import PromoteTestSupport
import PromotionConfiguration
import PromotionDomain
import Testing

@Suite struct PolicyLoaderTests {
    private func load(_ text: String, signers: String = "") throws -> Policy {
        try PolicyLoader(zones: NoTimeZones()).load(["a.yaml": Array(text.utf8), "allowed_signers": Array(signers.utf8)])
    }

    private func document(_ kind: String, _ name: String, _ spec: String) -> String {
        "apiVersion: promote/v1alpha1\nkind: \(kind)\nmetadata: { name: \(name) }\nspec: \(spec)\n---\n"
    }

    @Test func `The example of this repository is a valid configuration`() throws {
        let folder = Playground.repositoryRoot.appending(component: "environments")
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            files[name] = Array(try Data(contentsOf: folder.appending(component: name)))
        }
        let policy = try PolicyLoader(zones: NoTimeZones()).load(files)
        #expect(policy.applications.map(\.name.text) == ["web"])
        #expect(policy.environments.map(\.name.text) == ["dev", "staging", "prod"])
        let prod = try #require(policy.environments.last)
        #expect(prod.approvals.required == 2)
        #expect(prod.approvals.from.principals.map(\.text) == ["alice@example.org", "bob@example.org", "carol@example.org"])
        #expect(prod.mergers == prod.promoters)
    }

    @Test func `Environments are in the order that releases take`() throws {
        let policy = try load(
            document("Environment", "a-prod", "{ promotesFrom: [qa, perf], require: any }")
                + document("Environment", "qa", "{ promotesFrom: [dev] }")
                + document("Environment", "perf", "{ promotesFrom: [dev] }")
                + document("Environment", "dev", "{ promotesFrom: [build] }"))
        #expect(policy.environments.map(\.name.text) == ["dev", "perf", "qa", "a-prod"])
    }

    @Test func `Charts are pinned behind images, or alone, and told apart`() throws {
        let policy = try load(
            document(
                "Application", "web",
                "{ images: [{ name: r.example/web }], charts: [{ name: r.example/charts/web, select: { semver: '1.x' } }], files: [{ path: '{environment}.json', values: { /v: 'r.example/charts/web:version' } }] }"
            ) + document("Application", "alone", "{ charts: [{ name: r.example/charts/alone }] }"))
        let web = try #require(policy.applications.last)
        #expect(web.images.map(\.text) == ["r.example/web", "r.example/charts/web"])
        #expect(web.images.map { web.kind(of: $0) } == [.image, .chart])
        #expect(web.containerImages.map(\.text) == ["r.example/web"])
        #expect(web.selections.keys.map(\.text) == ["r.example/charts/web"])
        #expect(web.files.first?.values.values.map(\.part) == [.version])
        #expect(policy.applications.first { $0.name.text == "alone" }?.containerImages.isEmpty == true)
    }

    @Test func `What is not rendered passes unless an environment refuses it`() throws {
        let policy = try load(
            document("Environment", "dev", "{ promotesFrom: [build] }")
                + document("Environment", "prod", "{ promotesFrom: [dev], unrendered: refuse }"))
        #expect(policy.environments.map(\.unrendered) == [.allow, .refuse])
    }

    /// Each with where the error is, a part of its message, and a part of its hint.
    @Test(arguments: [
        ("{ promotesFrom: [build], aprovals: {} }", "4:32", "unknown key “aprovals”", "did you mean “approvals”?"),
        ("{ promotesFrom: build }", "4:23", "promotesFrom must be a list, and is the string “build”", ""),
        ("{ promotesFrom: [devv] }", "4:24", "there is no environment “devv”", "did you mean “dev”?"),
        ("{ soak: 2h }", "4:7", "has no source", "promotesFrom: [build]"),
        ("{ promotesFrom: [] }", "4:23", "promotesFrom is empty", ""),
        ("{ promotesFrom: [build, dev] }", "4:24", "build stands alone", ""),
        ("{ promotesFrom: [build], soak: 2 }", "4:38", "soak must be a string, and is the number 2", "write \"2\""),
        ("{ promotesFrom: [build], soak: 2x }", "4:38", "not a duration", "write 90s"),
        ("{ promotesFrom: [build], approvals: { required: two } }", "4:55", "must be a whole number", ""),
        (
            "{ promotesFrom: [build], approvals: { required: 2, from: [a@example.org] } }", "4:55",
            "no more than 1 of the listed may approve", ""
        ),
        ("{ promotesFrom: [build], unrendered: refused }", "4:44", "none of refuse, allow", "did you mean “refuse”?"),
        ("{ promotesFrom: [build], autoPromote: yes }", "4:45", "must be true or false", ""),
        (
            "{ promotesFrom: [build], approvals: { required: 1, include: [a@example.org, b@example.org] } }", "4:67",
            "only 1 required", "required: 2"
        ),
        ("{ promotesFrom: [build], windows: [{}] }", "4:42", "either an allow or an exclude", "exclude: {"),
        (
            "{ promotesFrom: [build], windows: [{ exclude: { cron: '0 25 * * *', duration: 1h } }] }", "4:61", "0 to 23",
            "FRI"
        ),
        (
            "{ promotesFrom: [build], windows: [{ allow: { cron: '@daily', duration: 1h, timeZone: CEST } }] }", "4:93",
            "is not a time zone", ""
        ),
        ("{ promotesFrom: [build], windows: [{ allow: { cron: '@daily', duration: 9000d } }] }", "4:79", "366 days", ""),
        (
            "{ promotesFrom: [build], gates: [{ name: g, url: 'http://127.0.0.1:80@evil.example/' }] }", "4:56",
            "is not the address of a gate", "https"
        ),
        (
            "{ promotesFrom: [build], gates: [{ name: g, url: 'http://localhost:1@evil.example' }] }", "4:56",
            "is not the address of a gate", "https"
        ),
        (
            "{ promotesFrom: [build], gates: [{ name: g, url: 'http://127.0.0.1.evil.example/' }] }", "4:56",
            "is not the address of a gate", "https"
        ),
        (
            "{ promotesFrom: [build], gates: [{ name: g, url: 'https://bot:word@gates.example/' }] }", "4:56",
            "is not the address of a gate", "https"
        ),
        (
            "{ promotesFrom: [build], gates: [{ name: g, url: 'http://gates.example/' }] }", "4:56",
            "is not the address of a gate", "https"
        ),
        ("{ promotesFrom: [build], gates: [{ name: g, url: 'https://' }] }", "4:56", "is not the address of a gate", "https"),
        (
            "{ promotesFrom: [build], gates: [{ name: g, url: 'ftp://gates.example/' }] }", "4:56",
            "is not the address of a gate", "https"
        ),
        (
            "{ promotesFrom: [build], gates: [{ name: g, url: 'http://127.0.0.1\\@evil.example/' }] }", "4:56",
            "is not the address of a gate", "https"
        ),
    ])
    func `An error says where it is, what is wrong and what was meant`(
        _ spec: String, _ position: String, _ message: String, _ hint: String
    ) throws {
        #expect {
            try load(document("Environment", "qa", spec) + document("Environment", "dev", "{ promotesFrom: [build] }"))
        } throws: { error in
            guard let error = error as? ConfigurationError else { return false }
            return error.description.hasPrefix("environments/a.yaml:\(position): ") && error.message.contains(message)
                && !error.hint.isEmpty && (hint.isEmpty || error.hint.contains(hint))
        }
    }

    @Test func `A circle of environments is an error that shows it`() {
        #expect {
            try load(
                document("Environment", "dev", "{ promotesFrom: [build] }")
                    + document("Environment", "a", "{ promotesFrom: [b] }")
                    + document("Environment", "b", "{ promotesFrom: [a] }"))
        } throws: { "\($0)".contains("in a circle: a ← b ← a") }
    }

    @Test(arguments: [
        ("Environment", "status", "{ promotesFrom: [build] }", "is a command of promote"),
        ("Environment", "Prod", "{ promotesFrom: [build] }", "is not an environment name"),
        ("Application", "web", "{ images: [] }", "at least one image"),
        ("Application", "web", "{ images: [{ name: web }], overlay: ../x }", "is not an overlay path"),
        ("Application", "web", "{ images: [{ name: web }], kustomize: \"5.6\" }", "is no release of Kustomize that is known"),
        ("Application", "web", "{ images: [{ name: web }], kustomize: 5.5 }", "kustomize"),
        ("Application", "web", "{ images: [{ name: web }], overlay: overlays/prod }", "is not an overlay path"),
        ("Application", "web", "{ images: [{ name: We b }] }", "is not an image name"),
        ("Application", "web", "{ images: [{ name: web }], manifests: deploy }", "environments of one branch would share it"),
        (
            "Application", "web", "{ images: [{ name: web }], manifests: 'a/{environment}', overlay: 'b/{environment}' }",
            "has one source"
        ),
        (
            "Application", "web", "{ images: [{ name: web }], manifests: 'a/{environment}', kustomize: '5.8' }",
            "and this has manifests"
        ),
        ("Application", "web", "{ images: [{ name: web }], loadRestrictions: all }", "none of root, none"),
        ("Application", "web", "{ images: [{ name: web }], bases: { remote: latest } }", "none of refused, pinned"),
        ("Application", "web", "{ images: [{ name: web }], bases: pinned }", "bases"),
        (
            "Application", "web", "{ images: [{ name: web }], manifests: 'a/{environment}', bases: { remote: pinned } }",
            "bases says how an overlay is rendered"
        ),
        ("Application", "web", "{ images: [{ name: web }], helm: { chart: c } }", "another in each environment"),
        ("Application", "web", "{ images: [{ name: web }], helm: { values: ['{environment}.yaml'] } }", "chart"),
        (
            "Application", "web", "{ images: [{ name: web }], helm: { chart: ../c, values: ['{environment}.yaml'] } }",
            "chart's path"
        ),
        (
            "Application", "web", "{ images: [{ name: web }], helm: { chart: c, values: ['{environment}'], namespace: -n } }",
            "is not a name of Kubernetes"
        ),
        (
            "Application", "web",
            "{ images: [{ name: web }], helm: { chart: c, values: ['{environment}'], kubeVersion: '2.0' } }",
            "is not a release of Kubernetes"
        ),
        (
            "Application", "web", "{ images: [{ name: web }], helm: { chart: c, values: ['{environment}'], engine: builtin } }",
            "none of program"
        ),
        (
            "Application", "web",
            "{ images: [{ name: web }], helm: { chart: c, values: ['{environment}'], images: [{ name: wab, tag: /t }] } }",
            "none of the images of web"
        ),
        (
            "Application", "web",
            "{ images: [{ name: web }], helm: { chart: c, values: ['{environment}'], images: [{ name: web, repository: /r }] } }",
            "nothing says where the values have the digest"
        ),
        (
            "Application", "web",
            "{ images: [{ name: web }], helm: { chart: c, values: ['{environment}'], images: [{ name: web, tag: t }] } }",
            "no JSON pointer"
        ),
        ("Application", "web", "{ images: [], charts: [] }", "at least one image"),
        ("Application", "web", "{ images: [{ name: web }], charts: [{ name: 'oci://r.example/c' }] }", "without a scheme"),
        (
            "Application", "web", "{ images: [{ name: r.example/c }], charts: [{ name: r.example/c }] }",
            "as an image and as a chart"
        ),
        ("Application", "web", "{ charts: [{ name: r.example/c }, { name: r.example/c }] }", "listed twice"),
        ("Application", "web", "{ charts: [{ name: r.example/c, policies: [a] }] }", "unknown key"),
        ("Team", "t", "{ members: [\"a b\"] }", "is not a principal"),
        ("Forge", "origin", "{ type: githup }", "none of local, github, gitlab, gitea, forgejo"),
        ("Pipeline", "x", "{}", "none of Application, ApplicationSet, Environment, Team, Forge"),
    ])
    func `Values that make no sense are refused`(_ kind: String, _ name: String, _ spec: String, _ message: String) {
        #expect { try load(document(kind, name, spec)) } throws: { "\($0)".contains(message) }
    }

    @Test func `A name that is both a team and a principal is refused`() {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOkjUuigsR9ttJnNNRETSRFyCkm4D3xhqxCRbim3fTvd"
        #expect { try load(document("Team", "ops", "{ members: [a] }"), signers: "ops \(key)\n") } throws: {
            "\($0)".contains("is a team here and a principal")
        }
    }

    @Test(
        arguments: [
            // Applications may share an overlay of one environment.
            ("overlays/{environment}", "overlays/{environment}", nil),
            ("apps/a/{environment}", "apps/b/{environment}", nil),
            ("overlays/{environment}", "overlays/{environment}/b", "it is inside overlays/dev, which is an overlay of dev"),
            ("overlays/{environment}", "overlays/dev/{environment}", "it is inside overlays/dev, which is an overlay of dev"),
            ("{environment}/x", "x/{environment}", nil), ("x{environment}", "x{environment}y", nil),
        ] as [(String, String, String?)]) func `Places of environments are apart`(
            _ one: String, _ other: String, _ problem: String?
        ) throws
    {
        let policy = try load(
            document("Application", "a", "{ images: [{ name: r.example/a }], overlay: \"\(one)\" }")
                + document("Application", "b", "{ images: [{ name: r.example/b }], overlay: \"\(other)\" }")
                + document("Environment", "dev", "{ promotesFrom: [build] }")
                + document("Environment", "prod", "{ promotesFrom: [dev] }"))
        #expect(policy.placeConflict?.text == problem)
    }

    @Test func `A file of one environment is in no overlay of another, and on another branch is another place`() throws {
        func policy(_ files: String, branch: String = "") throws -> Policy {
            try load(
                document(
                    "Application", "a", "{ images: [{ name: r.example/a }], overlay: \"o/{environment}\", files: [\"\(files)\"] }"
                )
                    + document("Environment", "dev", "{ promotesFrom: [build] }")
                    + document("Environment", "prod", "{ promotesFrom: [dev]\(branch) }"))
        }
        #expect(try policy("o/{environment}/x.tfvars").placeConflict == nil)
        #expect(try policy("t/{environment}.tfvars").placeConflict == nil)
        #expect(try policy("o/dev/{environment}.tfvars").placeConflict?.text == "it is inside o/dev, which is an overlay of dev")
        #expect(try policy("o/dev/{environment}.tfvars", branch: ", delivery: { branch: p }").placeConflict == nil)
    }

    @Test func `Two documents of one kind and name are refused, whatever files they are in`() {
        let dev = document("Environment", "dev", "{ promotesFrom: [build] }")
        #expect { try PolicyLoader(zones: NoTimeZones()).load(["a.yaml": Array(dev.utf8), "b.yml": Array(dev.utf8)]) } throws: {
            "\($0)" == "environments/b.yml:3:19: there is another Environment “dev”"
        }
    }

    @Test func `Keys that are not understood are an error with their line`() {
        #expect { try load("", signers: "a@example.org nonsense\n") } throws: {
            "\($0)".hasPrefix("environments/allowed_signers:1:1: ")
        }
    }
}
