import GitOpsTypes
import PromoteTestSupport
import Testing

@testable import PromotionDomain

/// Random sequences of events, each admitted or refused, and what holds whatever they are.
@Suite struct EventSequenceTests {
    /// Without dave, whose key ends: what it signed may be signed again.
    private static let people = ["alice", "bob", "carol", "ci", "mallory"]
    private static let ofApplications = EventType.allCases.filter { $0.payloadType.ledger == .application }
    /// What a history has most of comes most often.
    private static let drawn =
        ofApplications + Array(repeating: .promotionRequested, count: 5) + Array(repeating: .promotionApproved, count: 3)
        + [.approvalRevoked, .promotionRejected, .rejectionWithdrawn, .rejectionWithdrawn, .verificationRecorded]
    private static let ofEnvironments = EventType.allCases.filter { $0.payloadType.ledger == .environments }

    @Test func `Whatever is admitted into the ledger of an application, its state is what the rules allow`() throws {
        var admitted: [EventType: Int] = [:]
        for seed in 0..<60 as Range<UInt64> {
            var world = try World()
            var generator = try EventGenerator(seed: seed, world.application)
            var model = LedgerModel(world.state.releases)
            for step in 0..<100 {
                guard let type = generator.pick(Self.drawn), let payload = try generator.event(of: type, world.state),
                    let who = generator.actor(of: payload, world.state, among: Self.people)
                else { continue }
                let before = world
                guard try world.attempt(payload, by: who, key: who, at: Int64(step) * 60) else {
                    #expect(world.state == before.state)
                    // Where it is applied nevertheless, nothing breaks.
                    var other = world
                    try other.force(payload, by: who, at: Int64(step) * 60)
                    continue
                }
                admitted[type, default: 0] += 1
                model.take(payload, leadingTo: world.state)
                try #require(model.problems.isEmpty, "seed \(seed), step \(step), \(payload): \(model.problems)")
            }
        }
        // Or else nothing was shown.
        for type in Self.ofApplications { #expect(admitted[type, default: 0] >= 10, "\(type)") }
    }

    @Test func `Whatever is admitted into the ledger of environments, each has one word on a change, and freezes end`() throws {
        var admitted: [EventType: Int] = [:]
        for seed in 0..<30 as Range<UInt64> {
            var world = try World().ofEnvironments
            var generator = try EventGenerator(seed: seed, world.application)
            for step in 0..<100 {
                let time = Timestamp(seconds: Int64(step) * 60)
                guard let type = generator.pick(Self.ofEnvironments), let who = generator.pick(Self.people),
                    let payload = try generator.eventOfEnvironments(type, at: time)
                else { continue }
                let before = world.state
                guard try world.attempt(payload, by: who, key: who, at: time.seconds) else {
                    #expect(world.state == before)
                    continue
                }
                admitted[type, default: 0] += 1
                let problem = problem(with: payload, by: who, at: time, before, world.state)
                try #require(problem == nil, "seed \(seed), step \(step), \(payload): \(problem ?? "")")
            }
        }
        for type in Self.ofEnvironments { #expect(admitted[type, default: 0] >= 10, "\(type)") }
    }

    /// What must not have been admitted, or must not have come of it.
    private func problem(
        with payload: Event.Payload, by who: String, at time: Timestamp, _ before: ApplicationState, _ after: ApplicationState
    ) -> String? {
        let frozen = { (state: ApplicationState, name: EnvironmentName) in
            state.freezes.contains { $0.environment == name && $0.isActive(at: time) }
        }
        for head in after.changeApprovals.keys {
            let people = after.standingApprovals(of: head).map(\.by)
            if Set(people).count != people.count { return "two words of one approver on \(head.short)" }
        }
        switch payload {
        case .freezePlaced(let event): return frozen(after, event.environment) ? nil : "it is not frozen"
        case .freezeLifted(let event):
            return frozen(before, event.environment) && !frozen(after, event.environment) ? nil : "it was not, or is still frozen"
        case .changeApproved(let event):
            let mine = after.standingApprovals(of: event.head).filter { $0.by.text == who }
            return mine.map(\.results) == [event.results] && mine.map(\.policy) == [event.policy] ? nil : "it does not stand"
        case .changeApprovalRevoked(let event):
            let stood = before.standingApprovals(of: event.head).contains { $0.by.text == who }
            let stands = after.standingApprovals(of: event.head).contains { $0.by.text == who }
            return stood && !stands ? nil : "it did not stand, or stands still"
        case .policyViolationDetected(let event):
            return after.policyViolations.filter { $0.commit == event.commit }.count == 1 ? nil : "it is there more than once"
        case .policyViolationAccepted(let event):
            let open = { (state: ApplicationState) in state.policyViolations.filter { $0.accepted == nil }.map(\.commit) }
            return Set(open(before)).subtracting(event.commits) == Set(open(after)) && open(before) != open(after)
                ? nil : "it was not open, or is still"
        default: return "it is not of environments"
        }
    }
}

extension World {
    /// The same policy, and the ledger of environments.
    fileprivate var ofEnvironments: World {
        var world = self
        world.begin(ApplicationState(application: .environments))
        return world
    }

    /// Applies an event without asking whether it is admitted.
    fileprivate mutating func force(_ payload: Event.Payload, by actor: String, at seconds: Int64) throws {
        let event = Event(
            id: "x", time: Timestamp(seconds: seconds), actor: try #require(Principal(actor)),
            policyCommit: try #require(CommitID(String(repeating: "a", count: 40))), payload: payload)
        apply(event, key: actor)
    }
}
