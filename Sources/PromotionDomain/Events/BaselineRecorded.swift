import GitOpsTypes

extension Event {
    /// An operator records what an environment runs that no promotion brought, when promotions begin there.
    public struct BaselineRecorded: LedgerEvent {
        public let environment: EnvironmentName
        public let release: ReleaseID
        /// What runs, by digests: those of Git, or what registries had for its tags.
        public let images: [ReleaseImage]
        /// What Git has there.
        public let found: FoundContent

        public init(environment: EnvironmentName, release: ReleaseID, images: [ReleaseImage], found: FoundContent) {
            self.environment = environment
            self.release = release
            self.images = images
            self.found = found
        }

        private enum CodingKeys: String, CodingKey {
            case environment, release, images, found
        }
    }
}

extension Event.BaselineRecorded {
    public static var type: EventType { .baselineRecorded }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(release: release, environment: environment) }
    public var payload: Event.Payload { .baselineRecorded(self) }

    public func summary(of application: ApplicationName) -> String {
        let images = images.map { $0.tag.map { "\($0)" } ?? $0.digest.short }.joined(separator: ", ")
        return "adopt \(release) (\(images)), which \(environment) runs"
    }

    /// Only where promotions begin: what came in after that is a violation, which is accepted or taken back.
    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let application = try context.application()
        let environment = try context.operated(self.environment).name
        // Where everyone operates, one does who builds, or operates elsewhere.
        let roles =
            [(role: application.builders, noun: "builders of \(application.name)")]
            + context.policy.environments.map { (role: $0.operators, noun: "operators of \($0.name)") }
        let lists = roles.filter { $0.role != .anyone }
        if try context.operated(environment).operators == .anyone, !lists.isEmpty { try context.require(oneOf: lists) }
        guard ReleaseID(application.name, images: images) == release else {
            throw Refusal(.builtOnce, "\(release) is not the id of these digests")
        }
        guard images.count == application.images.count, Set(images.map(\.name)) == Set(application.images) else {
            let expected = application.images.map(\.text).joined(separator: ", ")
            throw Refusal(.builtOnce, "a release of \(application.name) has exactly one digest for each of: \(expected)")
        }
        try BuiltOnceRule.requireKinds(of: images, release, in: application)
        try BuiltOnceRule.requireFirstVersions(of: images, in: context.state, nil)
        guard isWhatIsFound else {
            throw Refusal(.digestExact, "\(release) is not what \(environment) has at \(found.commit.short)")
        }
        if let deployment = context.state.latestDeployment(in: environment) {
            throw Refusal(.authorizedMerge, "the ledger knows already what \(environment) runs: \(deployment.release)")
        }
        guard context.state.unregistered[environment] == nil, context.state.openViolations(in: environment).isEmpty else {
            throw Refusal(
                .notTainted, "something came into \(environment) without permission",
                hint: "promote accept \(environment) --app \(application.name) --reason <why>")
        }
    }

    /// Whether each image of the release runs there, and nothing else of the application: by its digest, where Git has one.
    private var isWhatIsFound: Bool {
        guard let found = found.images, found.count == images.count else { return false }
        return images.allSatisfy { image in
            found.contains { $0.name == image.name && ($0.digest.map { $0 == image.digest } ?? isNamed(image, by: $0)) }
        }
    }

    /// Whether what has no digest may name an image: a tag any, and the version of a chart the one that has it.
    private func isNamed(_ image: ReleaseImage, by found: FoundImage) -> Bool {
        image.chartVersion.map { FoundImage(chart: image.name, version: $0) == found } ?? true
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        if state.release(release) == nil {
            state.add(
                Release(
                    id: release, images: images, build: BuildOrigin(commit: nil, source: nil, run: nil), registered: origin.time,
                    registeredBy: origin.actor, key: origin.key, isBaseline: true))
        }
        state.deploy(release, in: environment, promotion: nil, commit: found.commit, at: origin.time, asBaseline: found)
    }
}
