import Foundation
import PromoteTestSupport
import Testing

/// Commits of a ledger that were true once, as the head of that one or of another.
@Suite struct ReplayTests {
    private let playground: Playground
    private let alice: Person
    private let web = "refs/heads/promote/ledger/web"
    private let shop = "refs/heads/promote/ledger/shop"
    /// The head of the ledger of web: a hold by alice.
    private let head: String

    init() throws {
        playground = try Playground { seed in
            let file = seed.appending(path: "environments/shop.yaml")
            let text = """
                apiVersion: promote/v1alpha1
                kind: Application
                metadata: { name: shop }
                spec:
                  images: [{ name: registry.example/web }]
                  overlay: "overlays/{environment}"

                """
            try Data(text.utf8).write(to: file)
        }
        alice = try playground.person("alice")
        #expect(try alice.ask("hold", "dev", "--app", "web", "--reason", "a first").status == 0)
        #expect(try alice.ask("hold", "staging", "--app", "web", "--reason", "a second").status == 0)
        try alice.git.succeed("fetch", "-q", "origin", web)
        head = try alice.git.succeed("rev-parse", "FETCH_HEAD")
    }

    private func installHook() throws {
        try Tool(Playground.builtProgram.path, in: "/").succeed("hook", "install", "--bare", playground.remote)
    }

    private func refused(_ commit: String, as ref: String, saying words: String, _ place: SourceLocation = #_sourceLocation)
        throws
    {
        let refs = try playground.remoteRefs()
        let push = try alice.git.run("push", "origin", "+\(commit):\(ref)")
        #expect(push.status != 0, sourceLocation: place)
        #expect(push.errors.contains(words), "\(push.errors)", sourceLocation: place)
        #expect(try playground.remoteRefs() == refs, sourceLocation: place)
    }

    private func commit(_ arguments: String...) throws -> String {
        try alice.git.succeed(["commit-tree", "-S", "-m", "replayed"] + arguments)
    }

    @Test func `The hook takes no event twice, no second way to its head, and nothing beside an event`() throws {
        try installHook()
        for event in ["\(head)^{tree}", "\(head)~1^{tree}"] {
            try refused(try commit(event, "-p", head), as: web, saying: "is in the ledger already")
        }
        try refused(try commit("\(head)^{tree}", "-p", head, "-p", "HEAD"), as: web, saying: "only grows")
        try refused(try commit("\(head)^{tree}", "-p", "\(head)~1"), as: web, saying: "only grows")
        try refused("\(head)~1", as: web, saying: "only grows")
        let blob = try alice.git.succeed("rev-parse", "\(head):event.json")
        for tree in [
            "100644 blob \(blob)\tevent.json\n100644 blob \(blob)\tother\n", "120000 blob \(blob)\tevent.json\n",
            "100644 blob \(blob)\tEVENT.json\n",
        ] {
            let tree = try alice.git.succeed("mktree", input: tree)
            try refused(try commit(tree, "-p", head), as: web, saying: "would count for no reader")
        }
    }

    @Test func `The ledger of one application is not the beginning of another's`() throws {
        // By the hook, and by every reader where there is none.
        try alice.git.succeed("push", "-q", "origin", "\(head):\(shop)")
        for person in [alice, try playground.person("bob")] {
            let history = try person.ask("history", "--app", "shop")["events"] as? [[String: Any]] ?? []
            #expect(history.count == 2)
            let reasons = history.map { $0["rejection"] as? String ?? "(applied)" }
            #expect(reasons.allSatisfy { $0.contains("it was written for the ledger of web") }, "\(reasons)")
        }
        try alice.git.succeed("push", "-q", "origin", ":\(shop)")
        try installHook()
        try refused(head, as: shop, saying: "it was written for the ledger of web")
    }

    @Test func `An event that names no ledger is of the one that has it first`() throws {
        let tip = try alice.git.succeed("rev-parse", "origin/main")
        let event = try RawEvent(
            "HoldPlaced", by: alice.principal, policy: tip, #"{"environment":"prod","reason":"a third"}"#)
        try installHook()
        let first = try alice.commit(event, to: shop)
        try alice.git.succeed("push", "-q", "origin", "\(first):\(shop)")
        try refused(
            try alice.commit(event, to: web), as: web, saying: "which an event of the ledger of shop has")
    }
}
