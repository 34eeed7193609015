import Foundation
import GitOpsTypes
import Testing

@testable import PromotionDomain

/// The table of events: every type has its payload, its ledger and its subject.
@Suite struct EventTableTests {
    private let samples: EventSamples
    private let world: World

    init() throws {
        samples = try EventSamples()
        world = try World()
    }

    @Test(arguments: EventType.allCases) func `A type of event leads to its payload, and the payload back to the type`(
        _ type: EventType
    ) {
        let sample = samples.sample(of: type)
        #expect(type.payloadType.type == type)
        #expect(sample.type == type)
        #expect(Swift.type(of: sample.event) == type.payloadType)
        #expect(sample.event.payload == sample)
    }

    @Test(arguments: EventType.allCases) func `Every key that an event may write is in its text`(_ type: EventType) throws {
        let sample = samples.sample(of: type).event
        let properties = Mirror(reflecting: sample).children.compactMap(\.label)
        #expect(try Set(keys(of: sample).keys) == Set(properties))
    }

    @Test(arguments: EventType.allCases)
    func `The subject of an event is the promotion, release and environment that its text names`(_ type: EventType) throws {
        let sample = samples.sample(of: type)
        let keys = try keys(of: sample.event)
        #expect(sample.subject.promotion == keys["promotion"] as? Int)
        #expect(sample.subject.release?.text == keys["release"] as? String)
        #expect(sample.subject.environment?.text == keys["environment"] as? String)
    }

    private func keys(of event: any LedgerEvent) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: JSONEncoder().encode(event)) as? [String: Any])
    }

    @Test(arguments: EventType.allCases)
    func `An event is refused in a ledger that its type does not belong into, and in no other for that`(_ type: EventType) throws
    {
        for ledger in [samples.application, .environments] {
            let refusal = try refusal(of: samples.sample(of: type), in: ledger, by: "alice", "alice")
            let isWrong = refusal?.message == "a \(type.rawValue) does not belong into the ledger of \(ledger)"
            let isOfEnvironments =
                switch type {
                case .freezePlaced, .freezeLifted, .changeApproved, .changeApprovalRevoked, .policyViolationDetected,
                    .policyViolationAccepted:
                    true
                default: false
                }
            #expect(
                isWrong == (type != .eventSkipped && isOfEnvironments != (ledger == .environments)),
                "\(ledger): \(refusal as Any)")
            if isWrong { #expect(refusal?.rule == .ledgerIntact) }
        }
    }

    @Test(arguments: EventType.allCases)
    func `Who does not prove who they are is refused, whatever they say`(_ type: EventType) throws {
        for ledger in [samples.application, .environments] {
            let refusal = try refusal(of: samples.sample(of: type), in: ledger, by: "alice", "mallory")
            #expect(refusal?.rule == .authorized)
            #expect(refusal?.message.contains("not one that allowed_signers lists for alice") == true, "\(refusal as Any)")
        }
    }

    @Test func `An application that the policy does not know has no events`() throws {
        let stranger = try #require(ApplicationName("stranger"))
        for type in EventType.allCases where type.payloadType.ledger == .application {
            let refusal = try refusal(of: samples.sample(of: type), in: stranger, by: "alice", "alice")
            #expect(refusal?.message == "the policy knows no application stranger", "\(type)")
        }
    }

    private func refusal(
        of payload: Event.Payload, in ledger: ApplicationName, by actor: String, _ key: String
    ) throws -> Refusal? {
        let event = Event(
            id: "x", time: Timestamp(seconds: 10), actor: try #require(Principal(actor)), policyCommit: samples.commit,
            payload: payload)
        do {
            try EventAdmission(state: ApplicationState(application: ledger), policy: world.policy, freezes: [])
                .admit(event, by: Actor(event.actor, .signed(world.key(key))))
            return nil
        } catch {
            return error as? Refusal
        }
    }
}
