import Foundation
import PromoteTestSupport
import Testing

/// A remote that was kept as one file, and somebody who reads it for the first time.
struct KeptLedger {
    /// What is asked of it, by the file that the answer is kept in.
    static let answers = [
        "export.jsonl": ["audit", "export"], "verify.json": ["audit", "verify", "--json"], "status.json": ["status", "--json"],
        "history.json": ["history", "--json"],
    ]

    private let scratch: ScratchDirectory
    let git: Tool

    init(_ bundle: String) throws {
        scratch = try ScratchDirectory()
        let remote = scratch.url.appending(component: "remote.git").path
        let clone = scratch.url.appending(component: "clone").path
        let git = Tool("git", in: scratch.path)
        try git.succeed("clone", "-q", "--mirror", bundle, remote)
        try git.succeed("clone", "-q", remote, clone)
        self.git = Tool("git", in: clone)
    }

    /// What promote prints, whatever its status.
    func answer(_ command: [String]) throws -> String {
        try Tool(Playground.builtProgram.path, in: git.directory).run(command).output
    }
}

/// Ledgers that were written once, by this program and by ones before it, read the same for ever.
///
/// Each folder of Tests/Ledgers has a bundle of a remote with every type of event that its program knew, and what it reads as.
@Suite struct KeptLedgerTests {
    static let folder = Playground.repositoryRoot.appending(path: "Tests/Ledgers")

    @Test(arguments: ["1", "2", "3"])
    func `A ledger of before reads as it did, event for event`(_ name: String) throws {
        let folder = Self.folder.appending(component: name)
        let reader = try KeptLedger(folder.appending(component: "ledger.bundle").path)
        for (file, command) in KeptLedger.answers {
            let expected = try String(contentsOf: folder.appending(component: file), encoding: .utf8)
            let answer = try reader.answer(command)
            #expect(answer == expected, "\(command)")
        }
    }
}
