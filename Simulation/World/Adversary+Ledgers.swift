import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger

// What the adversary pushes to ledgers.
extension Adversary {
    private static let ledgers = WorldTemplate.applications.compactMap { ApplicationName($0) } + [.environments]

    private func anyLedger() -> ApplicationName { world.chance(60) ? Self.ledgers[0] : world.pick(Self.ledgers) }

    private func branch(of ledger: ApplicationName) -> BranchName { LedgerBranches().branch(of: ledger) }

    func event(_ tip: CommitID, _ refs: [BranchName: CommitID]) async throws -> Attack {
        var attack = Attack("an event of hers")
        try await addEvent(to: &attack, naming: policyCommit(tip), refs)
        return attack
    }

    /// - Parameter merging: a promotion's head, and her merge of it, which the event tells of; nil for any event.
    func addEvent(
        to attack: inout Attack, naming policy: CommitID, _ refs: [BranchName: CommitID],
        merging: (head: CommitID, commit: CommitID)? = nil
    ) async throws {
        let ledger = merging == nil ? anyLedger() : Self.ledgers[0]
        let branch = branch(of: ledger)
        let known = try await repository.scratch { [world] objects in
            try refs[branch].flatMap { try LedgerReader(objects).records(after: nil, to: $0) }?.compactMap { record -> Event? in
                guard case .event(let event, _) = record.content, !world.intrusions.contains(record.commit, on: branch) else {
                    return nil
                }
                return event
            } ?? []
        }
        let version = try await repository.scratch { objects in
            try objects.entry(at: Self.policyFolder, in: objects.tree(of: policy))
        }
        guard let payload = payload(ledger, known, policy, version, merging) else { return }
        let name = anyName()
        guard let actor = Principal(WorldTemplate.principal(name)) else { return }
        let time = world.now + (world.chance(80) ? 0 : world.pick([-900_000, 600, 40_000_000]))
        let named: ApplicationName? = world.chance(80) ? ledger : world.pick([nil, world.pick(Self.ledgers)])
        let event = Event(
            id: world.eventID(), time: Timestamp(seconds: time), actor: actor, policyCommit: policy, application: named,
            payload: payload)
        let bytes = try EventCoding().encode(event)
        let commit = try await commit(
            refs[branch].map { [$0] } ?? [], "\(payload.type.rawValue)", as: name, sealed: anySeal(from: refs[branch])
        ) { try $0.writeTree(of: [LedgerReader.eventFile: bytes]) }
        attack.move(branch, in: refs, by: [commit])
    }

    private func payload(
        _ ledger: ApplicationName, _ known: [Event], _ policy: CommitID, _ version: TreeEntry?,
        _ merging: (head: CommitID, commit: CommitID)?
    ) -> Event.Payload? {
        if ledger == .environments { return environmentsPayload(policy, version) }
        guard let image = ImageName("registry.example/\(ledger)"),
            let digest = ImageDigest(SimulatedCommand.digest(world.random(below: 7))),
            let environment = EnvironmentName(world.chance(50) ? "prod" : "dev")
        else { return nil }
        let own = ReleaseImage(name: image, digest: digest, tag: nil)
        let fresh = ReleaseID(ledger, images: [own])
        let requests = known.compactMap { event -> Event.PromotionRequested? in
            if case .promotionRequested(let payload) = event.payload { payload } else { nil }
        }
        let release = world.pick(known.compactMap(\.payload.subject.release) + [fresh])
        if let merging, let request = requests.last(where: { $0.content.head == merging.head }) {
            return .promotionMerged(
                .init(
                    promotion: request.promotion, environment: request.environment, release: request.release,
                    head: merging.head, commit: merging.commit))
        }
        if let request = requests.last, world.chance(50) { return payload(about: request, in: ledger, policy) }
        switch world.random(below: 7) {
        case 0:
            let source = SourceCommit(String(repeating: String(world.random(below: 4) + 1), count: 40))
            return .releaseRegistered(
                .init(release: fresh, images: [own], build: BuildOrigin(commit: source, source: nil, run: nil)))
        case 1:
            let result: Verification.Result = world.chance(50) ? .passed : .failed
            return .verificationRecorded(
                .init(environment: environment, release: release, result: result, evidence: nil))
        case 2: return .holdPlaced(.init(environment: environment, reason: "hers"))
        case 3: return .releaseYanked(.init(release: release, reason: "hers"))
        case 4: return .violationDetected(.init(environment: environment, commit: policy, detail: "hers"))
        case 5:
            let found = FoundContent(commit: policy, images: [FoundImage(name: image, digest: digest)])
            return .baselineRecorded(.init(environment: environment, release: fresh, images: [own], found: found))
        default: return .violationAccepted(.init(environment: environment, commits: [policy], reason: "hers", found: nil))
        }
    }

    private func payload(
        about request: Event.PromotionRequested, in ledger: ApplicationName, _ policy: CommitID
    ) -> Event.Payload {
        let (number, head) = (request.promotion, request.content.head)
        switch world.random(below: 7) {
        case 0, 1:
            return .promotionApproved(
                .init(
                    application: ledger, promotion: number, environment: request.environment, release: request.release,
                    head: head, rendered: request.content.rendered))
        case 2: return .promotionRejected(.init(promotion: number, head: head, reason: "hers"))
        case 3: return .promotionClosed(.init(promotion: number, reason: "hers"))
        case 4:
            return .promotionMerged(
                .init(
                    promotion: number, environment: request.environment, release: request.release, head: head, commit: policy))
        case 5: return .approvalRevoked(.init(promotion: number))
        default:
            return .promotionRequested(
                .init(
                    promotion: number + 1, environment: request.environment, from: request.from, release: request.release,
                    content: request.content))
        }
    }

    private func environmentsPayload(_ policy: CommitID, _ version: TreeEntry?) -> Event.Payload? {
        guard let environment = EnvironmentName(world.chance(50) ? "prod" : "dev") else { return nil }
        switch world.random(below: 4) {
        case 0: return .freezePlaced(.init(environment: environment, reason: "hers", until: nil))
        case 1: return .policyViolationDetected(.init(commit: policy, detail: "hers"))
        case 2: return .policyViolationAccepted(.init(commits: [policy], reason: "hers"))
        default:
            guard case .tree(let tree)? = version else { return nil }
            return .changeApproved(.init(head: policy, results: [], policy: tree.hex))
        }
    }

    // MARK: What others said

    /// Somebody else's event again: in its own ledger, in another one, or the whole ledger as another's.
    func replay(_ refs: [BranchName: CommitID]) async throws -> Attack? {
        let (source, target) = (branch(of: anyLedger()), branch(of: anyLedger()))
        guard let head = refs[source] else { return nil }
        let commits = try await repository.scratch { try LedgerReader($0).commits(after: nil, to: head) } ?? []
        guard !commits.isEmpty else { return nil }
        var attack = Attack("\(source) again in \(target)")
        guard refs[target] != nil || world.chance(30) else {
            // The commits themselves, signatures and all.
            attack.move(target, in: refs, by: commits)
            return attack
        }
        let original = world.pick(commits)
        let bytes = try await repository.scratch { try LedgerReader($0).text(of: original) }
        guard let bytes else { return nil }
        let again = try await commit(
            refs[target].map { [$0] } ?? [], "Again", as: anyName(), sealed: anySeal(from: original)
        ) { try $0.writeTree(of: [LedgerReader.eventFile: bytes]) }
        attack.move(target, in: refs, by: [again])
        return attack
    }

    /// What is no event, or one of a program to come.
    func rubbish(_ refs: [BranchName: CommitID]) async throws -> Attack {
        let branch = branch(of: anyLedger())
        let texts = [
            "", "{}", "[[[", #"{"version":2,"actor":"alice@example.org"}"#,
            #"{"version":1,"type":"Coronation","actor":"\#(WorldTemplate.principal(Self.person))"}"#,
        ]
        let bytes = Array(world.pick(texts).utf8)
        var attack = Attack("rubbish")
        let isEmpty = world.chance(20)
        let commit = try await commit(
            refs[branch].map { [$0] } ?? [], "Rubbish", as: anyName(), sealed: anySeal(from: refs[branch])
        ) { try $0.writeTree(of: isEmpty ? [:] : [LedgerReader.eventFile: bytes]) }
        attack.move(branch, in: refs, by: [commit])
        return attack
    }
}
