import FaultInjection
import ForgeServer
import Foundation
import PromoteTestSupport
import Testing

/// Whatever a forge does with a request, there is one pull request for a promotion, one merge, and a word to whoever asked.
@Suite struct ForgeFaultTests {
    /// What a test looks at afterwards.
    private struct Counts: Equatable {
        var pulls: [String]
        var branches: Int
        var opened: Int
        var merged: Int
        var requested: Int
    }

    private func counts(_ hosted: Hosted) throws -> Counts {
        let refs = try hosted.playground.remoteRefs().split(separator: "\n")
        let history = try hosted.history()
        return Counts(
            pulls: hosted.server.pulls.map(\.state), branches: refs.filter { $0.contains("refs/heads/promotion/") }.count,
            opened: history.filter { $0 == "PullRequestOpened" }.count,
            merged: history.filter { $0 == "PromotionMerged" }.count,
            requested: history.filter { $0 == "PromotionRequested" }.count)
    }

    private static let open = Counts(pulls: ["open"], branches: 1, opened: 1, merged: 0, requested: 1)
    private static let merged = Counts(pulls: ["merged"], branches: 0, opened: 1, merged: 1, requested: 1)

    private func registered(_ kind: ForgeServer.Kind) throws -> (Hosted, Person) {
        let hosted = try Hosted(kind)
        #expect(try hosted.person("ci").ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
        return (hosted, try hosted.person("alice"))
    }

    private static func creation(_ kind: ForgeServer.Kind, _ effect: ForgeServer.Fault.Effect, times: Int = 1)
        -> ForgeServer.Fault
    {
        ForgeServer.Fault("POST", kind == .gitlab ? "/merge_requests" : "/pulls", times: times, effect)
    }

    private static func merging(_ kind: ForgeServer.Kind, _ effect: ForgeServer.Fault.Effect, times: Int = 1) -> ForgeServer.Fault
    {
        ForgeServer.Fault(kind == .gitea ? "POST" : "PUT", "/merge", times: times, effect)
    }

    /// Which dialects meet a fault: the plainest one all of them, the others one each in turn, as what handles them is shared.
    private static func isTried(_ index: Int, on kind: ForgeServer.Kind) -> Bool {
        index == 0 || ForgeServer.Kind.allCases[index % ForgeServer.Kind.allCases.count] == kind
    }

    /// An answer that is lost, late, cut or wrong, although the forge did what it was asked.
    private static let lostAnswers: [(String, ForgeServer.Fault.Effect)] = [
        ("dropped", .dropAfter), ("500", .answerAfter(status: 500)), ("502", .answerAfter(status: 502)),
        ("503", .answerAfter(status: 503)), ("truncated", .truncate), ("garbled", .garble), ("late", .stall(seconds: 5)),
    ]

    @Test(arguments: ForgeServer.Kind.allCases)
    func `A lost answer makes no second pull request`(_ kind: ForgeServer.Kind) throws {
        for (index, (name, effect)) in Self.lostAnswers.enumerated() where Self.isTried(index, on: kind) {
            let (hosted, alice) = try registered(kind)
            hosted.server.fail(Self.creation(kind, effect))
            let answer = try alice.ask("build", "dev")
            #expect(answer.status == 0, "\(kind) \(name): \(answer.result.output)")
            #expect(try counts(hosted) == Self.open, "\(kind) \(name)")
            #expect(hosted.server.violations == [])
        }
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `A lost answer makes no second merge and loses none`(_ kind: ForgeServer.Kind) throws {
        for (index, (name, effect)) in Self.lostAnswers.enumerated() where Self.isTried(index, on: kind) {
            let (hosted, alice) = try registered(kind)
            try #require(try alice.ask("build", "dev").status == 0)
            hosted.server.fail(Self.merging(kind, effect))
            let answer = try alice.ask("merge", "web-1")
            #expect(answer.status == 0, "\(kind) \(name): \(answer.result.output)")
            #expect(try counts(hosted) == Self.merged, "\(kind) \(name)")
            #expect(hosted.server.violations == [])
        }
    }

    /// A forge that refuses for a moment, before it does anything.
    private static let refusals: [(String, ForgeServer.Fault.Effect)] = [
        ("500", .answer(status: 500, headers: [])), ("502", .answer(status: 502, headers: [])),
        ("503", .answer(status: 503, headers: [("Retry-After", "1")])),
        ("429", .answer(status: 429, headers: [("Retry-After", "1")])),
        ("403", .answer(status: 403, headers: [("Retry-After", "1")])), ("dropped", .dropBefore),
    ]

    @Test(arguments: ForgeServer.Kind.allCases)
    func `A forge that fails for a moment is asked again`(_ kind: ForgeServer.Kind) throws {
        for (index, (name, effect)) in Self.refusals.enumerated() where Self.isTried(index, on: kind) {
            let (hosted, alice) = try registered(kind)
            hosted.server.fail(Self.creation(kind, effect))
            hosted.server.fail(ForgeServer.Fault("GET", "", effect))
            let opened = try alice.ask("build", "dev")
            #expect(opened.status == 0, "\(kind) \(name): \(opened.result.output)")
            #expect(try counts(hosted) == Self.open, "\(kind) \(name)")
            hosted.server.fail(Self.merging(kind, effect))
            hosted.server.fail(ForgeServer.Fault("GET", "", effect))
            hosted.server.fail(ForgeServer.Fault("POST", "/statuses", effect))
            let merged = try alice.ask("merge", "web-1")
            if merged.status != 0 {
                // A merge that the forge did not take is not tried blindly; the same command is.
                #expect(merged.status == 69 || merged.status == 75, "\(kind) \(name): \(merged.result.output)")
                let again = try alice.ask("merge", "web-1")
                #expect(again.status == 0, "\(kind) \(name): \(again.result.output)")
            }
            #expect(try counts(hosted) == Self.merged, "\(kind) \(name)")
            #expect(hosted.server.violations == [])
        }
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `A forge that stays away stops the command with a clear word, and nothing is lost`(_ kind: ForgeServer.Kind) throws {
        let limits: [ForgeServer.Fault.Effect] = [
            .answer(status: 429, headers: [("Retry-After", "3600")]), .answer(status: 503, headers: []), .dropBefore,
        ]
        for (index, effect) in limits.enumerated() where Self.isTried(index, on: kind) {
            let (hosted, alice) = try registered(kind)
            hosted.server.fail(Self.creation(kind, effect, times: 50))
            hosted.server.fail(ForgeServer.Fault("GET", "", times: 50, effect))
            let answer = try alice.ask("build", "dev")
            #expect(answer.status == 69, "\(answer.result.output)")
            #expect(answer.text("error", "hint")?.contains("same command again") == true)
            #expect(
                try counts(hosted) == Counts(pulls: [], branches: 1, opened: 0, merged: 0, requested: 1))
            // The forge is back.
            hosted.server.forgive()
            #expect(try alice.ask("build", "dev").status == 0)
            #expect(try counts(hosted) == Self.open)
        }
    }

    @Test(arguments: ForgeServer.Kind.allCases, FaultPoint.allCases.filter(\.isOnForge))
    func `A command that is killed is finished by the next one, once`(_ kind: ForgeServer.Kind, _ point: FaultPoint) throws {
        // Each place on one dialect, those right after the forge acted on all.
        let isDecisive = [.pullRequestOpened, .forgeMerged].contains(point)
        let index = FaultPoint.allCases.filter(\.isOnForge).firstIndex(of: point) ?? 0
        guard isDecisive || ForgeServer.Kind.allCases[index % 3] == kind else { return }
        let (hosted, alice) = try registered(kind)
        var kills = 0
        for command in [["build", "dev"], ["merge", "web-1"]] {
            var armed = alice.promote
            armed.environment["PROMOTE_FAULT"] = point.name
            let cut = try armed.run(command)
            if cut.status == 0 { continue }
            #expect(cut.status == 9, "\(cut.errors)")
            kills += 1
            let again = try alice.promote.run(command)
            #expect(again.status == 0, "\(command) after \(point): \(again.errors)")
        }
        #expect(kills == 1)
        #expect(try counts(hosted) == Self.merged)
        #expect(try alice.ask("audit", "verify").status == 0)
        #expect(hosted.server.violations == [])
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `What was cut off is finished by sync, too`(_ kind: ForgeServer.Kind) throws {
        let (hosted, alice) = try registered(kind)
        var armed = alice.promote
        armed.environment["PROMOTE_FAULT"] = FaultPoint.pullRequestOpened.name
        #expect(try armed.run("build", "dev").status == 9)
        let ci = try hosted.person("ci", clone: "ci-2")
        #expect(try ci.ask("sync").status == 0)
        #expect(try counts(hosted) == Self.open)
        armed.environment["PROMOTE_FAULT"] = FaultPoint.forgeMerged.name
        #expect(try armed.run("merge", "web-1").status == 9)
        let synced = try ci.ask("sync")
        #expect(synced.status == 0)
        #expect(synced.text("steps", 0, "action") == "merged", "\(synced.result.output)")
        #expect(try counts(hosted) == Self.merged)
        #expect(try ci.ask("history").text("events", 0, "summary")?.contains("alice@example.org merged") == true)
    }
}
