import GitOpsTypes
import PromoteTestSupport
import PromotionConfiguration
import PromotionDomain
import Testing

/// Which applications there are, and in which environments, without a document for each.
@Suite struct ApplicationSetTests {
    private func load(_ text: String) throws -> Policy {
        try PolicyLoader(zones: NoTimeZones()).load(["a.yaml": Array(text.utf8)])
    }

    private func document(_ kind: String, _ name: String, _ spec: String) -> String {
        "apiVersion: promote/v1alpha1\nkind: \(kind)\nmetadata: { name: \(name) }\nspec: \(spec)\n---\n"
    }

    private var environments: String {
        document("Environment", "dev", "{ promotesFrom: [build] }") + document("Environment", "qa", "{ promotesFrom: [dev] }")
            + document("Environment", "staging", "{ promotesFrom: [qa] }")
            + document("Environment", "canary", "{ promotesFrom: [staging] }")
            + document("Environment", "prod", "{ promotesFrom: [staging, canary] }")
    }

    private func application(_ text: String) throws -> ApplicationName { try #require(ApplicationName(text)) }

    // MARK: Environments of one application

    /// What the application has, and where each takes its releases from then.
    @Test(arguments: [
        ("[dev, staging, prod]", "dev < build; staging < dev; prod < staging", "staging: qa; prod: canary"),
        ("[dev, prod]", "dev < build; prod < dev", "prod: staging,qa,canary"),
        ("[prod]", "prod < build", "prod: staging,qa,dev,canary"),
        ("[dev, canary, prod]", "dev < build; canary < dev; prod < canary", "canary: staging,qa; prod: staging,qa"),
        ("[dev, qa, staging, canary, prod]", "dev < build; qa < dev; staging < qa; canary < staging; prod < staging,canary", ""),
    ])
    func `Where an application lacks an environment, releases come from the nearest ones upstream`(
        _ list: String, _ sources: String, _ passedOver: String
    ) throws {
        let policy = try load(
            environments + document("Application", "web", "{ images: [{ name: r.example/web }], environments: \(list) }"))
        let own = policy.environments(of: try #require(policy.applications.first))
        let found = own.map { environment in
            let from = environment.source.environments.map(\.text).joined(separator: ",")
            return "\(environment.name) < \(from.isEmpty ? "build" : from)"
        }
        #expect(found.joined(separator: "; ") == sources)
        let skipped = own.filter { !$0.passedOver.isEmpty }.map {
            "\($0.name): \($0.passedOver.map(\.text).joined(separator: ","))"
        }
        #expect(skipped.joined(separator: "; ") == passedOver)
    }

    @Test(arguments: [
        ("[devv]", "there is no environment “devv”", "did you mean “dev”?"),
        ("[dev, dev]", "dev is listed twice", "keep one"),
        ("[]", "at least one environment", "leave environments out"),
        ("dev", "must be a list", ""),
    ])
    func `A list of environments that cannot be meant is refused`(_ list: String, _ message: String, _ hint: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try load(
                environments + document("Application", "web", "{ images: [{ name: r.example/web }], environments: \(list) }"))
        }
        #expect(error.message.contains(message), "\(error)")
        #expect(error.hint.contains(hint), "\(error)")
    }

    // MARK: Sets

    private func set(_ spec: String) throws -> ApplicationSet {
        let policy = try load(environments + document("ApplicationSet", "services", spec))
        return try #require(policy.sets.first)
    }

    @Test func `An application of a set has its name where the set has a placeholder`() throws {
        let set = try set(
            """
            { overlay: "apps/{application}/envs/{environment}", builders: [ci@example.org], environments: [dev, prod],
              images: [{ name: "r.example/{application}", select: { semver: ">=1" }, policies: ["flux:{application}"] }, { name: r.example/proxy }],
              files: [{ path: "vars/{environment}/{application}.tfvars", values: { /web/digest: "{application}:digest" } }] }
            """)
        let shop = try #require(set.application(application("shop")))
        #expect(shop.images.map(\.text) == ["r.example/shop", "r.example/proxy"])
        #expect(shop.selections.keys.map(\.text) == ["r.example/shop"])
        #expect(shop.policies.mapValues(\.text) == ["flux:shop": "r.example/shop"])
        #expect(shop.files.first?.values.values.map(\.image.text) == ["r.example/shop"])
        let dev = try #require(EnvironmentName("dev"))
        #expect(shop.place(in: dev).path.description == "apps/shop/envs/dev")
        #expect(shop.filePaths(in: dev).map(\.description) == ["vars/dev/shop.tfvars"])
        #expect(shop.has(dev))
        #expect(shop.environments?.count == 2)
    }

    @Test func `Charts of registries are named alike`() throws {
        let set = try set(
            """
            { overlay: "apps/{application}/{environment}", images: [{ name: "r.example/{application}" }],
              charts: [{ name: "r.example/charts/{application}", select: { semver: '*' } }] }
            """)
        let shop = try #require(set.application(application("shop")))
        #expect(shop.images.map(\.text) == ["r.example/shop", "r.example/charts/shop"])
        #expect(shop.charts.map(\.text) == ["r.example/charts/shop"])
        #expect(shop.selections.keys.map(\.text) == ["r.example/charts/shop"])
    }

    @Test func `Images in the values of a chart are named alike`() throws {
        let set = try set(
            """
            { helm: { chart: "charts/{application}", values: ["values/{environment}/{application}.yaml"],
                images: [{ name: "r.example/{application}", tag: /image/tag }] }, images: [{ name: "r.example/{application}" }] }
            """)
        let shop = try #require(set.application(application("shop")))
        guard case .chart(let chart) = shop.source else { throw RecordedIssue() }
        #expect(chart.images.map(\.name.text) == ["r.example/shop"])
        #expect(chart.images.first?.fields.values.map(\.image.text) == ["r.example/shop"])
        // Found where the environments have files of their own.
        #expect(set.locator.text == "values/{environment}/{application}.yaml")
    }

    @Test(arguments: [
        "images: [{ name: \"r.example/{application}\", select: { newest: true } }, { name: r.example/web, select: { newest: true } }]",
        "images: [{ name: \"r.example/{application}\" }, { name: r.example/web }]",
        "images: [{ name: \"r.example/{application}\" }], charts: [{ name: r.example/web }]",
        "images: [{ name: \"r.example/{application}\", policies: [web] }, { name: r.example/x, policies: [\"{application}\"] }]",
    ])
    func `A name that makes two images of a set one is no application of it`(_ images: String) throws {
        let set = try set("{ overlay: \"apps/{application}/{environment}\", \(images) }")
        #expect(try set.application(application("web")) == nil)
        #expect(try set.application(application("shop"))?.images.count == set.model.images.count)
    }

    @Test func `Whatever folders are called, each is one application with images of its own, or none`() throws {
        let set = try set(
            """
            { overlay: "apps/{application}/{environment}", images: [
                { name: "r.example/{application}", select: { newest: true }, policies: ["{application}"] },
                { name: "r.example/a-{application}-b", select: { newest: true }, policies: ["x:a-{application}"] },
                { name: r.example/a-b, select: { newest: true }, policies: [a-b] }, { name: r.example/a, policies: [a] } ] }
            """)
        let dev = try #require(EnvironmentName("dev"))
        let folder = try #require(set.locator.folder(in: dev))
        var random = SeededGenerator(seed: 7)
        let pieces = ["a", "b", "-", "A", ".", "_", "é", "e\u{301}", "\u{301}", "{application}", " ", "1", "🚀", "\n", "..", "%"]
        var found = 0
        for length in 0..<4_000 {
            let name = (0..<(length % 6)).compactMap { _ in pieces.randomElement(using: &random) }.joined()
            guard let own = folder.name(of: length % 97 == 0 ? name + String(repeating: "a", count: 70) : name),
                let application = set.application(own)
            else { continue }
            found += 1
            #expect(application.name.text == name && Set(application.images).count == 4, "\(name)")
            #expect(application.selections.count == 3 && application.policies.count == 4, "\(name)")
            #expect(application.place(in: dev).path.description == "apps/\(name)/dev")
        }
        #expect(found > 100)
    }

    private struct RecordedIssue: Error {}

    @Test(arguments: [
        ("apps/{application}/envs/{environment}", "apps", ["shop": "shop", "Shop": nil, "-": nil]),
        ("{application}/overlays/{environment}", ".", ["shop": "shop", ".git": nil]),
        ("overlays/{environment}/svc-{application}", "overlays/dev", ["svc-shop": "shop", "shop": nil, "svc-": nil]),
        ("deploy/{environment}/{application}.yaml", "deploy/dev", ["shop.yaml": "shop", "shop.yml": nil, ".yaml": nil]),
    ])
    func `Entries of one folder are named after applications`(
        _ template: String, _ folder: String, _ names: [String: String?]
    ) throws {
        let dev = try #require(EnvironmentName("dev"))
        let path = try #require(PathTemplate(template))
        let found = try #require(path.folder(in: dev))
        #expect(found.path.description == folder || found.path.isRoot && folder == ".")
        for (entry, name) in names { #expect(found.name(of: entry)?.text == name, "\(entry)") }
    }

    @Test func `What a document names is not made by a set, nor what a set excludes`() throws {
        let policy = try load(
            environments
                + document("Application", "shop", "{ images: [{ name: r.example/special }], overlay: \"special/{environment}\" }")
                + document(
                    "ApplicationSet", "services",
                    "{ overlay: \"apps/{application}/{environment}\", images: [{ name: \"r.example/{application}\" }], exclude: [sandbox-*, old] }"
                ))
        let names = try ["shop", "cart", "sandbox-a", "old", "older"].map(application)
        let found = policy.adding(["services": names])
        #expect(found.applications.map(\.name.text) == ["cart", "older", "shop"])
        #expect(try found.application(application("shop"))?.images.map(\.text) == ["r.example/special"])
        // Judged by a set, though nothing of it is there; and by none that leaves it out.
        #expect(try policy.anyApplication(application("cart"))?.images.map(\.text) == ["r.example/cart"])
        #expect(try policy.application(application("cart")) == nil)
        #expect(try policy.anyApplication(application("sandbox-a")) == nil)
    }

    @Test func `There is one set, so that no folder decides of which an application is`() throws {
        let sets = ["b", "a"].map { name in
            document(
                "ApplicationSet", name,
                "{ overlay: \"\(name)/{application}/{environment}\", images: [{ name: \"r.example/\(name)/{application}\" }] }")
        }
        let error = try #require(throws: ConfigurationError.self) { try load(environments + sets.joined()) }
        #expect(error.message.contains("there is another ApplicationSet, b"), "\(error)")
    }

    @Test func `Of several ways to an environment, one that another goes through counts as that one`() throws {
        let policy = try load(
            document("Environment", "dev", "{ promotesFrom: [build] }") + document("Environment", "eu", "{ promotesFrom: [dev] }")
                + document("Environment", "us", "{ promotesFrom: [dev] }")
                + document("Environment", "prod", "{ promotesFrom: [eu, us], require: any }")
                + document("Application", "web", "{ images: [{ name: r.example/web }], environments: [dev, eu, prod] }"))
        let prod = policy.environments(of: try #require(policy.applications.first)).last
        #expect(prod?.source.environments.map(\.text) == ["eu"])
    }

    @Test(arguments: [
        ("{ overlay: \"apps/{environment}\", images: [{ name: r.example/web }] }", "would be in one place", "{application}"),
        ("{ images: [{ name: r.example/web }] }", "would be in one place", "{application}"),
        (
            "{ overlay: \"a/{application}/{environment}\", images: [{ name: x }], exclude: [\"A\"] }", "matches no application",
            "sandbox-*"
        ),
        (
            "{ overlay: \"a/{application}/{environment}\", images: [{ name: x }], excludes: [] }", "unknown key “excludes”",
            "exclude"
        ),
        ("{ overlay: \"a/{application}\", images: [{ name: x }] }", "environments of one branch would share it", "{environment}"),
        ("{ overlay: \"a/{application}/{environment}\", images: [{ name: \"r.example/{app}\" }] }", "is not", ""),
    ])
    func `A set that cannot be meant is refused`(_ spec: String, _ message: String, _ hint: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try set(spec) }
        #expect(error.message.contains(message), "\(error)")
        #expect(error.hint.contains(hint), "\(error)")
    }

    @Test(arguments: [
        ("sandbox-*", ["sandbox-", "sandbox-a"], ["a-sandbox-", "sandbo"]),
        ("*-a-*-b", ["x-a-y-b", "a-a-a-b"], ["x-a-b", "-a--c"]),
        ("a*a", ["aa", "aba"], ["a", "ab"]),
        ("web", ["web"], ["webs", "we"]),
        ("*", ["a", "web"], []),
    ])
    func `A pattern matches names as its stars allow`(_ text: String, _ matching: [String], _ others: [String]) throws {
        let pattern = try #require(NamePattern(text))
        for name in matching.compactMap({ ApplicationName($0) }) { #expect(pattern.matches(name), "\(name)") }
        for name in others.compactMap({ ApplicationName($0) }) { #expect(!pattern.matches(name), "\(name)") }
    }
}
