import GitOpsTypes
import GitStore

// What the adversary pushes to the target branch and to the branches of promotions.
extension Adversary {
    func policy(isOfAMoment: Bool, _ tip: CommitID, _ refs: [BranchName: CommitID]) async throws -> Attack {
        let kind = isOfAMoment ? world.random(below: 4) : 0
        let what = ["a policy of hers", "all keys revoked", "a policy that cannot be read", "nothing at all"][kind]
        var attack = Attack(isOfAMoment ? "for a moment, \(what)" : what)
        let seized = try await commit([tip], "Policy", as: anyName(), sealed: anySeal(from: tip)) { [self] objects in
            try seizedPolicy(kind, objects.tree(of: tip), objects)
        }
        var brought = [seized]
        if isOfAMoment { brought.append(try await commit([seized], "As before") { try $0.tree(of: tip) }) }
        remember(seized)
        attack.move(World.main, in: refs, by: brought)
        if world.chance(50) { try await addEvent(to: &attack, naming: seized, refs) }
        return attack
    }

    private func seizedPolicy(_ kind: Int, _ tree: TreeID, _ objects: GitObjects) throws -> TreeID {
        switch kind {
        case 0:
            var files: [RepositoryPath: [UInt8]] = [:]
            for (name, entry) in try objects.entries(of: Self.policyFolder, in: tree) ?? [] {
                guard case .blob(let blob) = entry, let path = Self.policyFolder.appending(name) else { continue }
                let text = String(decoding: try objects.blob(blob), as: UTF8.self)
                files[path] = Array(seized(text, name).utf8)
            }
            return try objects.writeTree(tree, replacing: files)
        case 1:
            let keys = try WorldTemplate.people.map { "\(try WorldTemplate.signer($0).publicText)\n" }.joined()
            return try objects.writeTree(tree, replacing: file("environments/revoked_keys", keys))
        case 2: return try objects.writeTree(tree, replacing: file("environments/environments.yaml", "kind: [\n"))
        default: return try objects.writeTree(of: file("README.md", "Nothing.\n"))
        }
    }

    static let policyFolder: RepositoryPath = {
        guard let path = RepositoryPath("environments") else { preconditionFailure("environments is a path") }
        return path
    }()

    private func seized(_ text: String, _ file: String) -> String {
        let principal = WorldTemplate.principal(Self.person)
        guard file != "allowed_signers" else {
            // Her key as hers, and as one of everybody's.
            return text + ([Self.person] + WorldTemplate.people).map { "\(WorldTemplate.principal($0)) \(keyText)\n" }.joined()
        }
        return text.replacing("[ci@example.org", with: "[\(principal), ci@example.org")
            .replacing("[alice@example.org", with: "[\(principal), alice@example.org")
            .replacing("required: 1", with: "required: 0")
    }

    private func file(_ path: String, _ text: String) -> [RepositoryPath: [UInt8]] {
        RepositoryPath(path).map { [$0: Array(text.utf8)] } ?? [:]
    }

    // MARK: Overlays

    /// A digest that no release has.
    private static let foreignDigest = "sha256:" + String(repeating: "9", count: 64)

    private func anyPlace() -> Intrusions.Place {
        .init(application: world.chance(80) ? "web" : "api", environment: world.chance(50) ? "prod" : "dev")
    }

    private func path(of place: Intrusions.Place) -> RepositoryPath? {
        RepositoryPath("overlays/\(place.environment)/\(place.application)/kustomization.yaml")
    }

    /// The overlay's file with another digest.
    private func overlay(_ place: Intrusions.Place, _ digest: String, _ tree: TreeID, _ objects: GitObjects) throws -> TreeID {
        guard let path = path(of: place), case .blob(let blob)? = try objects.entry(at: path, in: tree) else { return tree }
        let text = String(decoding: try objects.blob(blob), as: UTF8.self)
        return try objects.writeTree(
            tree, replacing: [path: Array(text.replacing(#/sha256:[0-9a-f]{64}/#, with: digest).utf8)])
    }

    func overlay(isOfAMoment: Bool, _ tip: CommitID, _ refs: [BranchName: CommitID]) async throws -> Attack {
        let (place, isForeign) = (anyPlace(), world.chance(50))
        let digest = isForeign ? Self.foreignDigest : SimulatedCommand.digest(world.random(below: 5))
        var attack = Attack("\(isOfAMoment ? "for a moment, " : "")\(place) is \(digest.prefix(12))")
        let changed = try await commit([tip], "Overlay", as: anyName(), sealed: anySeal(from: tip)) { [self] objects in
            try overlay(place, digest, objects.tree(of: tip), objects)
        }
        let isChange = try await repository.scratch { try $0.tree(of: changed) != $0.tree(of: tip) }
        var brought = [changed]
        if isOfAMoment { brought.append(try await commit([changed], "As before") { try $0.tree(of: tip) }) }
        attack.move(World.main, in: refs, by: brought)
        if isForeign, isChange { attack.changed = [place] }
        return attack
    }

    // MARK: Merges

    private func anyPromotion(_ refs: [BranchName: CommitID]) -> (branch: BranchName, head: CommitID, place: Intrusions.Place)? {
        let branches = refs.keys.filter { $0.text.hasPrefix("promotion/") }.sorted()
        guard !branches.isEmpty else { return nil }
        let branch = world.pick(branches)
        let parts = branch.text.split(separator: "/").map(String.init)
        guard parts.count == 4, let head = refs[branch] else { return nil }
        return (branch, head, .init(application: parts[1], environment: parts[2]))
    }

    /// A promotion that she merges herself, as a merge, a squash or a fast-forward.
    func merge(_ tip: CommitID, _ refs: [BranchName: CommitID]) async throws -> Attack? {
        guard let (branch, head, place) = anyPromotion(refs), let path = path(of: place) else { return nil }
        var attack = Attack("\(branch) merged by her")
        let proposed = try await repository.scratch { objects -> [UInt8]? in
            guard case .blob(let blob)? = try objects.entry(at: path, in: objects.tree(of: head)) else { return nil }
            return try objects.blob(blob)
        }
        guard let proposed else { return nil }
        let canForward = try await repository.scratch { try $0.firstParent(of: head) == tip }
        let merged: CommitID
        switch world.random(below: 4) {
        case 0 where canForward: merged = head
        case let kind:
            merged = try await commit(
                kind == 1 ? [tip] : [tip, head], "Merge", as: anyName(), sealed: anySeal(from: tip)
            ) { objects in try objects.writeTree(objects.tree(of: tip), replacing: [path: proposed]) }
        }
        attack.move(World.main, in: refs, by: [merged])
        if world.chance(50) { attack.delete(branch, in: refs) }
        if world.chance(30) { try await addEvent(to: &attack, naming: tip, refs, merging: (head, merged)) }
        return attack
    }

    /// A merge of the target branch into a commit of hers: what `git pull` makes, for good or ill.
    func foxtrot(_ tip: CommitID, _ refs: [BranchName: CommitID]) async throws -> Attack {
        let base = try await ancestor(of: tip, atMost: world.random(below: 5))
        let kind = world.random(below: 3)
        let side = try await commit([base], "Side", as: anyName(), sealed: anySeal(from: tip)) { [self] objects in
            let tree = try objects.tree(of: base)
            return switch kind {
            case 0: try seizedPolicy(0, tree, objects)
            case 1: try overlay(anyPlace(), Self.foreignDigest, tree, objects)
            default: try objects.writeTree(tree, replacing: file("README.md", "Hers.\n"))
            }
        }
        if kind == 0 { remember(side) }
        let drops = kind == 2 && world.chance(40)
        var attack = Attack("a merge the other way round\(drops ? " that drops what was there" : "")")
        let merged = try await commit([side, tip], "Pull", as: anyName(), sealed: anySeal(from: tip)) {
            try $0.tree(of: drops ? side : tip)
        }
        attack.move(World.main, in: refs, by: [side, merged])
        attack.replacesLine = true
        attack.takesBack = drops
        return attack
    }

    /// A merge whose first parent has nothing to do with the branch, and no policy.
    func orphan(_ tip: CommitID, _ refs: [BranchName: CommitID]) async throws -> Attack {
        var attack = Attack("a beginning of her own in front of the branch")
        let orphan = try await commit([], "Beginning", as: anyName(), sealed: anySeal(from: tip)) { [self] in
            try $0.writeTree(of: file("README.md", "Hers.\n"))
        }
        let merged = try await commit([orphan, tip], "Pull", as: anyName(), sealed: anySeal(from: tip)) { try $0.tree(of: tip) }
        attack.move(World.main, in: refs, by: [orphan, merged])
        return attack
    }

    private func ancestor(of tip: CommitID, atMost steps: Int) async throws -> CommitID {
        let policies = knownPolicies
        return try await repository.scratch { objects in
            var (commit, left) = (tip, steps)
            // What stops everybody for a moment must not stay.
            while left > 0 || policies.contains(commit) {
                left -= 1
                // Never before the configuration.
                guard let parent = try objects.firstParent(of: commit),
                    case .tree? = try objects.entry(at: Self.policyFolder, in: objects.tree(of: parent))
                else { break }
                commit = parent
            }
            return commit
        }
    }

    /// Moves or deletes the branch of a promotion.
    func promotionBranch(_ tip: CommitID, _ refs: [BranchName: CommitID]) async throws -> Attack? {
        guard let (branch, head, place) = anyPromotion(refs) else { return nil }
        var attack = Attack("\(branch) is hers")
        guard world.chance(60) else {
            attack.delete(branch, in: refs)
            return attack
        }
        let moved = try await commit([head], "More", as: anyName(), sealed: anySeal(from: head)) { [self] objects in
            try overlay(place, Self.foreignDigest, objects.tree(of: head), objects)
        }
        attack.move(branch, in: refs, by: [moved])
        return attack
    }
}
