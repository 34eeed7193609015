import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger
import PromotionProjection

/// The state of everything at a moment that is past: the events up to then, folded again.
struct PastStatusQuery: Sendable {
    let session: Session

    /// Who ran what at a moment, and what was open.
    ///
    /// The applications and environments are those that the policy of that moment had.
    ///
    /// - Parameter moment: a time such as `2026-11-21T07:42:00Z`, a day (its end, or now), or a commit: its time, and in the ledger
    ///   that it is part of, exactly up to it.
    func status(application: String?, environment: String?, at moment: String) async throws -> StatusReport {
        let now = try await session.refresh()
        let (time, commit) = try await self.time(moment, now.time)
        guard time <= now.time else {
            throw EngineError.usage("\(time) is not past: here it is \(now.time)", hint: "leave --at out for what is now")
        }
        guard let tip = try await tip(of: now.tip, at: time),
            let counting = try await session.policies.policy(at: tip, now.timeline)
        else {
            throw EngineError.usage(
                "at \(time), \(session.workspace.targetBranch) had no configuration that can be read", hint: "name a later time")
        }
        let policy = try await ApplicationFinder(session: session).found(counting, targetAt: tip)
        let applications = try application.map { [try policy.application(named: $0)] } ?? policy.applications
        let named = try environment.map { try policy.environment(named: $0).name }
        var result: [StatusReport.ApplicationStatus] = []
        for application in applications {
            _ = try await session.ledger(of: application.name, now, extent: .present)
            let state = try await state(of: application.name, at: time, commit)
            let statuses = try policy.environments(of: application, named: named).map { environment in
                let open = try state.openPromotion(into: environment.name).map {
                    try PromotionChecks.report($0, in: state, [], .shown)
                }
                return StatusQuery.status(
                    of: environment, state, open: open, freezes: now.freezes.filter { $0.isActive(at: time) })
            }
            result.append(.init(name: application.name, environments: statuses, newest: state.newestBuild))
        }
        return StatusReport(
            applications: result, time: time,
            rewrittenHistory: try await HistoryWatch(session: session).rewrittenHistory(
                now, of: application == nil ? nil : applications.first?.name))
    }

    private func time(_ text: String, _ now: Timestamp) async throws -> (Timestamp, CommitID?) {
        // Today has no end yet.
        if let moment = Moment(text, now: now) { return (moment.first > now ? moment.first : min(moment.last, now), nil) }
        let commit = try await session.workspace.repository.scratch { objects in
            try objects.commit(named: text).map { (try objects.commit($0).committer.time, $0) }
        }
        if let commit { return commit }
        throw EngineError.usage(
            "“\(text.displayable)” is neither a time nor a commit",
            hint: "times are written 2026-11-21T07:42:00Z, 2026-11-21 for the end of that day, or 2h ago")
    }

    /// The commit that the target branch was at.
    private func tip(of present: CommitID, at time: Timestamp) async throws -> CommitID? {
        try await session.workspace.repository.scratch { objects in
            var next: CommitID? = present
            while let commit = next, try objects.commit(commit).committer.time > time {
                next = try objects.firstParent(of: commit)
            }
            return next
        }
    }

    /// The state after the event that `commit` is, or else after the last event up to `time`.
    private func state(of application: ApplicationName, at time: Timestamp, _ commit: CommitID?) async throws -> ApplicationState
    {
        let rejections = try session.workspace.store.rejections(of: application, until: commit, or: time)
        return try await session.workspace.repository.scratch { objects in
            var state = ApplicationState(application: application)
            for (record, rejection) in zip(
                try LedgerReader(objects).records(of: rejections.map(\.commit)[...]), rejections.map(\.reason))
            {
                // What counts was judged when the store was written.
                guard case .event(let event, let actor) = record.content else { continue }
                if let rejection {
                    state.disregard(event, because: rejection)
                } else {
                    state.apply(event, key: actor.keyFingerprint)
                }
            }
            return state
        }
    }
}
