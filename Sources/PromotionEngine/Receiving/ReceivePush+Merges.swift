import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger
import PromotionPlanning

extension ReceivePush {
    /// That a commit which changes an environment would be permitted by its own date, too: readers who know of no event that tells of
    /// it judge it by that, and would find a violation in what landed.
    ///
    /// - Parameter isTold: whether events come with it; clocks may differ then by what those of events may.
    func requireByItsDate(
        from base: CommitID, to commit: CommitID, on branch: BranchName, _ step: PushedStep, isTold: Bool, _ snapshot: Snapshot
    ) async throws {
        let made = try await session.workspace.repository.scratch { try $0.commit(commit).committer.time }
        let hint = "set the clock that is wrong, and make the commit again: git commit --amend --no-edit -S"
        guard made <= snapshot.time.adding(seconds: EventAdmission.toleranceSeconds) else {
            throw Refusal(
                .authorizedMerge,
                "\(commit.short) is dated \(made), and here it is \(snapshot.time): when it was made would not be known",
                hint: hint)
        }
        guard made.adding(seconds: isTold ? EventAdmission.toleranceSeconds : 0) < snapshot.time else { return }
        let mergePoint = MergePoint(base: base, policy: step.policy, time: made, commit: commit)
        let report = try await ChangeGate(session: session).judge(
            from: base, to: commit, on: branch, snapshot, merger: try await SyncBranches(session: session).committer(of: commit),
            mergePoint: mergePoint, step: step)
        guard let obstacle = report.obstacle else { return }
        throw Refusal(
            obstacle.rule, "\(commit.short) is dated \(made), and by then it was not permitted: \(obstacle.detail)", hint: hint)
    }

    /// That a merge whose event is pushed leaves the environment with what was proposed, rendered here and now: more than later
    /// readers can ask, whose renderer may be another.
    ///
    /// - Parameter state: the ledger with the event.
    func requireProposed(
        _ merge: Event.PromotionMerged, _ state: ApplicationState, _ snapshot: Snapshot
    ) async throws {
        guard let promotion = state.promotion(merge.promotion), let release = state.release(promotion.release),
            let application = snapshot.policy.anyApplication(state.application)
        else { return }
        let inspection = session.inspection(of: application, in: promotion.environment)
        let plan = try await inspection.plan(release, at: merge.commit)
        let isExact = release.images.allSatisfy { image in
            let places = plan.images.filter { $0.image == image.name }
            return !places.isEmpty && places.allSatisfy { $0.isExactly(image) }
        }
        guard isExact, plan.edits.isEmpty, plan.rendered == promotion.content.rendered else {
            throw Refusal(
                .authorizedMerge,
                "with \(merge.commit.short), \(promotion.environment) does not render to what \(PromotionID(application.name, promotion.number)) proposed",
                hint: "promote merge \(PromotionID(application.name, promotion.number))")
        }
    }
}
