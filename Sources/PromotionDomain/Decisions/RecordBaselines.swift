import GitOpsTypes

/// Records what environments run that no promotion brought, where promotions begin.
public struct RecordBaselines: LedgerCommand {
    /// In the order in which releases reach them.
    public let baselines: [Baseline]

    /// What one environment runs.
    public struct Baseline: Hashable, Sendable {
        public let environment: EnvironmentName
        public let images: [ReleaseImage]
        public let found: FoundContent

        public init(_ images: [ReleaseImage], in environment: EnvironmentName, found: FoundContent) {
            self.environment = environment
            self.images = images
            self.found = found
        }
    }

    public init(_ baselines: [Baseline]) {
        self.baselines = baselines
    }

    /// What came of one of them.
    public struct Outcome: Hashable, Sendable {
        public let environment: EnvironmentName
        /// What the environment runs by the ledger.
        public let release: Release
        /// False where the ledger knew that already.
        public let isNew: Bool
    }

    /// The most downstream first: what runs there is the oldest.
    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<[Outcome]> {
        let name = facts.state.application
        let new = baselines.filter { facts.state.latestDeployment(in: $0.environment) == nil }
        let events = new.reversed().map { baseline in
            Event.Payload.baselineRecorded(
                .init(
                    environment: baseline.environment, release: ReleaseID(name, images: baseline.images),
                    images: baseline.images, found: baseline.found))
        }
        let isNew = Set(new.map(\.environment))
        return Decision(events) { [baselines] after in
            baselines.compactMap { baseline in
                after.latestDeployment(in: baseline.environment).flatMap { after.release($0.release) }.map {
                    Outcome(environment: baseline.environment, release: $0, isNew: isNew.contains(baseline.environment))
                }
            }
        }
    }
}
