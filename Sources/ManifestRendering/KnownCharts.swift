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

    private struct Entry {
        let chart: InflatedChart
        let bytes: Int
        var lastUse: Int
    }

    private struct Known {
        var entries: [Key: Entry] = [:]
        var bytes = 0
        var uses = 0

        mutating func chart(_ key: Key) -> InflatedChart? {
            guard var entry = entries[key] else { return nil }
            uses += 1
            entry.lastUse = uses
            entries[key] = entry
            return entry.chart
        }

        /// Keeps a chart, in the place of those that were not asked for the longest.
        mutating func keep(_ chart: InflatedChart, as key: Key, bytes size: Int, atMost maximum: Int) {
            guard size <= maximum, entries[key] == nil else { return }
            while bytes + size > maximum, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
                entries[oldest.key] = nil
                bytes -= oldest.value.bytes
            }
            uses += 1
            bytes += size
            entries[key] = Entry(chart: chart, bytes: size, lastUse: uses)
        }
    }

    private let known = Mutex(Known())
    private let maximumBytes: Int

    /// - Parameter maximumBytes: so much is kept, of what was given and what came of it.
    init(maximumBytes: Int = 64 << 20) { self.maximumBytes = maximumBytes }

    /// What a chart renders to by the `helm` that has an identity.
    ///
    /// - Throws: what `render` throws.
    func chart(
        _ template: HelmTemplate, _ identity: String, _ render: () throws -> InflatedChart
    ) throws -> InflatedChart {
        let key = Key(files: template.files, arguments: template.arguments, identity: identity)
        if let chart = known.withLock({ $0.chart(key) }) { return chart }
        let chart = try render()
        let size = template.files.values.reduce(chart.text.count) { $0 + $1.count }
        known.withLock { $0.keep(chart, as: key, bytes: size, atMost: maximumBytes) }
        return chart
    }
}
