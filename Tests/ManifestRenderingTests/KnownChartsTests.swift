import GitOpsTypes
import Kustomize
import Testing

@testable import ManifestRendering

/// Charts that were rendered are known, the latest of them in any case.
@Suite struct KnownChartsTests {
    /// How often a chart of so many bytes is rendered by the time it was asked for once more.
    private func renders(_ known: KnownCharts, _ name: String, bytes: Int = 100) throws -> Int {
        let path = try #require(RepositoryPath(name))
        let template = HelmTemplate(
            chart: path, files: [path: [UInt8](repeating: 0, count: bytes)], arguments: [], asksForTime: false, byHand: "")
        var count = 0
        _ = try known.chart(template, "helm") {
            count += 1
            return InflatedChart(text: [], program: "helm v0", identity: "helm")
        }
        return count
    }

    @Test func `What fits is rendered once`() throws {
        let known = KnownCharts(maximumBytes: 200)
        #expect(try ["a", "b", "a", "b"].map { try renders(known, $0) } == [1, 1, 0, 0])
    }

    @Test func `What was not asked for the longest makes room`() throws {
        let known = KnownCharts(maximumBytes: 200)
        #expect(try ["a", "b", "a", "c", "a", "c", "b"].map { try renders(known, $0) } == [1, 1, 0, 1, 0, 0, 1])
    }

    @Test func `What never fits takes no room`() throws {
        let known = KnownCharts(maximumBytes: 200)
        #expect(try renders(known, "a") == 1)
        #expect(try renders(known, "large", bytes: 201) == 1)
        #expect(try renders(known, "a") == 0)
    }
}
