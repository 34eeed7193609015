public import GitOpsTypes
public import PromotionDomain
public import PromotionPlanning

/// What a change to the configuration repository does to every environment, and why that is permitted or not.
public struct ChangeReport: Sendable {
    public struct Entry: Sendable {
        public let application: ApplicationName
        public let environment: EnvironmentName
        public let isChanged: Bool
        public let check: Check
        /// The promotion that it carries out.
        public let promotion: PromotionID?
        /// Nil where nothing changes, or cannot be rendered.
        public let diff: RenderedDiff?
        /// What it renders to, as approvals name it.
        let rendered: String?
        /// The release that ran there before and that it takes back without a promotion; nil where it does not.
        let takenBack: ReleaseID?
        /// Whether nothing but its time stands against it, which has not come here yet.
        var isDatedAhead = false
    }

    public let base: CommitID
    public let head: CommitID
    public let entries: [Entry]
    /// The check of a change to `environments/`; nil where there is none.
    public let policy: Check?
    /// The `environments/` directory that it leads to, as approvals name it.
    let policyTree: String?

    /// Fails when anything fails, waits when anything waits.
    public var verdict: Check.Status {
        let statuses = entries.map(\.check.status) + [policy].compactMap { $0?.status }
        return statuses.contains(.fail) ? .fail : statuses.contains(.pending) ? .pending : .pass
    }

    /// The same where it is not known when the change was made: what would pass fails for `reason`.
    func datedAhead(_ reason: String) -> ChangeReport {
        let entries = entries.map { entry in
            guard entry.isChanged, entry.check.status == .pass else { return entry }
            return Entry(
                application: entry.application, environment: entry.environment, isChanged: true,
                check: Check(.authorizedMerge, .fail, reason), promotion: entry.promotion, diff: entry.diff,
                rendered: entry.rendered, takenBack: entry.takenBack, isDatedAhead: true)
        }
        return ChangeReport(base: base, head: head, entries: entries, policy: policy, policyTree: policyTree)
    }

    /// The same as far as `environments/` goes.
    var ofPolicyAlone: ChangeReport {
        ChangeReport(base: base, head: head, entries: [], policy: policy, policyTree: policyTree)
    }

    /// The checks of what changes; where that is several things, each says which it is of.
    var placedChecks: [Check] {
        let changed = entries.filter { $0.isChanged || $0.check.status != .pass }
        guard changed.count + (policy == nil ? 0 : 1) > 1 else { return [policy].compactMap(\.self) + changed.map(\.check) }
        let ofEntries = changed.map { $0.check.placed("\($0.application) in \($0.environment)") }
        return [policy?.placed("the policy")].compactMap(\.self) + ofEntries
    }

    /// The first check that stands against it.
    public var obstacle: Check? {
        let checks = [policy].compactMap(\.self) + entries.map(\.check)
        return checks.first { $0.status == .fail } ?? checks.first { $0.status == .pending }
    }
}

extension ChangeReport.Entry {
    /// Of a place that stays what it is.
    init(unchanged place: ChangeInspection.Place) {
        self.init(
            application: place.application.name, environment: place.environment, isChanged: false,
            check: ChangeJudgement.unchanged, promotion: nil, diff: nil, rendered: nil, takenBack: nil)
    }
}

extension Check {
    /// The same, said of a place.
    fileprivate func placed(_ place: String) -> Check {
        Check(rule, status, "\(place): \(detail)", since: since, clearedBy: clearedBy, output: output)
    }
}
