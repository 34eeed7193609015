import Foundation
import GitOpsTypes
import GitStore
import PromotionConfiguration
import PromotionDomain
import PromotionProjection

/// The policy of the configuration repository along its target branch.
struct PolicySource: Sendable {
    private let repository: GitRepository
    private let store: StateStore
    private let lines: FirstParentHistories
    private let reader: PolicyReader

    init(_ repository: GitRepository, store: StateStore, lines: FirstParentHistories, zones: any TimeZoneDatabase) {
        reader = PolicyReader(zones: zones)
        self.repository = repository
        self.store = store
        self.lines = lines
    }

    /// The timeline of a branch at `tip` before any approval is known.
    ///
    /// - Parameter isKept: whether the store remembers how far the branch was read; not for a tip that is only proposed.
    func timeline(tip: CommitID, isKept: Bool) async throws -> PolicyTimeline {
        let known = try store.policyLine().flatMap(Self.decode)
        let judgement = PolicyStepJudgement(reader: reader, lines: lines, tip: tip, approvals: [])
        let line = try await repository.scratch { objects -> PolicyLine in
            if let known, known.tip == tip { return known }
            // The store may be of a history that was cleared away meanwhile.
            let start = try known.flatMap { try objects.has($0.tip) ? $0 : nil }
            return try PolicyLine(tip: tip, from: start, objects)
        }
        if isKept, line != known { try store.notePolicyLine(JSONEncoder().encode(line)) }
        let versions = Set(line.entries.suffix(Self.keptOutlines).compactMap(\.version))
        try learn(versions)
        let timeline = try await repository.scratch { objects in
            PolicyTimeline(line: line, history: try PolicyHistoryBuilder(judgement, line).history(objects), judgement: judgement)
        }
        if isKept { try keepOutlines(among: versions) }
        return timeline
    }

    /// So many versions of `environments/` are kept in short: the newest.
    private static let keptOutlines = 16

    private func learn(_ versions: Set<TreeID>) throws {
        for version in versions where !reader.knows(version) {
            guard let bytes = try store.policyOutline(of: version.hex), let outline = PolicyOutline(bytes: Array(bytes)) else {
                continue
            }
            reader.learn(outline, of: version)
        }
    }

    private func keepOutlines(among versions: Set<TreeID>) throws {
        for (version, outline) in reader.takeOutlines() where versions.contains(version) {
            do {
                try store.keep(policyOutline: Data(outline.bytes), of: version.hex, atMost: Self.keptOutlines)
            } catch {
                // A disk that is full or a store that another process holds: the next run reads all of it again.
                if error.isDamaged { throw error }
            }
        }
    }

    /// The same with the approvals that the ledger has.
    func timeline(_ timeline: PolicyTimeline, with approvals: [ChangeApproval]) async throws -> PolicyTimeline {
        try await repository.scratch { try timeline.judged(with: approvals, $0) }
    }

    /// A note that cannot be read is none.
    private static func decode(_ data: Data) -> PolicyLine? {
        do { return try JSONDecoder().decode(PolicyLine.self, from: data) } catch { return nil }
    }

    /// The policy that counts at a commit; nil where none does.
    func policy(at commit: CommitID, _ timeline: PolicyTimeline) async throws -> Policy? {
        try await repository.scratch { try timeline.policy(at: commit, $0) }
    }

    /// The policy that counts at the tip; nil where none does.
    ///
    /// - Throws: `ConfigurationError` where it names a time zone that this machine does not know.
    func presentPolicy(_ timeline: PolicyTimeline) async throws -> Policy? {
        try await repository.scratch { [reader] objects in
            guard let version = try timeline.version(at: timeline.line.tip, objects) else { return nil }
            return try reader.presentPolicy(ofVersion: version, objects).get()
        }
    }

    /// That what the branch has at its tip can be read, whether it counts or not, with the time zones that this machine knows.
    ///
    /// - Parameter remedy: what to do where there is none.
    /// - Throws: `ConfigurationError` where it cannot be read; `EngineError.configuration` where there is none.
    func requireReadable(at tip: CommitID, _ remedy: () async throws -> String) async throws {
        let (found, elsewhere) = try await repository.scratch {
            [reader] objects -> (Result<Policy, ConfigurationError>?, String?) in
            let found = try PolicyReader.version(at: tip, objects).map { try reader.presentPolicy(ofVersion: $0, objects) }
            if case .success(let policy)? = found, !policy.environments.isEmpty { return (found, nil) }
            let files = GitTreeFiles(objects: objects, tree: try objects.tree(of: tip))
            return (found, try ConfigurationSearch.remedy(in: files, besides: PolicyReader.directory(objects)))
        }
        let folder = repository.configurationFolder ?? PolicyReader.usualDirectory
        if let elsewhere {
            throw EngineError.configuration("\(folder)/ of the target branch is no configuration", hint: elsewhere)
        }
        guard let found else {
            throw EngineError.configuration("the target branch has no \(folder)/ directory", hint: try await remedy())
        }
        _ = try found.get()
    }
}
