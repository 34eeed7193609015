import GitOpsTypes
import Kustomize
import Synchronization

/// Charts that were rendered in this process: a kustomization that changes around a chart starts no program anew.
final class KnownCharts: Sendable {
    private struct Key: Hashable {
        let files: [RepositoryPath: [UInt8]]
        let arguments: [String]
        let identity: String
    }

    private struct Known {
        var charts: [Key: InflatedChart] = [:]
        var bytes = 0
    }

    private let known = Mutex(Known())
    /// So much is kept, of what was given and what came of it.
    private static let maximumBytes = 64 << 20

    /// What a chart renders to by the `helm` that has an identity.
    func chart(
        _ template: HelmTemplate, _ identity: String, _ render: () throws -> InflatedChart
    ) throws -> InflatedChart {
        let key = Key(files: template.files, arguments: template.arguments, identity: identity)
        if let chart = known.withLock({ $0.charts[key] }) { return chart }
        let chart = try render()
        let size = template.files.values.reduce(chart.text.count) { $0 + $1.count }
        known.withLock { known in
            guard known.charts[key] == nil, known.bytes + size <= Self.maximumBytes else { return }
            known.charts[key] = chart
            known.bytes += size
        }
        return chart
    }
}
