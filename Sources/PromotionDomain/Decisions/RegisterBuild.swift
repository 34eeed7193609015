import GitOpsTypes

/// Records a build: the same digests again are the same release. One whose registration was signed with a key that has ended is
/// registered again.
public struct RegisterBuild: LedgerCommand {
    public let images: [ReleaseImage]
    public let build: BuildOrigin
    /// What registries showed; nil where none was asked.
    public let records: [ImageRecord]?

    public init(images: [ReleaseImage], build: BuildOrigin, records: [ImageRecord]?) {
        self.images = images
        self.build = build
        self.records = records
    }

    /// The release of these digests that is known and need not be registered again, as one need be that merely ran somewhere.
    public static func known(_ images: [ReleaseImage], _ facts: DecisionFacts) -> Release? {
        let release = facts.state.release(ReleaseID(facts.state.application, images: images))
        return release.flatMap { $0.isBaseline || facts.isEnded($0.key, of: $0.registeredBy) ? nil : $0 }
    }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Release> {
        if let known = Self.known(images, facts) { return .settled(known) }
        let id = ReleaseID(facts.state.application, images: images)
        let release = Release(
            id: id, images: images, build: build, registered: facts.time, registeredBy: facts.actor.principal,
            key: facts.actor.keyFingerprint, records: records)
        return Decision([.releaseRegistered(.init(release: id, images: images, build: build, records: records))]) {
            $0.release(id) ?? release
        }
    }
}
