import GitOpsTypes
import PromotionDomain
import PromotionLedger
import Testing

@Suite struct GuardedRefsTests {
    private func refs(_ branches: [String] = ["main", "env/prod"], prefix: String = "promote/ledger/") throws -> GuardedRefs {
        GuardedRefs(desiredState: try branches.map { try #require(BranchName($0)) }, ledgers: LedgerBranches(prefix: prefix))
    }

    @Test func `What is ours is known by its exact name`() throws {
        let refs = try refs()
        let web = try #require(ApplicationName("web"))
        let branch = try #require(BranchName("promotion/web/prod/3"))
        #expect(refs.meaning(of: "refs/heads/main") == .desiredState(try #require(BranchName("main"))))
        #expect(refs.meaning(of: "refs/heads/env/prod") == .desiredState(try #require(BranchName("env/prod"))))
        #expect(refs.meaning(of: "refs/heads/promote/ledger/web") == .ledger(web))
        #expect(refs.meaning(of: "refs/heads/promote/ledger/_environments") == .ledger(.environments))
        #expect(refs.meaning(of: "refs/heads/promotion/web/prod/3") == .promotion(PromotionID(web, 3), branch))
        for other in [
            "refs/heads/Main", "refs/tags/main", "refs/heads/promotion/web/prod/03", "refs/heads/promotion/web/prod/3/x",
            "refs/heads/promotion//prod/3", "refs/heads/promote/ledger/Web", "refs/heads/promote/ledger/", "main",
        ] {
            #expect(refs.meaning(of: other) == .unguarded, "\(other)")
        }
    }

    @Test(arguments: [
        // In the way of ours, above and below.
        "refs/heads/promotion", "refs/heads/promotion/web", "refs/heads/promotion/web/dev", "refs/heads/promotion/web/dev/1/x",
        "refs/heads/promotion/notes", "refs/heads/promote", "refs/heads/promote/ledger", "refs/heads/promote/ledger/web/x",
        "refs/heads/promote/ledger/WEB", "refs/heads/env", "refs/heads/env/prod/x", "refs/heads/main/x",
        // Not to be told from ours where case or composition do not count.
        "refs/heads/Main", "refs/heads/ENV/prod", "refs/heads/Promotion/web/dev/1", "refs/heads/Promote",
        "refs/heads/promote/Ledger/web",
        "refs/heads/ENV", "refs/heads/Promotion",
        // What Git or people give another meaning.
        "refs/heads/HEAD", "refs/heads/head", "refs/heads/FETCH_HEAD", "refs/heads/@", "refs/heads/-f",
        "refs/heads/refs/heads/main",
        "refs/tags/main", "refs/tags/MAIN", "refs/tags/env/prod", "refs/tags/origin/main", "refs/tags/promotion/web/prod/3",
        "refs/tags/origin/promote/ledger/web", "refs/tags/HEAD", "refs/tags/ORIG_HEAD",
        "refs/replace/0123456789012345678901234567890123456789", "refs/promote/origin/seen/web", "refs/remotes/origin/main",
        "refs/Replace/0123456789012345678901234567890123456789", "refs/Heads/main", "refs/HEADS/x", "refs/Tags/main",
        "refs/tags/origin", "refs/tags/origin/HEAD",
    ])
    func `Names that stand in the way, or are taken for something else, are refused`(_ ref: String) throws {
        #expect(try refs().problem(with: ref) != nil)
    }

    @Test(arguments: [
        "refs/heads/main", "refs/heads/env/prod", "refs/heads/promotion/web/prod/3", "refs/heads/promote/ledger/web",
        "refs/heads/feature/main-page", "refs/heads/promotions", "refs/heads/promote-docs", "refs/heads/promote/docs",
        "refs/heads/env/staging", "refs/heads/mainline", "refs/heads/ahead", "refs/heads/overhead/x", "refs/tags/v1.0",
        "refs/tags/main-1", "refs/tags/original",
        "refs/tags/env/prod-1", "refs/notes/commits", "refs/original/refs/heads/main", "refs/pull/1/head", "refs/replaced/x",
    ])
    func `Other names do no harm`(_ ref: String) throws {
        #expect(try refs().problem(with: ref) == nil)
    }

    @Test func `Names are compared by their bytes, and folded only to be refused`() throws {
        let composed = "refs/heads/m\u{E4}in"
        let decomposed = "refs/heads/ma\u{308}in"
        let refs = try refs(["m\u{E4}in"])
        #expect(refs.meaning(of: composed) != .unguarded)
        #expect(refs.meaning(of: decomposed) == .unguarded)
        #expect(refs.problem(with: decomposed) != nil)
        #expect(refs.problem(with: "refs/heads/promotion/\u{301}web") != nil)
    }

    @Test func `What is in the way of a new branch is found`() throws {
        let wanted = try #require(BranchName("promotion/web/dev/1"))
        let present = try ["main", "promotion", "promotion/web/dev/1/x", "promotion/web/dev/2"].map {
            try #require(BranchName($0))
        }
        #expect(GuardedRefs.blockers(of: wanted, among: present).map(\.text) == ["promotion", "promotion/web/dev/1/x"])
    }
}
