import Foundation
import GitOpsTypes
import PromoteTestSupport
import PromotionDomain
import PromotionLedger
import Testing

@testable import PromoteReports
@testable import PromotionEngine

/// What every kind of report is printed as, in both forms, with its exit status.
@Suite struct AnswerTests {
    static func samples() throws -> [AnswerSample] {
        try Sample.promotions + Sample.statuses + Sample.releases + Sample.operations + Sample.changes + Sample.audits()
            + Sample.setUp + Sample.figures()
    }

    @Test(arguments: try samples())
    func `An answer is printed to the byte as it was agreed upon`(_ sample: AnswerSample) throws {
        try Golden.expect(try sample.printed(), is: sample.name)
    }

    @Test(arguments: try samples())
    func `An answer is as docs schemas say`(_ sample: AnswerSample) throws {
        // `audit export` answers with lines, and under --json with what `audit verify` does.
        let words = sample.words == ["audit", "export"] ? ["audit", "verify"] : sample.words
        #expect(JSONSchemas.documented.fault(of: try sample.answer.jsonText(), to: words) == nil)
    }

    @Test func `Every golden is of an answer or of an error, and each name is given once`() throws {
        let names = try Self.samples().map(\.name) + ErrorSample.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(try Golden.names() == Set(names))
    }

    @Test func `What was done to a promotion is said in one sentence each`() {
        for (action, sentence) in Sample.headlines {
            let report = Sample.report(Sample.promotion(), action)
            let expected = sentence.replacing("web-000000000000", with: Sample.release().id.text)
            #expect(PromotionHeadline(report: report).text == expected)
        }
    }

    @Test func `Colour marks what is said without it too`() {
        let report = Sample.report(Sample.promotion(), .shown, [Sample.passing, Sample.pending, Sample.failing])
        let coloured = Answer(report, TextStyle(usesColour: true)).text
        #expect(coloured.contains("\u{1B}[31mFAIL   \u{1B}[0m"))
        let bare = coloured.replacing(/\u{1B}\[[0-9]+m/, with: "")
        #expect(bare == Answer(report, .plain).text)
    }

    @Test func `A comment on a pull request stays smaller than forges take, and says what it leaves out`() {
        let markdown = ChangeMarkdown(Sample.huge).text
        #expect(markdown.utf8.count < 65_536)
        #expect(markdown.hasSuffix(" more: `promote gate`\n"))
    }

    @Test func `Of many applications it is told how far adopting them is, and at the end by the answer alone`() {
        let progress = AdoptionProgress(total: 150)
        #expect((0...150).compactMap(progress.note) == ["adopted 50 of 150 applications", "adopted 100 of 150 applications"])
        #expect((0...40).compactMap(AdoptionProgress(total: 40).note).isEmpty)
    }

    @Test func `Of many faults of one kind the first are told, and none hides another kind`() {
        let reasons = Array(repeating: "authorized: no", count: 60) + ["scope: no", "words alone", "more words"]
        let told = ToldFaults(reasons) { $0 }
        #expect(told.told.count == 53)
        #expect(told.untold == 10)
        #expect(told.rest == "… and 10 more")
    }

    @Test func `What was exported names its checkpoints, and what was not is told by its line`() throws {
        #expect(try AuditExport.checkpoints(in: Data(Sample.export().utf8)) == [Sample.checkpoint])
        #expect(throws: EngineError.self) { try AuditExport.checkpoints(in: Data("{}\nnonsense\n".utf8)) }
        let lost = #"{"checkpoint":{"application":"web","head":"x","count":1,"hash":"y"}}"#
        #expect(throws: EngineError.self) { try AuditExport.checkpoints(in: Data(lost.utf8)) }
    }
}
