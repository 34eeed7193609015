import GitOpsTypes
import PromoteTestSupport
import SSHSignatures
import Testing

@testable import PromotionDomain

/// No sequence of events, by whomever, merges a promotion without its quorum.
@Suite struct QuorumPropertyTests {
    private static let people = ["alice", "bob", "carol", "dave", "ci", "mallory"]
    /// Whose keys allowed_signers lists for whom, until when. Told here once more, apart from the policy's own reading.
    private static func isOwn(_ key: String, of person: String, at seconds: Int64) -> Bool {
        switch person {
        case "mallory": false
        case "carol": key == "carol" || key == "bob"
        case "dave": key == "dave" && seconds < 1000
        default: key == person
        }
    }

    /// What was consented to, kept by the test itself.
    private struct Consent: Equatable {
        let head: CommitID
        let key: String
    }

    @Test func `A merge has two distinct approvers of that very head, none of them the requester or the builder`() throws {
        var merges = 0
        for seed in 0..<400 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            var world = try World()
            let guarded = try #require(EnvironmentName("guarded"))
            var consents: [Int: [String: Consent]] = [:]
            var rejections: [Int: Set<String>] = [:]
            var requesters: [Int: (who: String, key: String)] = [:]
            func pick(_ names: [String]) -> String { names[Int.random(in: 0..<names.count, using: &random)] }
            func head(_ number: Int) throws -> CommitID {
                try #require(CommitID(String(repeating: "\(number % 10)", count: 40)))
            }
            for step in 0..<60 {
                let time = Int64(step) * 25
                let who = pick(Self.people)
                // Mostly their own, sometimes somebody else's.
                let key = Int.random(in: 0..<4, using: &random) > 0 ? who : pick(Self.people)
                let newest = max(world.state.nextPromotionNumber - 1, 1)
                let number = Int.random(in: 0..<5, using: &random) > 0 ? newest : Int.random(in: 1...newest, using: &random)
                let next = world.state.nextPromotionNumber
                func attempt(_ payload: Event.Payload) throws -> Bool {
                    try world.attempt(payload, by: who, key: key, at: time)
                }
                switch Int.random(in: 0..<13, using: &random) {
                case 0..<2:
                    if let open = world.state.openPromotion(into: guarded) {
                        guard try attempt(.promotionSuperseded(.init(promotion: open.number, by: next))) else { continue }
                    }
                    let content = PromotionContent(
                        branch: PromotionID(world.application.name, next).branch(into: guarded), base: try head(0),
                        head: try head(next), rendered: "r\(next)")
                    let request = Event.PromotionRequested(
                        promotion: next, environment: guarded, from: .build, release: world.release.id, content: content)
                    if try attempt(.promotionRequested(request)) { requesters[next] = (who, key) }
                case 2..<7:
                    let isWrong = Int.random(in: 0..<5, using: &random) == 0
                    let approval = Event.PromotionApproved(
                        application: world.application.name, promotion: number, environment: guarded,
                        release: world.release.id, head: try head(isWrong ? number + 1 : number),
                        rendered: isWrong ? "r" : "r\(number)")
                    if try attempt(.promotionApproved(approval)) {
                        consents[number, default: [:]][who] = Consent(head: approval.head, key: key)
                        rejections[number]?.remove(who)
                    }
                case 7:
                    if try attempt(.approvalRevoked(.init(promotion: number))) { consents[number]?[who] = nil }
                case 8:
                    if Bool.random(using: &random) {
                        let rejection = Event.PromotionRejected(promotion: number, head: try head(number), reason: "no")
                        if try attempt(.promotionRejected(rejection)) {
                            consents[number]?[who] = nil
                            rejections[number, default: []].insert(who)
                        }
                    } else if try attempt(.rejectionWithdrawn(.init(promotion: number))) {
                        rejections[number]?.remove(who)
                    }
                case 9:
                    _ = try attempt(.promotionClosed(.init(promotion: number, reason: "x")))
                default:
                    let merge = Event.PromotionMerged(
                        promotion: number, environment: guarded, release: world.release.id, head: try head(number),
                        commit: try head(9))
                    guard try attempt(.promotionMerged(merge)) else { continue }
                    merges += 1
                    #expect(rejections[number, default: []].isEmpty, "seed \(seed), step \(step)")
                    let requester = try #require(requesters[number])
                    let approved = try head(number)
                    let counting = (consents[number] ?? [:]).filter { person, consent in
                        person != requester.who && person != "ci" && consent.key != requester.key
                            && Self.isOwn(consent.key, of: person, at: time) && consent.head == approved
                    }
                    #expect(counting.count >= 2, "seed \(seed), step \(step): \(counting)")
                    #expect(Set(counting.values.map(\.key)).count >= 2, "seed \(seed), step \(step): \(counting)")
                }
            }
        }
        // Or else nothing was shown.
        #expect(merges > 50)
    }
}

extension World {
    /// Judges an event as every reader does, and applies it when it passes.
    ///
    /// - Returns: whether it passed.
    mutating func attempt(_ payload: Event.Payload, by actor: String, key: String, at seconds: Int64) throws -> Bool {
        let event = Event(
            id: "x", time: Timestamp(seconds: seconds), actor: try #require(Principal(actor)),
            policyCommit: try #require(CommitID(String(repeating: "a", count: 40))), payload: payload)
        let signer = try self.key(key)
        do {
            try EventAdmission(state: state, policy: policy, freezes: []).admit(event, by: Actor(event.actor, .signed(signer)))
        } catch {
            return false
        }
        apply(event, key: signer.fingerprint)
        return true
    }
}
