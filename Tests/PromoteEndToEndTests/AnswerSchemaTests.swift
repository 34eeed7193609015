import Foundation
import PromoteTestSupport
import Testing

/// What holds every answer of `--json` in these tests to docs/schemas can fail.
@Suite struct AnswerSchemaTests {
    private func kept(_ file: String) throws -> String {
        try String(contentsOf: Playground.repositoryRoot.appending(path: "Tests/Ledgers/2/\(file)"), encoding: .utf8)
    }

    private func fault(_ answer: String, _ arguments: String...) -> String? {
        JSONSchemas.documented.fault(of: answer, to: arguments)
    }

    @Test func `Answers that were kept are as documented`() throws {
        #expect(fault(try kept("status.json"), "status") == nil)
        #expect(fault(try kept("history.json"), "history", "--app", "web") == nil)
        #expect(fault(try kept("verify.json"), "audit", "verify") == nil)
        for line in try kept("export.jsonl").split(separator: "\n") { #expect(fault(String(line), "audit", "export") == nil) }
        #expect(fault(#"{"error":{"checks":[],"code":64,"hint":null,"message":"x","rule":null}}"#, "merge", "web-1") == nil)
    }

    @Test(arguments: [
        ("\"yanked\" :", "\"stained\" : 1, \"yanked\" :", "/stained is not documented"),
        ("\"tainted\" : false", "\"tainted\" : 0", "integer instead of"),
        ("\"state\" : \"verified\"", "\"state\" : \"live\"", "is none of"), ("\"since\" : \"2", "\"since\" : \"on 2", "is not ^"),
        ("\"tainted\" : false,", "", "tainted is missing"), ("\"hold\" : null", "\"hold\" : {}", "reason is missing"),
    ])
    func `A key too many or too few, another type and another word are told`(_ old: String, _ new: String, _ words: String) throws
    {
        let answer = try kept("status.json")
        let changed = answer.replacing(old, with: new)
        #expect(changed != answer)
        #expect(fault(changed, "status")?.contains(words) == true, "\(fault(changed, "status") ?? "")")
    }

    @Test func `Every schema says of which answer it is`() throws {
        let folder = Playground.repositoryRoot.appending(path: "docs/schemas")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let text = try String(contentsOf: folder.appending(component: name), encoding: .utf8)
            #expect(text.contains("\"title\": \""), "\(name)")
        }
    }
}
