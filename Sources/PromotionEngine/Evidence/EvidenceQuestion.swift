import GitOpsTypes
import Kustomize
import PromotionDomain

/// What is asked of gates and registries about a release in an environment.
struct EvidenceQuestion: Sendable {
    let environment: Environment
    let application: ApplicationName
    let release: Release
    /// What the environment would render to.
    let manifests: RenderedManifests
    let policy: Policy
    /// The commit that the configuration was adopted with; nil where that is not known.
    let adoption: CommitID?
    /// The commit of the target branch whose files programs are run from.
    private(set) var tip: CommitID
    private(set) var time: Timestamp
    /// The commit that is proposed; nil while there is none, and so no status of it either.
    var head: CommitID?
    /// Whether it is about what was merged already: then silence is no verdict.
    private(set) var isSettled = false

    init(
        _ release: Release, _ application: ApplicationName, in environment: Environment, _ manifests: RenderedManifests,
        under policy: Policy, _ snapshot: Snapshot
    ) {
        self.release = release
        self.application = application
        self.environment = environment
        self.manifests = manifests
        self.policy = policy
        adoption = snapshot.adoption
        tip = snapshot.tip
        time = snapshot.time
    }

    /// The same about what was merged there and then.
    mutating func settle(at point: MergePoint) {
        tip = point.base
        time = point.time
        isSettled = true
    }
}
