import GitOpsTypes
import Testing

@testable import PromotionDomain

/// Who can clear what stands in the way: there is always an answer.
@Suite struct ClearingTests {
    @Test func `A hold where no operators are listed is lifted by everyone who can push`() throws {
        var world = try World()
        let name = try #require(EnvironmentName("dev"))
        let by = try #require(Principal("alice"))
        var state = world.state
        state.holds[name] = Hold(reason: "looking", by: by, at: Timestamp(seconds: 1))
        world.begin(state)
        #expect(world.checks(into: "dev", from: .build)[.notHeld]?.clearedBy == ["everyone who can push"])
        #expect(Role.listing([by]).clearers == ["alice"])
        #expect(Role.empty.clearers.isEmpty)
    }

    @Test func `Who made a change mends what of it can be mended in no other way`() throws {
        let world = try World()
        let head = try #require(CommitID(String(repeating: "b", count: 40)))
        let judgement = ChangeJudgement(
            policy: world.policy, time: Timestamp(seconds: 1), head: head,
            authors: ChangeAuthors(principals: [], keys: [], unsignedHeads: []), approvals: [])
        let (app, place) = (world.application.name, try #require(EnvironmentName("all")))
        let broken = judgement.check(
            EnvironmentChange(application: app, environment: place, outcome: .doesNotRender("no base"), promotion: nil))
        #expect(broken.clearedBy == ["the change's author: correct it"])
        let tagged = ImageOccurrence(
            object: "Deployment a/web", container: "web", image: world.application.images[0], hold: .nothing,
            text: "registry.example/web:latest")
        let moved = judgement.check(
            EnvironmentChange(
                application: app, environment: place, outcome: .changed(rendered: "r", moved: [tagged]), promotion: nil))
        #expect(moved.rule == .digestExact)
        #expect(moved.clearedBy == ["the change's author: take the image out of it"])
        #expect(
            moved.detail.hasSuffix(
                "`promote register registry.example/web@sha256:… --app web`, `promote dev-a all --app web`"), "\(moved.detail)")
    }
}
