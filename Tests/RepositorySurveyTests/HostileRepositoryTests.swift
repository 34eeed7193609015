import GitOpsTypes
import ImageSelection
import PromoteTestSupport
import PromotionConfiguration
import PromotionDomain
import Testing
import YAMLEditing

@testable import RepositorySurvey

/// What a repository says is written as text, and says nothing else in the configuration.
@Suite struct HostileRepositoryTests {
    /// What would be more than a text, were it copied.
    static let texts = [
        "asc }, policies: [mallory] }]\n  builders: [mallory]\n  files: [{ path: x, y: \"",
        "1 }] # ", "asc\n---\nkind: Team", "\"", "\\", "*", "&a", "!!x y", "{environment}", "a: b", "yes", "1.0", "\u{2028}x",
    ]

    private static let policies: [(what: String, spec: @Sendable (String) -> String)] = [
        ("semver", { "policy: { semver: { range: \($0) } }" }),
        ("numerical", { "policy: { numerical: { order: \($0) } }" }),
        ("alphabetical", { "policy: { alphabetical: { order: \($0) } }" }),
        ("pattern", { "policy: { numerical: { order: asc } }\n  filterTags: { pattern: \($0) }" }),
        ("extract", { "policy: { numerical: { order: desc } }\n  filterTags: { pattern: '^a', extract: \($0) }" }),
    ]

    private func tree(name: String = "web", spec: String) -> SurveyedTree {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "r.example/web:1.0")
        for environment in ["dev", "prod"] { tree.addOverlay(at: "overlays/\(environment)", on: "../../base") }
        let name = YAMLScalar.written(name, like: .doubleQuoted)
        tree.add(
            """
            apiVersion: image.toolkit.fluxcd.io/v1
            kind: ImageRepository
            metadata: { name: web }
            spec: { image: r.example/web }
            ---
            apiVersion: image.toolkit.fluxcd.io/v1
            kind: ImagePolicy
            metadata: { name: \(name) }
            spec:
              imageRepositoryRef: { name: web }
              \(spec)
            """, at: "flux/images.yaml")
        return tree
    }

    /// What is written for a tree, as it is read again.
    private func written(_ tree: SurveyedTree) throws -> Application {
        let files = ConfigurationText(try tree.proposal(), SetupPeople()).files()
        let policy = try PolicyLoader(zones: NoTimeZones()).load(
            Dictionary(uniqueKeysWithValues: files.map { ($0.name, Array($0.content.utf8)) }))
        #expect(policy.applications.count == 1 && policy.environments.count == 2)
        return try #require(policy.applications.first)
    }

    @Test(arguments: texts)
    func `An ImagePolicy writes nothing but the selection that it is`(_ text: String) throws {
        for policy in Self.policies {
            let tree = tree(spec: policy.spec(YAMLScalar.written(text, like: .doubleQuoted)))
            let proposed = try #require(try tree.proposal().applications.first)
            let read = try written(tree)
            #expect(read.selections == proposed.selections && read.policies == proposed.policies, "\(policy.what)")
            #expect(read.builders == .anyone && read.files.isEmpty)
        }
    }

    @Test(arguments: texts)
    func `A policy by no name of Kubernetes is none`(_ text: String) throws {
        #expect(try written(tree(name: text, spec: "policy: { numerical: {} }")).policies.keys.allSatisfy { $0 == text })
    }

    @Test func `A policy without an order has the one that Flux gives it`() throws {
        let application = try written(tree(spec: "policy: { alphabetical: {} }"))
        #expect(application.selections.values.map(\.order) == [.alphabetical(.ascending)])
    }

    @Test func `Every value reads back as itself`() throws {
        var random = SeededGenerator(seed: 22)
        let pieces = ["a", "1", ":", " ", "#", "'", "\"", "\\", "\n", "\r", "é", "-", "{", "}", "[", "]", ",", "yes", "/", "."]
        for _ in 0..<2_000 {
            let texts = (0..<3).map { _ in
                (0..<Int.random(in: 0...5, using: &random)).compactMap { _ in pieces.randomElement(using: &random) }.joined()
            }
            let fields = WrittenValue.fields([.init("list", .texts(texts)), .init("text", texts[0])])
            let lines = [WrittenValue.Field("a", fields).line, WrittenValue.Field("b", texts[1]).line, "c: 1"]
            let root = try #require(try YAMLFile(Array(lines.joined(separator: "\n").utf8)).documents.first)
            #expect(root["a"]?["list"]?.sequence?.map { $0.scalar?.text } == texts)
            #expect(root["a"]?["text"]?.scalar?.text == texts[0] && root["b"]?.scalar?.text == texts[1])
        }
    }
}
