import GitOpsTypes
import GitStore
public import PromotionDomain
public import PromotionLedger

/// One application's ledger, read from its first commit and judged afresh, without the state store.
public struct LedgerAudit: Sendable {
    public let application: ApplicationName
    /// What vouches for everything up to here; nil for a ledger without events.
    public let checkpoint: LedgerCheckpoint?
    public let records: [AuditedRecord]
    /// What is wrong with the ledger as a whole.
    public let findings: [Finding]

    public struct AuditedRecord: Sendable {
        public let record: JudgedRecord
        /// The event's own text, as the ledger has it; nil where the commit has none.
        public let json: [UInt8]?
        /// What the signature proves, in words.
        public let signer: String
    }

    public struct Finding: Sendable {
        public let what: String
        public let hint: String
        /// Events that were in the ledger and are there no more, oldest first.
        public let vanished: [LedgerRecord]
    }

    /// What an operator passed over by a word that counts is told, and takes nothing from the ledger.
    public var isIntact: Bool { findings.isEmpty && records.allSatisfy { $0.record.rejection?.isPassedOver ?? true } }
}

/// Judges every event of ledgers again, from the first on.
struct LedgerAuditQuery: Sendable {
    let session: Session

    /// Reads every ledger as an auditor does: each event from the first on, its signature, its actor's right, its place.
    ///
    /// - Parameter checkpoints: what an auditor kept from an earlier export; the ledger must still contain it.
    func audit(application: String?, checkpoints: [LedgerCheckpoint] = []) async throws -> [LedgerAudit] {
        let snapshot = try await session.refresh()
        let names = try application.map { [try snapshot.policy.ledger(named: $0)] } ?? audited(snapshot, checkpoints)
        var audits: [LedgerAudit] = []
        for name in names {
            audits.append(try await audit(name, snapshot, checkpoints.filter { $0.application == name }))
        }
        return audits
    }

    /// The ledgers of the policy's applications, and those that an auditor has seen: one that is gone is found by its checkpoint alone.
    private func audited(_ snapshot: Snapshot, _ checkpoints: [LedgerCheckpoint]) -> [ApplicationName] {
        let known = snapshot.policy.applications.map(\.name)
        let others = Set(checkpoints.map(\.application)).union(snapshot.freezesHead == nil ? [] : [.environments])
        return known + others.subtracting(known).sorted()
    }

    private func audit(
        _ application: ApplicationName, _ snapshot: Snapshot, _ checkpoints: [LedgerCheckpoint]
    ) async throws -> LedgerAudit {
        let branch = session.workspace.ledgers.branch(of: application)
        let head = try await session.workspace.remote.head(of: branch)
        let raw = try await session.workspace.repository.scratch { objects -> [(LedgerRecord, [UInt8]?)]? in
            guard let head else { return [] }
            let reader = LedgerReader(objects)
            return try reader.records(after: nil, to: head)?.map { ($0, try reader.text(of: $0.commit)) }
        }
        var findings: [LedgerAudit.Finding] = []
        let records = raw ?? []
        if raw == nil {
            findings.append(
                .init(
                    what: "its commits are not one line: two histories were merged", hint: restoration(application), vanished: [])
            )
        }
        let judge = try await session.ledgerJudge(of: application, snapshot)
        let folded = try await judge.judge(
            records.map(\.0), from: ApplicationState(application: application), after: nil, seenIDs: [])
        if let early = folded.early {
            findings.append(
                .init(
                    what:
                        "the event \(early.commit.short) of \(early.event.actor) is dated \(early.event.time), ahead of this machine's clock",
                    hint:
                        "set the clock that is wrong; an operator goes on past the event: promote audit skip \(early.commit.hex) --app \(application) --reason <why>",
                    vanished: []))
        }
        if let vanished = try await vanished(from: records.map(\.0.commit), of: application) { findings.append(vanished) }
        let ids = records.map(\.0.commit)
        for checkpoint in checkpoints {
            if let problem = LedgerCheckpoint.problem(checkpoint, in: ids) {
                findings.append(.init(what: problem, hint: restoration(application), vanished: []))
            }
        }
        // What was found to be whole is what later looks are compared with.
        if findings.isEmpty { _ = try await session.ledger(of: application, snapshot) }
        return LedgerAudit(
            application: application,
            checkpoint: ids.last.map { LedgerCheckpoint(application: application, head: $0, commits: ids) },
            records: zip(folded.records, records).map { judged, read in
                .init(record: judged, json: read.1, signer: Self.signer(of: read.0))
            }, findings: findings)
    }

    /// What this clone saw in the ledger and the ledger has no more.
    private func vanished(from commits: [CommitID], of application: ApplicationName) async throws -> LedgerAudit.Finding? {
        let ref = LedgerFollower.seenRef(application, session.workspace.remote)
        let present = Set(commits)
        let missing = try await session.workspace.repository.scratch { objects -> [LedgerRecord] in
            guard let seen = try objects.commit(atRef: ref), !present.contains(seen) else { return [] }
            return try LedgerReader(objects).records(after: nil, to: seen)?.filter { !present.contains($0.commit) } ?? []
        }
        guard !missing.isEmpty else { return nil }
        return .init(
            what:
                "it was rewound or replaced: \(missing.count == 1 ? "one event that this clone has seen is" : "\(missing.count) events that this clone has seen are") gone",
            hint: restoration(application), vanished: missing)
    }

    private func restoration(_ application: ApplicationName) -> String {
        let (remote, branch) = (session.workspace.remote, session.workspace.ledgers.branch(of: application))
        return
            "restore it from a clone that has it: git push --force \(remote.name) \(LedgerFollower.seenRef(application, remote)):\(branch.ref)"
    }

    private static func signer(of record: LedgerRecord) -> String {
        guard case .event(_, let actor) = record.content else { return "unsigned" }
        if let fingerprint = actor.keyFingerprint { return fingerprint }
        if case .invalid(let problem) = actor.proof { return "invalid: \(problem)" }
        return "unsigned"
    }
}
