import Foundation
import GitOpsTypes
import GitStore
import Synchronization

/// Who may push anything to a remote without a hook and has no role in the policy.
///
/// She is outside of what the program promises to keep running: she neither rewinds branches nor joins two ledgers, nor leaves a
/// policy that cannot be read, which stops everybody until it is undone. All else that she pushes has to count for no reader.
final class Adversary: Sendable {
    static let person = "mallory"

    let index: Int
    let world: World
    let repository: GitRepository
    private let signer: SimulatedSigner
    /// Her commits that change the policy, for her events to name.
    private let policies = Mutex<[CommitID]>([])

    init(_ index: Int, in world: World, scratch: URL) throws {
        self.index = index
        self.world = world
        signer = try SimulatedSigner(66)
        let folder = scratch.appending(component: "clone-\(Self.person)")
        try Participant.makeClone(folder, of: nil, objects: scratch.appending(component: "objects"))
        repository = GitRepository(path: folder.path, executor: world.thread)
    }

    var keyText: String { signer.publicText }

    /// Pushes one thing after another.
    func carryOn() async {
        for _ in 0..<(1 + world.random(below: 5)) {
            await world.turns.wait(index)
            world.advance(seconds: world.random(below: 90))
            do {
                guard let attack = try await attack(world.pick(Attack.Kind.allCases), world.refs) else { continue }
                // Others may be faster.
                if world.chance(25) { await world.turns.wait(index) }
                let outcome = world.push(attack)
                let moves = attack.updates.map { "\($0.branch) \($0.new?.short ?? "gone")" }
                world.note("\(Self.person): \(attack): \(moves) \(outcome)")
            } catch {
                world.complain("\(Self.person) fails: \(error)")
            }
        }
    }

    private func attack(_ kind: Attack.Kind, _ refs: [BranchName: CommitID]) async throws -> Attack? {
        guard let tip = refs[World.main] else { return nil }
        switch kind {
        case .policyOfAMoment: return try await policy(isOfAMoment: true, tip, refs)
        case .policy: return try await policy(isOfAMoment: false, tip, refs)
        case .overlayOfAMoment: return try await overlay(isOfAMoment: true, tip, refs)
        case .overlay: return try await overlay(isOfAMoment: false, tip, refs)
        case .merge: return try await merge(tip, refs)
        case .foxtrot: return try await foxtrot(tip, refs)
        case .orphan: return try await orphan(tip, refs)
        case .branch: return try await promotionBranch(tip, refs)
        case .event: return try await event(tip, refs)
        case .replay: return try await replay(refs)
        case .rubbish: return try await rubbish(refs)
        }
    }

    // MARK: Commits

    /// What a commit of hers is signed with.
    enum Seal: Sendable {
        case own
        case none
        /// Another commit's signature.
        case stolen(CommitID)
    }

    func anySeal(from other: CommitID?) -> Seal {
        switch (world.random(below: 6), other) {
        case (0, _): .none
        case (1, let other?): .stolen(other)
        default: .own
        }
    }

    /// - Parameter name: whose commit it claims to be.
    func commit(
        _ parents: [CommitID], _ message: String, as name: String = Adversary.person, sealed seal: Seal = .own,
        tree: @escaping @Sendable (GitObjects) throws -> TreeID
    ) async throws -> CommitID {
        // Mostly now; sometimes before everything, sometimes when nobody is there yet.
        let time = world.now + (world.chance(80) ? 0 : world.pick([-900_000, -600, 600, 40_000_000]))
        let identity = CommitIdentity(
            name: name, email: WorldTemplate.principal(name), time: Timestamp(seconds: time))
        let content = try await repository.durable { objects in
            try objects.commitContent(CommitDraft(tree: tree(objects), parents: parents, by: identity, message: message + "\n"))
        }
        let signature: String? =
            switch seal {
            case .own: try await signer.sign(content)
            case .none: nil
            case .stolen(let other): try await repository.scratch { try $0.signature(of: other)?.armored }
            }
        return try await repository.durable { try $0.writeCommit(content, signature: signature) }
    }

    /// The commits that make a policy of hers, remembered.
    func remember(_ policy: CommitID) {
        policies.withLock { $0.append(policy) }
    }

    var knownPolicies: [CommitID] { policies.withLock(\.self) }

    /// A commit for an event to name as the one whose policy it was decided under.
    func policyCommit(_ tip: CommitID) -> CommitID {
        let own = knownPolicies
        return own.isEmpty || world.chance(30) ? tip : world.pick(own)
    }

    /// Whose name she puts under something.
    func anyName() -> String { world.chance(60) ? Self.person : world.pick(WorldTemplate.people) }
}
