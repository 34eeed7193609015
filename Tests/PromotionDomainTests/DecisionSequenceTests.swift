import GitOpsTypes
import PromoteTestSupport
import Testing

@testable import PromotionDomain

/// Random commands, decided, admitted and applied as the engine does, and what holds whatever they are.
@Suite struct DecisionSequenceTests {
    private static let people = ["alice", "bob", "carol", "ci", "mallory"]

    @Test func `Whatever is asked for, what is decided leaves the ledger as the rules allow, and asking again changes nothing`()
        throws
    {
        var written: [String: Int] = [:]
        for seed in 0..<60 as Range<UInt64> {
            var world = try World()
            var commands = try CommandGenerator(seed: seed, world.application)
            var model = LedgerModel(world.state.releases)
            for step in 0..<100 {
                let time = Int64(step) * 60
                guard let who = commands.pick(Self.people), let command = try commands.command(world.state) else { continue }
                let facts = try world.facts(for: who, at: time)
                let events = try command.decide(facts)
                let before = world
                guard try world.write(events, by: who, at: time, &model) else {
                    world = before
                    continue
                }
                try #require(model.problems.isEmpty, "seed \(seed), step \(step), \(command): \(model.problems)")
                if !events.isEmpty { written[command.name, default: 0] += 1 }
                let again = try command.decide(try world.facts(for: who, at: time))
                try #require(again.isEmpty || !command.isIdempotent, "seed \(seed), step \(step), \(command): \(again)")
            }
        }
        // Or else nothing was shown.
        for name in AnyCommand.ofApplications { #expect(written[name, default: 0] >= 10, "\(name)") }
    }

    @Test func `Whatever is asked for of environments, what was decided is so afterwards, and asking again changes nothing`()
        throws
    {
        var written: [String: Int] = [:]
        for seed in 0..<40 as Range<UInt64> {
            var world = try World()
            var commands = try CommandGenerator(seed: seed, world.application)
            world.begin(ApplicationState(application: .environments))
            for step in 0..<100 {
                let time = Int64(step) * 60
                guard let who = commands.pick(Self.people) else { continue }
                let command = try commands.commandOfEnvironments(at: Timestamp(seconds: time))
                let events = try command.decide(try world.facts(for: who, at: time))
                let before = world
                guard try events.allSatisfy({ try world.attempt($0, by: who, key: who, at: time) }) else {
                    world = before
                    continue
                }
                if !events.isEmpty { written[command.name, default: 0] += 1 }
                let again = try command.decide(try world.facts(for: who, at: time))
                try #require(again.isEmpty || !command.isIdempotent, "seed \(seed), step \(step), \(command): \(again)")
                for freezes in Dictionary(grouping: world.state.freezes, by: \.environment).values {
                    let active = freezes.filter { $0.isActive(at: Timestamp(seconds: time)) }
                    #expect(Set(active.map { "\($0.until.map(\.description) ?? "") \($0.reason)" }).count == active.count)
                }
                let recorded = world.state.policyViolations.map(\.commit)
                #expect(Set(recorded).count == recorded.count)
            }
        }
        for name in AnyCommand.ofEnvironments { #expect(written[name, default: 0] >= 10, "\(name)") }
    }

    @Test func `A refused event of a decision leaves nothing of the others`() throws {
        var world = try World()
        var model = LedgerModel(world.state.releases)
        let environment = try #require(EnvironmentName("dev"))
        let release = world.release.id
        let before = world.state
        // A yank is refused to a stranger; what was decided with it is not written either.
        let events: [Event.Payload] = [
            .holdPlaced(.init(environment: environment, reason: "why")),
            .releaseYanked(.init(release: release, reason: " ")),
        ]
        let copy = world
        #expect(try !world.write(events, by: "alice", at: 0, &model))
        world = copy
        #expect(world.state == before)
    }

    @Test func `The answer is told of the state that came of it`() throws {
        var world = try World()
        var model = LedgerModel(world.state.releases)
        let environment = try #require(EnvironmentName("dev"))
        let hold = try PlaceHold(environment, reason: "maintenance").decide(world.facts(for: "alice", at: 60))
        #expect(hold.isNew)
        #expect(try world.write(hold.events, by: "alice", at: 60, &model))
        #expect(hold.answer(world.state) == world.state.holds[environment])
        let again = try PlaceHold(environment, reason: "another reason").decide(world.facts(for: "bob", at: 120))
        #expect(!again.isNew)
        #expect(again.answer(world.state).reason == "maintenance")
        #expect(again.answer(world.state).by.text == "alice")
    }

    @Test func `A rollback holds the environment with the promotion that it opens, once`() throws {
        let world = try World()
        let environment = try #require(EnvironmentName("dev"))
        let content = PromotionContent(
            branch: PromotionID(world.application.name, 1).branch(into: environment),
            base: try #require(CommitID(String(repeating: "a", count: 40))),
            head: try #require(CommitID(String(repeating: "b", count: 40))), rendered: "r")
        let command = RequestPromotion(
            world.release.id, from: .environment(environment), into: environment, content, emergency: nil, rollback: "broken",
            pullRequest: nil)
        let events = try command.decide(world.facts(for: "alice", at: 0)).events
        #expect(events.map(\.type) == [.holdPlaced, .promotionRequested])
        var held = world
        var model = LedgerModel(world.state.releases)
        #expect(
            try held.write([.holdPlaced(.init(environment: environment, reason: "why"))], by: "alice", at: 0, &model))
        #expect(try command.decide(held.facts(for: "alice", at: 0)).events.map(\.type) == [.promotionRequested])
    }
}

extension World {
    func facts(for person: String, at seconds: Int64) throws -> DecisionFacts {
        let actor = Actor(try #require(Principal(person)), .signed(try key(person)))
        return DecisionFacts(state: state, policy: policy, actor: actor, time: Timestamp(seconds: seconds))
    }

    /// Writes all of `events`, one on top of the other; false where one of them is refused.
    mutating func write(
        _ events: [Event.Payload], by person: String, at seconds: Int64, _ model: inout LedgerModel
    ) throws -> Bool {
        var taken = model
        for payload in events {
            guard try attempt(payload, by: person, key: person, at: seconds) else { return false }
            taken.take(payload, leadingTo: state)
            guard taken.problems.isEmpty else { break }
        }
        model = taken
        return true
    }
}

/// A command with what a test has to know of it.
struct AnyCommand: CustomStringConvertible {
    let name: String
    /// Whether asking again for the same decides nothing.
    let isIdempotent: Bool
    private let decision: (DecisionFacts) throws -> [Event.Payload]

    static let ofApplications = [
        "RegisterBuild", "RequestPromotion", "ApproveOpenPromotion", "RejectPromotion", "RevokeWord", "EndPromotion",
        "RecordMerge", "RecordVerification", "PlaceHold", "LiftHold", "YankRelease", "RecordViolation", "AcceptFound",
    ]
    static let ofEnvironments = [
        "PlaceFreeze", "LiftFreezes", "ApproveChangedContent", "RevokeChangeApproval", "RecordPolicyViolation",
        "AcceptPolicyViolations",
    ]

    init<Command: LedgerCommand>(_ command: Command, isIdempotent: Bool = true) {
        name = "\(Command.self)"
        self.isIdempotent = isIdempotent
        decision = { try command.decide($0).events }
    }

    /// A command that is made of what the state has.
    init<Command: LedgerCommand>(_ command: @escaping (DecisionFacts) throws -> Command) {
        name = "\(Command.self)"
        isIdempotent = true
        decision = { try command($0).decide($0).events }
    }

    /// A command about a promotion, as it is by then.
    init<Command: LedgerCommand>(_ promotion: Int, _ command: @escaping (Promotion) -> Command) {
        self.init { facts in command(try #require(facts.state.promotion(promotion))) }
    }

    func decide(_ facts: DecisionFacts) throws -> [Event.Payload] { try decision(facts) }

    var description: String { name }
}
