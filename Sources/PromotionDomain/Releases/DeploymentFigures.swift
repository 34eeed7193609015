public import GitOpsTypes

/// How an application gets into an environment, in the four figures of DORA, by the ledger alone.
///
/// Source: dora.dev/guides/dora-metrics-four-keys. A deployment is a merged promotion, rollbacks among them; its lead time is that from
/// the registration of the build. It failed when a verification said so while it was there, or when it was rolled back; the service was
/// restored when the next verification passed, or something else was deployed.
public struct DeploymentFigures: Hashable, Sendable {
    public let deployments: Int
    /// Seconds, of deployments that are no rollbacks.
    public let leadTime: Quantiles
    /// The part of the deployments that failed; nil without deployments.
    public let changeFailureRate: Double?
    /// Seconds.
    public let timeToRestore: Quantiles

    /// The middle and the worst tenth of some values; nil without values.
    public struct Quantiles: Hashable, Sendable {
        public let p50: Int64?
        public let p90: Int64?

        /// By nearest rank.
        init(_ values: [Int64]) {
            let sorted = values.sorted()
            func rank(_ percent: Int) -> Int64? {
                sorted.isEmpty ? nil : sorted[(sorted.count * percent + 99) / 100 - 1]
            }
            (p50, p90) = (rank(50), rank(90))
        }
    }

    /// - Parameter period: what was deployed in it counts, with what became of it since.
    public init(of state: ApplicationState, in environment: EnvironmentName, during period: ClosedRange<Timestamp>) {
        let all = (state.deployments[environment] ?? []).filter { $0.promotion != nil }
        let verifications = state.verifications.filter { $0.environment == environment && !$0.isVoid }
        var leads: [Int64] = []
        var restorations: [Int64] = []
        var (count, failed) = (0, 0)
        for (index, deployment) in all.enumerated() where period.contains(deployment.since) {
            count += 1
            let next = all.indices.contains(index + 1) ? all[index + 1] : nil
            let isRollback = Self.isRollback(deployment, state)
            if !isRollback, let release = state.release(deployment.release), !release.isBaseline {
                leads.append(max(0, deployment.since.seconds - release.registered.seconds))
            }
            let judged = verifications.filter { verification in
                verification.release == deployment.release && verification.at >= deployment.since
                    && deployment.until.map { verification.at <= $0 } ?? true
            }
            let wasRolledBack = next.map { Self.isRollback($0, state) } ?? false
            guard let failure = judged.first(where: { $0.result == .failed })?.at ?? (wasRolledBack ? deployment.until : nil)
            else {
                continue
            }
            failed += 1
            let passed = judged.first { $0.result == .passed && $0.at > failure }?.at
            guard let restored = [passed, next?.since].compactMap(\.self).min() else { continue }
            restorations.append(max(0, restored.seconds - failure.seconds))
        }
        deployments = count
        leadTime = Quantiles(leads)
        changeFailureRate = count == 0 ? nil : Double(failed) / Double(count)
        timeToRestore = Quantiles(restorations)
    }

    private static func isRollback(_ deployment: Deployment, _ state: ApplicationState) -> Bool {
        deployment.promotion.flatMap(state.promotion)?.isRollback ?? false
    }
}
