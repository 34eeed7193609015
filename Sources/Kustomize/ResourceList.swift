/// The resources of a kustomization, in order, with a directory of them: so that what is for one of them does not look at all of
/// them. The directory is kept by single changes, and dropped by changes to all.
struct ResourceList: Sendable {
    private var storage: [Resource] = []
    private var directory = ResourceDirectory()

    init(_ resources: [Resource] = []) {
        storage = resources
    }

    /// All of them, in order.
    var all: [Resource] {
        get {
            if directory.removed.isEmpty { return storage }
            return storage.indices.filter { !directory.removed.contains($0) }.map { storage[$0] }
        }
        _modify {
            if !directory.removed.isEmpty { storage = all }
            directory = ResourceDirectory()
            yield &storage
        }
    }

    var count: Int { storage.count - directory.removed.count }

    /// The places of all; those of removed ones left out.
    var positions: [Int] {
        if directory.removed.isEmpty { return Array(storage.indices) }
        return storage.indices.filter { !directory.removed.contains($0) }
    }

    subscript(position: Int) -> Resource { storage[position] }

    /// The places of resources that may be meant, in order; what else they are is to be looked at.
    mutating func positions(_ query: ResourceQuery) -> [Int] {
        guard let found = directory.positions(query, in: storage) else { return positions }
        return directory.removed.isEmpty ? found : found.filter { !directory.removed.contains($0) }
    }

    /// Those of resources that may have, or have had, a name.
    mutating func positions(named name: String) -> [Int] { positions(ResourceQuery(name: .exactly(name))) }

    /// Those of resources that may be, or have been, `id`.
    mutating func positions(of id: ResourceID) -> [Int] {
        positions(
            ResourceQuery(
                name: .exactly(id.name), namespace: id.kind.isClusterScoped ? nil : id.effectiveNamespace, kind: id.kind.kind))
    }

    /// Whether two are the same now.
    mutating func hasRepetitions() -> Bool { directory.hasRepetitions(storage) }

    /// Whether one is `id` now.
    mutating func contains(_ id: ResourceID) -> Bool { directory.contains(id, in: storage) }

    mutating func append(_ resource: Resource) {
        storage.append(resource)
        directory.enter(resource, at: storage.count - 1)
    }

    /// Changes one of them.
    mutating func change(_ position: Int, _ body: (inout Resource) throws -> Void) rethrows {
        directory.forgetIdentity(of: storage[position])
        defer { directory.enter(storage[position], at: position) }
        try body(&storage[position])
    }

    mutating func remove(_ positions: [Int]) {
        for position in positions { directory.remove(storage[position], at: position) }
    }
}
