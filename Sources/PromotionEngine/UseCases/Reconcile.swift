import GitOpsTypes
import GitStore
import ManifestRendering
public import PromotionDomain
import PromotionPlanning

/// What a pass of `reconcile` did, or found that it cannot do.
public struct ReconciliationStep: Hashable, Sendable {
    public enum Action: String, Hashable, Sendable {
        /// A new build was found in a registry.
        case registered
        case promoted
        case merged
        /// A branch of a promotion that is decided was still there.
        case branchDeleted
        /// Something is to be done, and it is not time yet, or not ours.
        case waiting
        /// Something came into an environment that nothing permits.
        case violation
        /// A rule stands against it, or the world is not as it should be: a person has to look.
        case stuck
    }

    public let action: Action
    /// Nil, as the environment is, where it is about the policy.
    public let application: ApplicationName?
    public let environment: EnvironmentName?
    /// Nil where there is none yet.
    public let promotion: PromotionID?
    public let release: ReleaseID?
    /// In words.
    public let detail: String
}

extension ReconciliationStep {
    /// What `sync` found, as a step of a pass; nil where there is nothing to tell.
    init?(_ step: SyncStep) {
        switch step.action {
        case .merged: action = .merged
        case .violation: action = .violation
        case .takenBack, .stuck: action = .stuck
        case .waiting: action = .waiting
        case .opened, .reviewed, .closed: return nil
        }
        application = step.application
        environment = step.environment
        promotion = step.promotion
        release = nil
        detail = step.detail
    }
}

extension ReconciliationStep {
    /// What `discover` found, as a step of a pass; nil where there is nothing to tell.
    init?(_ step: DiscoveryStep) {
        switch step.action {
        case .registered: action = .registered
        case .stuck: action = .stuck
        case .known, .held: return nil
        }
        application = step.application
        environment = nil
        promotion = nil
        release = step.release
        detail = step.detail
    }
}

/// One pass of everything that is automatic: what may be merged is merged, what may be promoted is promoted,
/// what is left over is cleared away. Everything goes through the same commands as when people type them, so a pass that is
/// cut off is finished by the next one, and two at once are as good as one.
struct Reconcile: Sendable {
    let session: Session

    /// - Parameter application: nil for all.
    /// - Throws: what stops the whole pass, such as a remote that cannot be reached.
    func reconcile(application: String?) async throws -> [ReconciliationStep] {
        let first = try await session.refresh(identifying: true)
        let applications = try first.policy.applications(named: application)
        // What happened elsewhere comes first: what follows depends on it.
        let synced = try await SyncBranches(session: session).sync(from: first)
        var pass = Pass(snapshot: synced.snapshot, steps: synced.steps.compactMap(ReconciliationStep.init))
        for application in applications where !application.selections.isEmpty {
            let found = try await DiscoverBuilds(session: session).discover(application: application.name.text)
            pass.steps += found.compactMap(ReconciliationStep.init)
        }
        let branches = Dictionary(
            grouping: try await session.workspace.remote.heads(below: PromotionID.branchPrefix).sorted { $0.key < $1.key }
        ) { $0.key.text.split(separator: "/").dropFirst().first }
        for application in applications {
            try await clearBranches(of: application, branches[application.name.text[...]] ?? [], &pass)
            // Upstream first, so that one pass carries a release as far as it may go.
            for environment in Self.downstreamOrder(first.policy.environments(of: application)) {
                pass.snapshot = try await session.current(pass.snapshot)
                try await goOn(past: application, environment, &pass)
            }
        }
        return pass.steps
    }

    /// The world as the pass has left it so far, and what it did.
    private struct Pass {
        var snapshot: Snapshot
        var steps: [ReconciliationStep]
    }

    /// Environments after those they take releases from.
    static func downstreamOrder(_ environments: [Environment]) -> [Environment] {
        var (ordered, rest) = ([Environment](), environments)
        while !rest.isEmpty {
            let names = Set(rest.map(\.name))
            let next = rest.filter { names.isDisjoint(with: $0.source.environments) }
            // The policy has no cycle; if it had one, the order would not matter.
            ordered += next.isEmpty ? rest : next
            rest = next.isEmpty ? [] : rest.filter { environment in !next.contains { $0.name == environment.name } }
        }
        return ordered
    }

    /// What one application lacks in one environment stops no other.
    private func goOn(past application: Application, _ environment: Environment, _ pass: inout Pass) async throws {
        func stuck(_ why: String) -> ReconciliationStep {
            ReconciliationStep(
                action: .stuck, application: application.name, environment: environment.name, promotion: nil, release: nil,
                detail: why)
        }
        do {
            try await reconcile(environment, of: application, &pass)
        } catch let error as PlanningError {
            pass.steps.append(stuck("\(error)"))
        } catch let error as RenderingError {
            pass.steps.append(stuck("\(error)"))
        } catch let error as RendererUnavailable {
            pass.steps.append(stuck("\(error)"))
        }
    }

    private func reconcile(_ environment: Environment, of application: Application, _ pass: inout Pass) async throws {
        if environment.automation.promotes { try await promoteNext(into: environment, application, &pass) }
        let state = try await session.ledger(of: application.name, pass.snapshot, extent: .present).state
        guard let open = state.openPromotion(into: environment.name) else { return }
        let id = PromotionID(application.name, open.number)
        func step(_ action: ReconciliationStep.Action, _ detail: String) -> ReconciliationStep {
            ReconciliationStep(
                action: action, application: application.name, environment: environment.name, promotion: id,
                release: open.release, detail: detail)
        }
        let head = try await session.workspace.remote.head(of: open.content.branch)
        guard head == open.content.head else {
            let what = head.map { "is at \($0.short), not at \(open.content.head.short)" } ?? "is gone"
            pass.steps.append(step(.stuck, "its branch \(what): promote the release again, or `promote close \(id)`"))
            return
        }
        guard environment.automation.merges else { return }
        do {
            let merged = try await MergePromotion(session: session).merge(id.description, from: pass.snapshot)
            pass.snapshot = merged.snapshot
            // Another writer may have been faster: then it was not this pass.
            if merged.report.action == .merged { pass.steps.append(step(.merged, "every check passes")) }
        } catch let refusal as Refusal {
            pass.steps.append(step(refusal.isPending ? .waiting : .stuck, "\(refusal.rule): \(refusal.message)"))
        } catch EngineError.raced(let message, _) {
            pass.steps.append(step(.waiting, message))
        }
    }

    /// Promotes what is newest of what the environment may take, where that is new to it.
    private func promoteNext(into environment: Environment, _ application: Application, _ pass: inout Pass) async throws {
        let state = try await session.ledger(of: application.name, pass.snapshot).state
        guard let (origin, release) = state.nextRelease(into: environment) else { return }
        func step(_ action: ReconciliationStep.Action, _ promotion: PromotionID?, _ detail: String) -> ReconciliationStep {
            ReconciliationStep(
                action: action, application: application.name, environment: environment.name, promotion: promotion,
                release: release.id, detail: detail)
        }
        do {
            var request = PromotionRequest(
                from: origin.description, to: environment.name.text, application: application.name.text,
                release: release.id.text)
            request.isAutomatic = true
            let done = try await PromoteRelease(session: session).promote(request, from: pass.snapshot)
            pass.snapshot = done.snapshot
            if case .opened = done.report.action { pass.steps.append(step(.promoted, done.report.id, "from \(origin)")) }
        } catch is WishSettled {
            return
        } catch let refusal as Refusal {
            // Verified in one environment upstream and not in the others yet is nothing to worry about.
            let isWaiting = refusal.isPending || [.verifiedUpstream, .notHeld].contains(refusal.rule)
            pass.steps.append(step(isWaiting ? .waiting : .stuck, nil, "\(refusal.rule): \(refusal.message)"))
        } catch EngineError.raced(let message, _) {
            pass.steps.append(step(.waiting, nil, message))
        }
    }

    /// Deletes what is left of promotions that are decided, as after a push that was made by hand.
    private func clearBranches(
        of application: Application, _ branches: [(key: BranchName, value: CommitID)], _ pass: inout Pass
    ) async throws {
        guard !branches.isEmpty else { return }
        let state = try await session.ledger(of: application.name, pass.snapshot).state
        for (branch, head) in branches {
            guard let number = branch.text.split(separator: "/").last.flatMap({ Int($0) }),
                let promotion = state.promotion(number),
                promotion.content.branch == branch, !promotion.isOpen
            else { continue }
            // With a lease: what is put there meanwhile is not ours to delete.
            if try await session.workspace.remote.push([RefUpdate(branch, from: head, to: nil)]) == nil {
                pass.steps.append(
                    ReconciliationStep(
                        action: .branchDeleted, application: application.name, environment: promotion.environment,
                        promotion: PromotionID(application.name, number), release: promotion.release,
                        detail: "\(branch) was left over: the promotion is \(state.phase(of: promotion).rawValue)"))
            }
        }
    }
}
