public import FaultInjection
public import GitOpsTypes
public import Kustomize
public import PromotionDomain
public import PromotionLedger
public import PromotionProjection
public import SSHSignatures

/// The commands and queries of one session, each a type of its own below `UseCases`, `Queries`, `Hosting` and `Receiving`.
///
/// Names are as people type them. All throw `Refusal` where a rule says no and `EngineError` where a name or the set-up is wrong;
/// nothing has changed then.
public struct PromotionEngine: Sendable {
    let session: Session

    public init(_ workspace: Workspace, _ identity: Identity) { session = Session(workspace, identity) }

    /// Passes a place where a test may cut the command off.
    public func reach(_ point: FaultPoint) { session.reach(point) }

    /// Waits, on the workspace's clock.
    public func pause(seconds: Int) async throws { try await session.workspace.clock.pause(milliseconds: seconds * 1000) }

    // MARK: Releases and promotions

    /// Records a build.
    public func register(_ request: RegistrationRequest) async throws -> RegistrationReport {
        try await RegisterRelease(session: session).register(request)
    }
    /// Records what environments run already.
    public func adopt(application: String?, all: Bool, environment: String?) async throws -> AdoptionReport {
        try await AdoptBaselines(session: session).adopt(application: application, all: all, environment: environment)
    }
    /// Adds a key to those that the policy knows, on a branch of its own.
    public func list(_ key: SSHPublicKey, for principal: Principal) async throws -> KeyListing {
        try await ListKey(session: session).list(key, for: principal)
    }
    /// Registers new builds that registries show; nil for every application that says how its builds are found.
    public func discover(application: String?) async throws -> [DiscoveryStep] {
        try await DiscoverBuilds(session: session).discover(application: application)
    }
    /// The edit, the rendered difference and every check; changes nothing.
    public func plan(_ request: PromotionRequest) async throws -> PromotionReport {
        try await PromoteRelease(session: session).plan(request)
    }
    /// Plans, makes the promotion branch, and opens the pull request.
    public func promote(_ request: PromotionRequest) async throws -> PromotionReport {
        try await PromoteRelease(session: session).promote(request)
    }
    /// Consents to exactly what a promotion proposes.
    public func approve(_ promotion: String, head: String?) async throws -> PromotionReport {
        try await ApprovePromotion(session: session).approve(promotion, head: head)
    }
    /// Objects to a promotion: nothing merges it until the objection is withdrawn.
    public func reject(_ promotion: String, reason: String) async throws -> PromotionReport {
        try await ApprovePromotion(session: session).reject(promotion, reason: reason)
    }
    /// Takes one's approval or rejection of a promotion back.
    public func revoke(_ promotion: String) async throws -> PromotionReport {
        try await ApprovePromotion(session: session).revoke(promotion)
    }
    /// Consents to a change that is no promotion; nil for a change of the target branch.
    public func approveChange(_ commit: String, on branch: String? = nil) async throws -> ChangeReport {
        try await ApproveChange(session: session).approveChange(commit, on: branch)
    }
    /// Takes one's approval of a change back.
    public func revokeChange(_ commit: String, on branch: String? = nil) async throws -> ChangeReport {
        try await ApproveChange(session: session).revokeChange(commit, on: branch)
    }
    /// Merges a promotion once every check passes.
    public func merge(_ promotion: String) async throws -> PromotionReport {
        try await MergePromotion(session: session).merge(promotion)
    }
    /// Closes a promotion without merging it, and deletes its branch.
    public func close(_ promotion: String, reason: String) async throws -> PromotionReport {
        try await ClosePromotion(session: session).close(promotion, reason: reason)
    }
    /// Records whether a release works in an environment.
    public func verify(_ request: VerificationRequest) async throws -> VerificationReport {
        try await VerifyRelease(session: session).verify(request)
    }
    /// Opens a promotion back to what the environment ran before, and holds the environment.
    public func rollback(_ request: RollbackRequest) async throws -> PromotionReport {
        try await RollBack(session: session).rollback(request)
    }
    /// What a rollback would change, and every check.
    public func planRollback(_ request: RollbackRequest) async throws -> PromotionReport {
        try await RollBack(session: session).plan(request)
    }

    // MARK: Operating

    /// Stops an environment for one application.
    public func hold(_ environment: String, application: String?, reason: String) async throws -> InterventionReport {
        try await OperateEnvironment(session: session).hold(environment, application: application, reason: reason)
    }
    /// Takes a hold back.
    public func resume(_ environment: String, application: String?) async throws -> InterventionReport {
        try await OperateEnvironment(session: session).resume(environment, application: application)
    }
    /// Quarantines a release everywhere, for good.
    public func yank(_ release: String, reason: String) async throws -> InterventionReport {
        try await OperateEnvironment(session: session).yank(release, reason: reason)
    }
    /// Stops all merges into an environment; without an end, until it is lifted.
    public func freeze(_ environment: String, until end: String?, reason: String) async throws -> FreezeReport {
        try await FreezeEnvironment(session: session).freeze(environment, until: end, reason: reason)
    }
    /// Lifts every freeze of an environment.
    public func unfreeze(_ environment: String) async throws -> FreezeReport {
        try await FreezeEnvironment(session: session).unfreeze(environment)
    }
    /// Accepts what came into an environment without a promotion.
    public func accept(_ environment: String, application: String?, reason: String) async throws -> InterventionReport {
        try await AcceptViolations(session: session).accept(environment, application: application, reason: reason)
    }
    /// Records that an operator has seen the changes of the policy that do not count.
    public func acceptPolicy(reason: String) async throws -> PolicyAcceptance {
        try await AcceptPolicyChange(session: session).acceptPolicy(reason: reason)
    }
    /// Says that a future-dated event does not count, so that every reader goes on past it.
    public func skip(_ commit: String, application: String?, reason: String) async throws -> SkipReport {
        try await SkipEvent(session: session).skip(commit, application: application, reason: reason)
    }
    /// Records what came onto branches with other programs.
    public func sync() async throws -> [SyncStep] { try await SyncBranches(session: session).sync() }
    /// Does what is due without a person; nil for every application.
    public func reconcile(application: String?) async throws -> [ReconciliationStep] {
        try await Reconcile(session: session).reconcile(application: application)
    }
    /// Permits the programs of a policy on this machine; nil for the policy that counts.
    public func trustPrograms(at commit: String?) async throws -> ProgramReport {
        try await TrustPrograms(session: session).trustPrograms(at: commit)
    }
    /// The programs of the policy, and which are permitted here.
    public func programs() async throws -> ProgramReport { try await TrustPrograms(session: session).programs() }
    /// Fetches a remote base, named as a kustomization does.
    public func fetchBase(_ text: String) async throws -> PinnedRepository {
        try await FetchBase(session: session).fetch(text)
    }
    /// Judges a push before any of it lands.
    public func receive(_ updates: [ReceivedUpdate]) async throws -> [ReceiveRefusal] {
        try await ReceivePush(session: session).receive(updates)
    }

    // MARK: Queries

    /// The names of the applications that match a pattern, nil for all, and have all of some environments, `build` aside.
    public func applicationNames(_ pattern: String?, having environments: [String]) async throws -> [String] {
        try await MatchingNames(session: session).applications(pattern, having: environments)
    }
    /// The promotions that names mean: each by its id, or open ones by a pattern.
    public func promotions(named names: [String]) async throws -> [PromotionID] {
        try await MatchingNames(session: session).promotions(named: names)
    }
    /// The policy and everything that the ledgers say.
    public func overview() async throws -> LedgerOverview { try await OverviewQuery(session: session).overview() }
    /// Who runs what, and what is open.
    public func status(application: String?, environment: String?) async throws -> StatusReport {
        try await StatusQuery(session: session).status(application: application, environment: environment)
    }
    /// The open promotions that an approval of the caller's would move on, by their ids.
    public func awaitedApprovals() async throws -> [PromotionID] {
        try await AwaitedApprovals(session: session).promotions()
    }
    /// Who ran what at a time of the past.
    public func status(application: String?, environment: String?, at moment: String) async throws -> StatusReport {
        try await PastStatusQuery(session: session).status(application: application, environment: environment, at: moment)
    }
    /// What happened, newest first.
    public func history(application: String?, environment: String?, limit: Int) async throws -> [HistoryEntry] {
        try await HistoryQuery(session: session).history(application: application, environment: environment, limit: limit)
    }
    /// A promotion or a release, by its id.
    public func show(_ name: String) async throws -> ShownItem { try await ShowQuery(session: session).show(name) }
    /// The builds of an application, or of all, newest first.
    public func releases(application: String?, limit: Int) async throws -> [ListedRelease] {
        try await ReleaseList(session: session).releases(application: application, limit: limit)
    }
    /// How often applications are deployed, how long that takes, and how it ends; nil for all, and for the last thirty days.
    public func metrics(application: String?, environment: String?, since: String?) async throws -> MetricsReport {
        try await MetricsQuery(session: session).metrics(application: application, environment: environment, since: since)
    }
    /// What keeps a promotion, or an environment from its next release.
    public func explain(_ name: String, application: String?) async throws -> Explanation {
        try await ExplainQuery(session: session).explain(name, application: application)
    }
    /// Judges a change between two commits; nil for the tip of the target branch, and for what is checked out.
    public func gate(base: String?, head: String?) async throws -> ChangeReport {
        try await ChangeGate(session: session).gate(base: base, head: head)
    }
    /// Judges a pull request of the forge.
    public func gate(pullRequest number: Int) async throws -> ChangeReport {
        try await PullRequestGate(session: session).gate(pullRequest: number)
    }
    /// Says on the forge what a judgement came to.
    public func publish(_ report: ChangeReport, on number: Int, markdown: String) async throws {
        try await PullRequestGate(session: session).publish(report, on: number, markdown: markdown)
    }
    /// What two environments render to, compared.
    public func compare(_ from: String, _ to: String, application: String?) async throws -> ComparisonReport {
        try await EnvironmentComparison(session: session).compare(from, to, application: application)
    }
    /// What an application renders to in an environment; nil for the tip of its branch.
    public func render(application: String, environment: String, at revision: String?) async throws -> RenderedManifests {
        try await RenderQuery(session: session).render(application: application, environment: environment, at: revision)
    }
    /// Reads ledgers from their beginning, and holds them against checkpoints.
    public func audit(application: String?, checkpoints: [LedgerCheckpoint] = []) async throws -> [LedgerAudit] {
        try await LedgerAuditQuery(session: session).audit(application: application, checkpoints: checkpoints)
    }
    /// Where what runs is not what was released.
    public func auditImages(application: String?) async throws -> [ImageFinding] {
        try await ImageAuditQuery(session: session).auditImages(application: application)
    }
    /// Which images are in use where.
    public func imagesInUse(application: String?) async throws -> [ImageUse] {
        try await ImagesInUseQuery(session: session).imagesInUse(application: application)
    }
    /// What is wrong with the set-up.
    public func findings() async throws -> [SetupFinding] { try await Doctor(session: session).findings() }
    /// What the target branch has lost that ledgers, or this clone, have seen on it.
    public func rewrittenHistory() async throws -> [RewrittenHistory] {
        try await HistoryWatch(session: session).rewrittenHistory()
    }
    /// Forgets the state store and reads every ledger again: how many events each has.
    public func rebuild() async throws -> [(application: ApplicationName, events: Int)] {
        try await HistoryQuery(session: session).rebuild()
    }
}
