import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger

/// Follows the target branch from its beginning and decides at every change of `environments/` which policy counts from there on.
struct PolicyHistoryBuilder {
    private let judgement: PolicyStepJudgement
    private let line: PolicyLine

    init(_ judgement: PolicyStepJudgement, _ line: PolicyLine) {
        self.judgement = judgement
        self.line = line
    }

    private var lines: FirstParentHistories { judgement.lines }

    func history(_ objects: GitObjects) throws -> PolicyHistory {
        var history = PolicyHistory()
        for index in line.entries.indices {
            history.standing.append(try add(entryAt: index, to: &history, objects))
            if history.conflict != nil { break }
        }
        return history
    }

    /// - Returns: what stands after it without counting.
    private func add(
        entryAt index: Int, to history: inout PolicyHistory, _ objects: GitObjects
    ) throws -> CarriedChanges? {
        let entry = line.entries[index]
        let previous = index > 0 ? line.entries[index - 1].version : nil
        let next = line.entries.indices.contains(index + 1) ? line.entries[index + 1].commit : nil
        guard let step = history.steps.last else {
            // The first policy that can be read is adopted. A folder of that name which has no environments is none: of something
            // else, and no beginning of this.
            if let version = entry.version,
                case .success(let policy) = try judgement.reader.policy(ofVersion: version, objects), !policy.environments.isEmpty
            {
                history.steps.append(.init(commit: entry.commit, version: version))
                // Where it joins another beginning, which of the two is the first cannot be told.
                let other = try entry.joined.first { commit in
                    let (detour, base) = try lines.detour(to: commit, fromLineOf: line.tip, objects)
                    return try base == nil && hasPolicy(detour, objects)
                }
                if other != nil { history.conflict = entry.commit }
            }
            return nil
        }
        var counting = step
        for commit in entry.joined {
            switch try joined(commit, at: step, history, objects) {
            case .nothing: continue
            case .conflict:
                history.conflict = entry.commit
                return nil
            case .version(let version): counting = .init(commit: entry.commit, version: version)
            }
        }
        if counting != step { history.steps.append(counting) }
        guard entry.version != counting.version else { return nil }
        let standing = history.carried
        guard entry.version != previous || counting != step else { return standing }
        let change = PolicyStepJudgement.Change(
            version: entry.version, commit: entry.commit, base: entry.predecessor,
            after: standing, counted: history.countedVersions)
        guard let problem = try judgement.problem(with: change, under: counting, isDetour: false, objects) else {
            append(entry.commit, entry.version, to: &history)
            return nil
        }
        if let later = try approvedLater(change, before: next, under: counting, objects) {
            append(later, entry.version, to: &history)
            return nil
        }
        history.violations.append(
            try violation(change, problem, under: counting, isReplaced: next != nil, objects))
        return try judgement.carried(with: change, under: counting, objects)
    }

    /// A change that does not count, and what can become of it by what approvers have said since.
    private func violation(
        _ change: PolicyStepJudgement.Change, _ problem: PolicyStepJudgement.Problem, under counting: PolicyHistory.Step,
        isReplaced: Bool, _ objects: GitObjects
    ) throws -> PolicyViolation {
        let isMerge = try objects.lineage(of: change.commit).map { $0.parents.count > 1 } ?? false
        func violation(_ detail: String, _ prospect: PolicyViolation.Prospect) -> PolicyViolation {
            PolicyViolation(commit: change.commit, detail: detail, prospect: prospect, isMerge: isMerge)
        }
        guard !isReplaced else { return violation(problem.detail, .replaced) }
        var later = change
        later.seen = nil
        return switch try judgement.problem(with: later, under: counting, isDetour: false, objects) {
        case .open(let detail): violation(detail, .approvable)
        case .final(let detail): violation(detail, .unapprovable)
        case nil: violation("it was approved when it was on the branch already", .awaitsCommit)
        }
    }

    private func append(_ commit: CommitID, _ version: TreeID?, to history: inout PolicyHistory) {
        guard let version else { return }
        if history.steps.last?.commit == commit { history.steps.removeLast() }
        history.steps.append(.init(commit: commit, version: version))
    }

    /// The first commit after approvals that were given when the change was on the branch already; nil where they do not suffice.
    private func approvedLater(
        _ change: PolicyStepJudgement.Change, before next: CommitID?, under counting: PolicyHistory.Step, _ objects: GitObjects
    ) throws -> CommitID? {
        let approvals = judgement.approvals.filter { $0.policy != nil && $0.policy == change.version?.hex }
        guard !approvals.isEmpty else { return nil }
        let candidates = try lines.with(line.tip) { line -> [CommitID] in
            guard let start = try line.distance(of: change.commit, objects) else { return [] }
            let end = try next.flatMap { try line.distance(of: $0, objects) } ?? -1
            let places = try approvals.compactMap { try line.distance(of: $0.policyCommit, objects).map { $0 - 1 } }
            return try Set(places.filter { $0 < start && $0 > end }).sorted(by: >).compactMap {
                try line.commit(at: $0, objects)
            }
        }
        for commit in candidates {
            var later = change
            later.seen = commit
            if try judgement.problem(with: later, under: counting, isDetour: false, objects) == nil { return commit }
        }
        return nil
    }

    // MARK: Off the line

    private enum Joined {
        case nothing
        case version(TreeID)
        case conflict
    }

    /// What a merged branch says of the policy: where the branch is the target branch of before, merged the wrong way round, what
    /// was approved there goes on counting.
    private func joined(
        _ commit: CommitID, at step: PolicyHistory.Step, _ history: PolicyHistory, _ objects: GitObjects
    ) throws -> Joined {
        let (detour, base) = try lines.detour(to: commit, fromLineOf: line.tip, objects)
        guard let base else { return try hasPolicy(detour, objects) ? .conflict : .nothing }
        // Where the policy was changed on the line meanwhile, that is what counts.
        guard try lines.step(history.steps, at: base, onLineOf: line.tip, objects) == step else { return .nothing }
        let last = try follow(detour, from: step, counted: [], settled: history.countedVersions, objects)
        return last == step ? .nothing : .version(last.version)
    }

    private func hasPolicy(_ commits: [CommitID], _ objects: GitObjects) throws -> Bool {
        try commits.contains { commit in
            guard let version = try PolicyReader.version(at: commit, objects),
                case .success(let policy) = try judgement.reader.policy(ofVersion: version, objects)
            else { return false }
            return !policy.environments.isEmpty
        }
    }

    /// The version that counts at a commit that is part of the branch and was not its tip by the line of first parents.
    func version(
        offLine commit: CommitID, _ history: PolicyHistory, _ objects: GitObjects
    ) throws -> TreeID? {
        let (detour, base) = try lines.detour(to: commit, fromLineOf: line.tip, objects)
        if let base {
            guard let step = try lines.step(history.steps, at: base, onLineOf: line.tip, objects) else { return nil }
            // What counts on the line since the detour left it, and not what counted before: that was replaced.
            let since = history.steps.drop { $0 != step }.map(\.version)
            return try follow(
                detour, from: step, counted: Set(since), settled: history.countedVersions, objects
            ).version
        }
        // Of another beginning: it says what the branch says, or nothing.
        guard let version = try PolicyReader.version(at: commit, objects), version == history.steps.last?.version else {
            return nil
        }
        return version
    }

    /// Whether a change that was on the line of before had been approved when that came to a later commit.
    private func isApproved(
        _ change: PolicyStepJudgement.Change, before commit: CommitID, under counting: PolicyHistory.Step, _ objects: GitObjects
    ) throws -> Bool {
        guard judgement.approvals.contains(where: { $0.policy != nil && $0.policy == change.version?.hex }) else { return false }
        var later = change
        later.seen = commit
        return try judgement.problem(with: later, under: counting, isDetour: true, objects) == nil
    }

    /// - Parameters:
    ///   - counted: versions that count without further ado, as they have on the line.
    ///   - settled: all that have counted there.
    private func follow(
        _ commits: [CommitID], from step: PolicyHistory.Step, counted: Set<TreeID>, settled: Set<TreeID>, _ objects: GitObjects
    ) throws -> PolicyHistory.Step {
        var counting = step
        var (predecessor, previous) = (step.commit, step.version)
        var carried: CarriedChanges?
        var waiting: PolicyStepJudgement.Change?
        for commit in commits {
            guard let version = try PolicyReader.version(at: commit, objects) else { continue }
            defer { (predecessor, previous) = (commit, version) }
            if version == counting.version { (carried, waiting) = (nil, nil) }
            if version == previous, let change = waiting, try isApproved(change, before: commit, under: counting, objects) {
                counting = .init(commit: commit, version: version)
                (carried, waiting) = (nil, nil)
            }
            guard version != previous, version != counting.version else { continue }
            let change = PolicyStepJudgement.Change(
                version: version, commit: commit, base: predecessor, after: carried, counted: settled)
            let isPermitted =
                try counted.contains(version)
                || judgement.problem(with: change, under: counting, isDetour: true, objects) == nil
            if isPermitted {
                counting = .init(commit: commit, version: version)
                (carried, waiting) = (nil, nil)
            } else {
                carried = try judgement.carried(with: change, under: counting, objects)
                waiting = change
            }
        }
        return counting
    }
}
