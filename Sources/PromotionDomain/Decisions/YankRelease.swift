/// Quarantines a release everywhere, for good.
public struct YankRelease: LedgerCommand {
    public let release: ReleaseID
    public let reason: String

    public init(_ release: ReleaseID, reason: String) {
        self.release = release
        self.reason = reason
    }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Yank> {
        if let yank = facts.state.yanks[release] { return .settled(yank) }
        let yank = Yank(reason: reason, by: facts.actor.principal, at: facts.time)
        return Decision([.releaseYanked(.init(release: release, reason: reason))]) { [release] in
            $0.yanks[release] ?? yank
        }
    }
}
