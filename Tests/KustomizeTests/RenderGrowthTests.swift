import GitOpsTypes
import Testing

@testable import Kustomize

/// Many patches, replacements and the like, each for one of as many objects: what looks at all objects for each of them takes work with
/// the square of their number.
@Suite struct RenderGrowthTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// What there is of each object, where `%` is its number.
        var object = "metadata: {name: d%}"
        /// The field of the kustomization, and what there is in it for each object.
        let field: String
        let item: String

        func kustomization(_ count: Int) -> String {
            "resources: [r.yaml]\n\(field):\n" + Self.repeated("- \(item)\n", count)
        }

        func resources(_ count: Int) -> String {
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: source}\ndata: {k: v}\n"
                + Self.repeated("---\napiVersion: apps/v1\nkind: Deployment\n\(object)\nspec: {replicas: 1}\n", count)
        }

        private static func repeated(_ text: String, _ count: Int) -> String {
            let parts = text.split(separator: "%", omittingEmptySubsequences: false)
            return (0..<count).map { parts.joined(separator: String($0)) }.joined()
        }
    }

    private static let operation = "patch: '[{\"op\": \"replace\", \"path\": \"/spec/replicas\", \"value\": 2}]'"
    private static let source = "source: {kind: ConfigMap, fieldPath: data.k}"
    private static let path = "fieldPaths: [metadata.annotations.a], options: {create: true}"
    private static let inNamespaces = "metadata: {name: web, namespace: n%}"

    private static let shapes = [
        Shape(testDescription: "names", field: "patches", item: "{target: {kind: Deployment, name: d%}, \(operation)}"),
        Shape(
            testDescription: "names with dots", object: "metadata: {name: d%.example.org}", field: "patches",
            item: "{target: {kind: Deployment, name: d%.example.org}, \(operation)}"),
        Shape(
            testDescription: "names as expressions", field: "patches",
            item: "{target: {kind: Deployment, name: ^d%$}, \(operation)}"),
        Shape(
            testDescription: "labels", object: "metadata: {name: d%, labels: {app: a%}}", field: "patches",
            item: "{target: {labelSelector: app=a%}, \(operation)}"),
        Shape(
            testDescription: "namespaces", object: inNamespaces, field: "patches", item: "{target: {namespace: n%}, \(operation)}"
        ),
        Shape(
            testDescription: "a replacement's source by its kind", field: "replacements",
            item: "{\(source), targets: [{select: {kind: Deployment, name: d%}, \(path)}]}"),
        Shape(
            testDescription: "a replacement's targets by their namespace", object: inNamespaces, field: "replacements",
            item: "{\(source), targets: [{select: {kind: Deployment, name: web, namespace: n%}, \(path)}]}"),
    ]

    private func steps(_ shape: Shape, _ count: Int) throws -> Int {
        let files = MemoryFiles([
            try #require(RepositoryPath("kustomization.yaml")): Array(shape.kustomization(count).utf8),
            try #require(RepositoryPath("r.yaml")): Array(shape.resources(count).utf8),
        ])
        let budget = RenderBudget(of: .root)
        _ = try KustomizeBuild(
            files: KustomizationFiles(source: files, loading: .root, bases: .refused, budget: budget), in: .standard, shared: nil
        ).render(.root)
        return budget.spent.steps
    }

    @Test(arguments: shapes)
    func `The work grows with the number of entries, not with its square`(_ shape: Shape) throws {
        #expect(try steps(shape, 400) < 6 * steps(shape, 100))
    }
}
