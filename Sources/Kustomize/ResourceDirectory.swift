/// Which of a list's resources have a name, a namespace, a kind or a label: perhaps more than have it now. Each of these is made when
/// it is asked for first.
struct ResourceDirectory: Sendable {
    /// Places whose resources are gone.
    private(set) var removed: Set<Int> = []
    private var names: Facet<String>?
    /// The same, in order.
    private var orderedNames: [String]?
    private var namespaces: Facet<String>?
    private var kinds: Facet<String>?
    private var labels: Facet<ResourceQuery.Label>?
    private var identities: Identities?

    /// Looking at this many is no more work than looking for fewer.
    private static let few = 8

    // MARK: Changes

    /// To be called for a resource that is new or changed.
    mutating func enter(_ resource: Resource, at position: Int) {
        if names != nil { enterNames(of: resource, at: position) }
        namespaces?.enter(resource.everyNamespace, at: position)
        kinds?.enter(resource.everyKind, at: position)
        labels?.enter(resource.node.labels, at: position)
        identities?.add(resource.id)
    }

    private mutating func enterNames(of resource: Resource, at position: Int) {
        if names?.enter(resource.everyName, at: position) == true { orderedNames = nil }
    }

    /// To be called before a resource is changed.
    mutating func forgetIdentity(of resource: Resource) {
        if identities != nil { identities?.forget(resource.id) }
    }

    mutating func remove(_ resource: Resource, at position: Int) {
        if removed.insert(position).inserted { forgetIdentity(of: resource) }
    }

    // MARK: Questions

    /// Nil for all.
    mutating func positions(_ query: ResourceQuery, in resources: [Resource]) -> [Int]? {
        var best = query.name.map { named($0, in: resources) }
        func isMany(_ positions: [Int]?) -> Bool { (positions?.count ?? resources.count) > Self.few }
        func consider(_ positions: [Int]) {
            if positions.count < best?.count ?? resources.count { best = positions }
        }
        if let namespace = query.namespace, isMany(best) {
            if namespaces == nil { namespaces = Facet(resources, \.everyNamespace) }
            consider(namespaces?.positions[namespace] ?? [])
        }
        if let label = query.label, isMany(best) {
            if labels == nil { labels = Facet(resources, \.node.labels) }
            consider(labels?.positions[label] ?? [])
        }
        if let kind = query.kind, isMany(best) {
            if kinds == nil { kinds = Facet(resources, \.everyKind) }
            consider(kinds?.positions[kind] ?? [])
        }
        return best
    }

    private mutating func named(_ name: ResourceQuery.Name, in resources: [Resource]) -> [Int] {
        if names == nil { names = Facet(resources, \.everyName) }
        guard let names else { return [] }
        switch name {
        case .exactly(let name): return names.positions[name] ?? []
        case .beginning(let prefix):
            let ordered = orderedNames ?? names.positions.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            orderedNames = ordered
            let first = ordered.firstIndexAfter { $0.utf8.lexicographicallyPrecedes(prefix.utf8) }
            let found = ordered[first...].prefix { $0.utf8.starts(with: prefix.utf8) }
            return Set(found.flatMap { names.positions[$0] ?? [] }).sorted()
        }
    }

    mutating func hasRepetitions(_ resources: [Resource]) -> Bool { madeIdentities(resources).repetitions > 0 }

    mutating func contains(_ id: ResourceID, in resources: [Resource]) -> Bool {
        madeIdentities(resources).counts[id] != nil
    }

    private mutating func madeIdentities(_ resources: [Resource]) -> Identities {
        if let identities { return identities }
        var made = Identities()
        for position in resources.indices where !removed.contains(position) { made.add(resources[position].id) }
        identities = made
        return made
    }
}

/// Which resources have one of several words.
private struct Facet<Word: Hashable & Sendable>: Sendable {
    private(set) var positions: [Word: [Int]] = [:]

    init(_ resources: [Resource], _ words: (Resource) -> [Word]) {
        for position in resources.indices { enter(words(resources[position]), at: position) }
    }

    /// - Returns: whether a word is new.
    @discardableResult mutating func enter(_ words: [Word], at position: Int) -> Bool {
        var isNew = false
        for word in words {
            let index = positions[word]?.firstIndexAfter { $0 < position }
            if let index, let known = positions[word], index < known.count, known[index] == position { continue }
            isNew = isNew || index == nil
            positions[word, default: []].insert(position, at: index ?? 0)
        }
        return isNew
    }
}

/// How often there is each.
private struct Identities: Sendable {
    private(set) var counts: [ResourceID: Int] = [:]
    /// How many resources there are more than there are identities.
    private(set) var repetitions = 0

    mutating func add(_ id: ResourceID) {
        let count = counts[id, default: 0]
        counts[id] = count + 1
        if count > 0 { repetitions += 1 }
    }

    mutating func forget(_ id: ResourceID) {
        guard let count = counts[id] else { return }
        counts[id] = count > 1 ? count - 1 : nil
        if count > 1 { repetitions -= 1 }
    }
}

extension Array {
    /// The first index whose element, and that of every one behind it, is not what `isBefore` says: in an array in that order.
    fileprivate func firstIndexAfter(_ isBefore: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Resource {
    /// The names it has and had.
    fileprivate var everyName: [String] { hasPreviousIDs ? [name] + previousNames : [name] }

    fileprivate var everyKind: [String] { hasPreviousIDs ? [kind.kind] + previousIDs.map(\.kind.kind) : [kind.kind] }

    /// The namespaces it is in and was in, as any selector may say it.
    fileprivate var everyNamespace: [String] {
        var result: [String] = []
        for id in hasPreviousIDs ? [id] + previousIDs : [id] {
            result.append(id.namespace.isEmpty ? "default" : id.namespace)
            if id.kind.isClusterScoped { result.append(ResourceID.noNamespace) }
        }
        return result
    }
}
