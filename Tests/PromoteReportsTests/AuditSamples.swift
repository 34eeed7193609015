import GitOpsTypes
import PromoteReports

@testable import PromotionDomain
@testable import PromotionEngine
@testable import PromotionLedger

extension Sample {
    private static let event = Event(
        id: "01J", time: noon, actor: alice, policyCommit: commit("a"), payload: .holdPlaced(.init(environment: dev, reason: "x"))
    )

    private static func record(_ digit: Character, rejection: String?) -> LedgerAudit.AuditedRecord {
        let judged = JudgedRecord(
            commit: commit(digit), content: .event(event, by: Actor(alice, .unsigned)), release: nil,
            environment: dev, rejection: rejection.map { JudgedRecord.Rejection(reason: $0) })
        return LedgerAudit.AuditedRecord(
            record: judged, json: Array("{\"id\":\"01J\"}".utf8), signer: "nothing: it is not signed")
    }

    private static let damaged = LedgerAudit.AuditedRecord(
        record: JudgedRecord(
            commit: commit("3"), content: .damaged("no JSON"), release: nil, environment: nil,
            rejection: .init(reason: "not an event")), json: Array("{".utf8), signer: "nothing: it is not signed")

    static let checkpoint = LedgerCheckpoint(application: web, head: commit("2"), count: 2, hash: "0123")

    private static let intact = LedgerAudit(
        application: web, checkpoint: checkpoint, records: [record("1", rejection: nil), record("2", rejection: nil)],
        findings: [])
    private static let rewritten = LedgerAudit(
        application: api, checkpoint: nil,
        records: [damaged] + (0..<52).map { _ in record("2", rejection: "authorized: not an operator") },
        findings: [
            .init(
                what: "the ledger was rewritten", hint: "git push it again",
                vanished: [LedgerRecord(commit: commit("4"), content: .damaged("x"))])
        ])

    /// Lines as `audit export` prints them.
    static func export() throws -> String { try Answer(export: [intact]).text }

    static func audits() throws -> [AnswerSample] {
        [
            .init("audited", "audit verify", Answer(audit: [intact])),
            .init("audited-rewritten", "audit verify", Answer(audit: [intact, rewritten])),
            .init(
                "exported", "audit export",
                try Answer(
                    export: [
                        intact,
                        LedgerAudit(
                            application: api, checkpoint: nil, records: [damaged, record("2", rejection: "authorized: no")],
                            findings: []),
                    ])),
            .init(
                "skipped", "audit skip 2222",
                Answer(
                    SkipReport(application: web, event: FutureDatedEvent(commit: commit("2"), event: event), isNew: true),
                    reason: "a wrong clock")),
            .init("images-sound", "audit images", Answer([ImageFinding]())),
            .init(
                "images-silent", "audit images",
                Answer([
                    ImageFinding(kind: .unknown, application: web, environment: nil, release: release().id, detail: "no answer")
                ])),
            .init(
                "images-wrong", "audit images",
                Answer([
                    ImageFinding(kind: .moved, application: web, environment: nil, release: release().id, detail: "1.4.2 moved"),
                    ImageFinding(kind: .unregistered, application: web, environment: prod, release: nil, detail: "no release"),
                    ImageFinding(kind: .unasked, application: api, environment: nil, release: nil, detail: "not asked"),
                ])),
            .init(
                "images-in-use", "images",
                Answer([
                    ImageUse(
                        name: image.text, digest: digest("1"), reference: "\(image)@\(digest("1"))",
                        places: [.init(application: web, environment: prod, purpose: .running)]),
                    ImageUse(name: "other", digest: nil, reference: "other:latest", places: []),
                ])),
        ]
    }
}
