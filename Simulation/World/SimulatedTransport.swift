import GitOpsTypes
import GitStore

/// The network of one participant, on which whatever can go wrong does.
struct SimulatedTransport: GitTransport {
    let world: World
    let participant: Int
    let life: Life
    let repository: GitRepository

    func fetch(_ remote: String, _ mappings: [RefMapping]) async throws {
        try await turn("fetches")
        let fault = world.fault()
        if fault == .diesBefore { throw life.end() }
        if fault == .unreachable { throw unreachable("fetch") }
        let refs = world.refs
        // What others do while the answer is under way is not in it.
        try await turn("has its fetch answered")
        try await repository.durable { objects in
            for mapping in mappings {
                var local: [String: CommitID] = [:]
                for ref in try objects.refs(below: mapping.localPrefix) { local[ref.name] = ref.commit }
                for (branch, commit) in refs where branch.ref.hasPrefix(mapping.remotePrefix) {
                    let name = mapping.localPrefix + branch.ref.dropFirst(mapping.remotePrefix.count)
                    let known = local.removeValue(forKey: name)
                    if known != commit { try objects.moveRef(name, from: known, to: commit, reason: "fetch") }
                }
                for name in local.keys { try objects.deleteRef(name) }
            }
        }
        if fault == .diesAfter { throw life.end() }
        if fault == .lostReply { throw unreachable("fetch") }
    }

    func push(_ remote: String, _ updates: [RefUpdate]) async throws -> PushOutcome {
        try await turn("pushes")
        let fault = world.fault()
        if fault == .diesBefore { throw life.end() }
        if fault == .unreachable { throw unreachable("push") }
        var outcome = world.push(updates)
        if fault == .repeated { outcome = world.push(updates) }
        world.note("\(participant) → \(updates.map { "\($0.branch) \($0.new?.short ?? "gone")" }) \(outcome)")
        try await turn("has its push answered")
        if fault == .diesAfter { throw life.end() }
        if fault == .lostReply { throw unreachable("push") }
        return outcome
    }

    private func turn(_ what: String) async throws {
        try life.mustGoOn()
        await world.turns.wait(participant)
        world.note("\(participant) \(what)")
        world.advance(seconds: world.random(below: 90))
    }

    private func unreachable(_ what: String) -> GitError {
        GitError(.remoteUnavailable, what, "the simulated network is down")
    }
}
