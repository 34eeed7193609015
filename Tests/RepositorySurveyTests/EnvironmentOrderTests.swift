import GitOpsTypes
import PromotionDomain
import Testing

@testable import RepositorySurvey

enum EnvironmentNames {
    static func make(_ text: String) -> EnvironmentName? { EnvironmentName(text) }
}

enum ImageNames {
    static func make(_ text: String) -> ImageName? { ImageName(text) }
}

@Suite struct EnvironmentOrderTests {
    static let names: [(name: String, siblings: [String], environment: String, prefix: String, suffix: String)] = [
        ("dev", [], "dev", "", ""), ("production", [], "production", "", ""), ("prod-eu", [], "prod-eu", "", ""),
        ("us-prod", [], "us-prod", "", ""), ("eu-west-1-prod", [], "eu-west-1-prod", "", ""), ("web-dev", [], "dev", "web-", ""),
        ("values-prod.yaml", [], "prod", "values-", ".yaml"), ("values.staging.yaml", [], "staging", "values.", ".yaml"),
        ("dev.values.yaml", [], "dev", "", ".values.yaml"), ("dev-values.yaml", [], "dev", "", "-values.yaml"),
        ("qa2", [], "qa2", "", ""), ("pre-prod", [], "pre-prod", "", ""), ("non-prod", [], "non-prod", "", ""),
        ("prod-cluster", [], "prod", "", "-cluster"), ("dev-db", ["dev-db", "prod-db"], "dev", "", "-db"),
        ("prod-ams3", ["dev", "prod-ams3"], "prod-ams3", "", ""),
        ("load-gpu", ["load-gpu", "int-gpu", "qa"], "load-gpu", "", ""),
        ("dev-db", ["dev", "dev-db", "prod-db"], "dev", "", "-db"),
    ]

    @Test(arguments: names)
    func `A name has its environment and what stands around it`(
        _ name: String, _ siblings: [String], _ environment: String, _ prefix: String, _ suffix: String
    ) throws {
        let lexicon = EnvironmentLexicon()
        let mark = try #require(EnvironmentMark(name, among: SiblingNames(siblings, lexicon), in: lexicon))
        #expect(mark.environment.text == environment)
        #expect(mark.prefix == prefix)
        #expect(mark.suffix == suffix)
    }

    @Test(arguments: ["base", "devices", "product", "Prod", "latest", "contest", "protest-1", "livestream"])
    func `Words that only look like environments are none`(_ name: String) {
        #expect(EnvironmentMark(name, in: EnvironmentLexicon()) == nil)
    }

    static let orders: [(environments: [String], chain: [String])] = [
        (["prod", "dev", "staging"], ["dev ← build", "staging ← dev", "prod ← staging"]),
        (["production", "qa", "int", "uat"], ["int ← build", "qa ← int", "uat ← qa", "production ← uat"]),
        (["prod-eu", "prod-us", "staging"], ["staging ← build", "prod-eu ← staging", "prod-us ← staging"]),
        (
            ["staging-eu", "staging-us", "prod-eu", "prod-us"],
            ["staging-eu ← build", "staging-us ← build", "prod-eu ← staging-eu", "prod-us ← staging-us"]
        ),
        (["prod"], ["prod ← build"]),
    ]

    @Test(arguments: orders)
    func `Environments are in the order that their names mean, side by side where they mean the same`(
        _ environments: [String], _ chain: [String]
    ) throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "r.example/web")
        for environment in environments { tree.addOverlay(at: "overlays/\(environment)", on: "../../base") }
        #expect(try tree.proposal().chain == chain)
    }

    @Test func `Versions that trail each other are told`() throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "r.example/web")
        for (environment, tag) in [("dev", "1.10.0"), ("staging", "1.9.0"), ("prod", "1.8.2")] {
            tree.addOverlay(
                at: "overlays/\(environment)", on: "../../base", more: "images: [{ name: r.example/web, newTag: \(tag) }]\n")
        }
        let because = try tree.proposal().because(of: "order dev → staging → prod")
        #expect(because == "r.example/web has 1.10.0 in dev, 1.9.0 in staging, 1.8.2 in prod")
    }

    @Test func `The last environment is production, whatever a person calls it`() {
        let lexicon = EnvironmentLexicon(given: ["red", "green"].compactMap(EnvironmentName.init))
        #expect(lexicon.given.map(lexicon.isProduction) == [false, true])
        #expect(EnvironmentNames.make("prod-eu").map(EnvironmentLexicon().isProduction) == true)
    }
}
