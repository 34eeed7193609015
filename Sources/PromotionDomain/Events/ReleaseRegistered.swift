import GitOpsTypes

extension Event {
    /// A build of an application, named by its digests.
    public struct ReleaseRegistered: LedgerEvent {
        public let release: ReleaseID
        public let images: [ReleaseImage]
        public let build: BuildOrigin
        /// What their registries showed of the images; nil, and not in the ledger's text, where none was asked.
        public let records: [ImageRecord]?

        public init(release: ReleaseID, images: [ReleaseImage], build: BuildOrigin, records: [ImageRecord]? = nil) {
            self.records = records
            self.release = release
            self.images = images
            self.build = build
        }

        private enum CodingKeys: String, CodingKey {
            case release, images, build, records
        }
    }
}

extension Event.ReleaseRegistered {
    public static var type: EventType { .releaseRegistered }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(release: release) }
    public var payload: Event.Payload { .releaseRegistered(self) }

    public func summary(of application: ApplicationName) -> String {
        let source = build.commit.map { " from commit \($0.text.prefix(12))" } ?? ""
        return "register \(release)\(source)"
    }

    /// A release is registered once, and again where the key that signed for it counts no more.
    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let application = try context.application()
        let keys =
            context.isStrict ? KeyStanding(policy: context.policy, time: context.time, revocations: [:]) : nil
        try context.require(application.builders, "builders of \(application.name)")
        guard ReleaseID(application.name, images: images) == release else {
            throw Refusal(.builtOnce, "\(release) is not the id of these digests")
        }
        if let known = context.state.release(release), !known.isBaseline, keys?.problem(known.key, of: known.registeredBy) == nil
        {
            throw Refusal(.builtOnce, "\(release) is registered already")
        }
        try requireKnownBuilder(context)
        try requireEveryImage(of: application)
        try requireFirstBuild(context.state, keys)
        try BuiltOnceRule.requireFirstVersions(of: images, in: context.state, keys)
    }

    /// Where the builder's approval does not count, who that is has to be proven.
    private func requireKnownBuilder(_ context: AdmissionContext) throws(Refusal) {
        guard context.isStrict, !context.authorization.isProven,
            let environment = context.policy.environments.first(where: \.excludesBuilder)
        else { return }
        throw Refusal(
            .authorized,
            "\(environment.name) does not count the builder's approval, and nothing proves who registers \(release): "
                + "a registration is signed with a key that allowed_signers lists for the builder",
            hint: AdmissionContext.keySetUp)
    }

    private func requireEveryImage(of application: Application) throws(Refusal) {
        let names = images.map(\.name)
        guard Set(names) == Set(application.images), names.count == application.images.count else {
            let expected = application.images.map(\.text).joined(separator: ", ")
            throw Refusal(.builtOnce, "a release of \(application.name) has exactly one digest for each of: \(expected)")
        }
        try BuiltOnceRule.requireKinds(of: images, release, in: application)
    }

    private func requireFirstBuild(_ state: ApplicationState, _ keys: KeyStanding?) throws(Refusal) {
        guard let (first, image) = BuiltOnceRule.rebuilt(images, build, in: state, keys), let commit = build.commit else {
            return
        }
        throw Refusal(
            .builtOnce,
            "\(image.name) was already built from commit \(commit), as \(image.digest) (\(first.id)); "
                + "this is another digest, so the artifact was rebuilt",
            hint: "promote what was built first: \(first.id); a new build needs a new commit")
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        state.add(
            Release(
                id: release, images: images, build: build, registered: origin.time, registeredBy: origin.actor, key: origin.key,
                records: records))
    }
}
