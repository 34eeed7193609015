/// The resources of a kustomization, and a directory of their names: steps that are for one of them each, like patches, take no longer
/// for there being many.
///
/// The directory is made when it is first asked for, kept up by changes to single resources, and dropped by changes to all of them.
struct ResourceList: Sendable {
    private var storage: [Resource] = []
    private var directory: Directory?

    fileprivate struct Directory: Sendable {
        /// Under every name that a resource has or had: perhaps more than have it.
        var positions: [String: [Int]] = [:]
        /// How often there is each.
        var counts: [ResourceID: Int] = [:]
        /// How many there are more than there are identities.
        var repetitions = 0
        /// Places whose resources are gone.
        var removed: Set<Int> = []
    }

    init(_ resources: [Resource] = []) {
        storage = resources
    }

    /// All of them, in order.
    var all: [Resource] {
        get {
            guard let removed = directory?.removed, !removed.isEmpty else { return storage }
            return storage.indices.filter { !removed.contains($0) }.map { storage[$0] }
        }
        _modify {
            if let removed = directory?.removed, !removed.isEmpty { storage = all }
            directory = nil
            yield &storage
        }
    }

    var count: Int { storage.count - (directory?.removed.count ?? 0) }

    /// The places of all; those of removed ones left out.
    var positions: [Int] {
        guard let removed = directory?.removed, !removed.isEmpty else { return Array(storage.indices) }
        return storage.indices.filter { !removed.contains($0) }
    }

    subscript(position: Int) -> Resource { storage[position] }

    /// The places of resources that may have, or have had, a name; what else they are is to be looked at.
    mutating func positions(named name: String) -> [Int] {
        let directory = prepared()
        let positions = directory.positions[name] ?? []
        return directory.removed.isEmpty ? positions : positions.filter { !directory.removed.contains($0) }
    }

    /// Whether two are the same now.
    mutating func hasRepetitions() -> Bool { prepared().repetitions > 0 }

    mutating func append(_ resource: Resource) {
        storage.append(resource)
        directory?.add(resource, at: storage.count - 1)
    }

    /// Changes one of them.
    mutating func change(_ position: Int, _ body: (inout Resource) throws -> Void) rethrows {
        guard directory != nil else { return try body(&storage[position]) }
        directory?.forget(storage[position].id)
        defer { directory?.add(storage[position], at: position) }
        try body(&storage[position])
    }

    mutating func remove(_ positions: [Int]) {
        _ = prepared()
        for position in positions where directory?.removed.insert(position).inserted == true {
            directory?.forget(storage[position].id)
        }
    }

    private mutating func prepared() -> Directory {
        if let directory { return directory }
        var made = Directory()
        for (position, resource) in storage.enumerated() { made.add(resource, at: position) }
        directory = made
        return made
    }
}

extension ResourceList.Directory {
    fileprivate mutating func add(_ resource: Resource, at position: Int) {
        let id = resource.id
        let count = counts[id, default: 0]
        counts[id] = count + 1
        if count > 0 { repetitions += 1 }
        enter(id.name, position)
        if resource.hasPreviousIDs { for name in resource.previousNames { enter(name, position) } }
    }

    private mutating func enter(_ name: String, _ position: Int) {
        // Almost always there is one.
        if let known = positions[name], known.contains(position) { return }
        positions[name, default: []].append(position)
        if let known = positions[name], known.count > 1, known[known.count - 2] > position { positions[name]?.sort() }
    }

    fileprivate mutating func forget(_ id: ResourceID) {
        guard let count = counts[id] else { return }
        counts[id] = count > 1 ? count - 1 : nil
        if count > 1 { repetitions -= 1 }
    }
}
