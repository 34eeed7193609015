import GitOpsTypes
import YAMLEditing

/// One object on its way through the transformers, with the names it had before: references and patches may use them.
struct Resource: Sendable {
    var node: ManifestNode {
        didSet { isInJSONForm = false }
    }
    /// Whether the node is as it is after it was written as JSON and read again.
    private var isInJSONForm = false
    private(set) var kind: GroupVersionKind
    /// Earlier identities, oldest first.
    private var earlier: [EarlierIdentity] = []
    /// Prefixes and suffixes put on so far, outermost last.
    var prefixes: [String] = []
    var suffixes: [String] = []
    var isGenerated = false
    /// Whether a generator made it, and wants its content's hash in the name.
    var needsHash = false
    /// The `vars` whose value this object gives.
    var variables: [String] = []
    var shared = SharedValues()
    /// The file the object was read from, for messages.
    let origin: RepositoryPath

    private struct EarlierIdentity: Hashable, Sendable {
        let kind: String
        let name: String
        let namespace: String
    }

    /// Nil when `node` is no Kubernetes object with a kind.
    init?(_ node: ManifestNode, origin: RepositoryPath) {
        guard let kind = node["kind"]?.scalar?.text, !kind.isEmpty else { return nil }
        self.node = node
        self.kind = GroupVersionKind(apiVersion: node["apiVersion"]?.scalar?.text ?? "", kind: kind)
        self.origin = origin
    }

    /// Takes over what an earlier run of Kustomize has noted about the object in annotations.
    ///
    /// - Returns: false for notes that do not go together.
    mutating func takeOverNotes() -> Bool {
        let prefix = "internal.config.kubernetes.io/"
        let annotations = node["metadata"]?["annotations"]?.map?.entries ?? []
        guard annotations.contains(where: { $0.key.hasPrefix(prefix) }) else { return true }
        func words(_ key: String) -> [String]? {
            annotation(prefix + key)?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        needsHash = annotation(prefix + "needsHashSuffix") == "enabled"
        (prefixes, suffixes) = (words("prefixes") ?? [], words("suffixes") ?? [])
        guard let names = words("previousNames") else { return true }
        let (namespaces, kinds) = (words("previousNamespaces") ?? [""], words("previousKinds") ?? [""])
        guard names.count == namespaces.count, names.count == kinds.count else { return false }
        earlier = names.indices.map { EarlierIdentity(kind: kinds[$0], name: names[$0], namespace: namespaces[$0]) }
        return true
    }

    var name: String {
        guard let scalar = node["metadata"]?["name"]?.scalar, scalar.kind != .null else { return "" }
        return scalar.text
    }

    /// As the manifest has it; empty where it has none.
    var namespace: String {
        guard let scalar = node["metadata"]?["namespace"]?.scalar, scalar.kind != .null else { return "" }
        return scalar.text
    }

    /// Whether it has no name, and is no list either.
    var hasNoNameThoughNeeded: Bool { name.isEmpty && !kind.kind.hasSuffix("List") }

    /// The object and the file it is from, for messages: `Deployment web of base/web.yaml`.
    var label: String { Self.label(id, origin) }

    static func label(_ id: ResourceID, _ origin: RepositoryPath) -> String { "\(id) of \(origin)" }

    var id: ResourceID { ResourceID(kind: kind, name: name, namespace: namespace) }

    /// The identities it had before, oldest first, under the group and version that it has now.
    var previousIDs: [ResourceID] {
        earlier.map { old in
            ResourceID(
                kind: GroupVersionKind(group: kind.group, version: kind.version, kind: old.kind), name: old.name,
                namespace: old.namespace)
        }
    }

    /// The identity the object was first read with.
    var originalID: ResourceID {
        guard let first = earlier.first else { return id }
        return ResourceID(
            kind: GroupVersionKind(group: kind.group, version: kind.version, kind: first.kind), name: first.name,
            namespace: first.namespace)
    }

    var hasPreviousIDs: Bool { !earlier.isEmpty }
    /// Whether Kustomize would have noted something about it by now.
    var hasNotes: Bool { hasPreviousIDs || isGenerated }
    var previousNames: [String] { earlier.map(\.name) }

    func hasPreviousName(_ name: String) -> Bool {
        earlier.contains { $0.name == name }
    }

    func hasID(_ other: ResourceID) -> Bool {
        id == other || hasEverBeenNamed(other.name) && previousIDs.contains(other)
    }

    func hasEverBeenNamed(_ name: String) -> Bool {
        self.name == name || hasPreviousName(name)
    }

    /// Keeps the present identity before a change of name, namespace or kind.
    mutating func remember() {
        let id = id
        let present = EarlierIdentity(kind: id.kind.kind, name: id.name, namespace: id.effectiveNamespace)
        if !earlier.contains(present) { earlier.append(present) }
    }

    /// The object, in whose place there is nothing until another is put there: so that it is not copied when it changes.
    mutating func takeNode() -> ManifestNode {
        let taken = node
        node = .null
        return taken
    }

    /// Changes the object as one that is written out as JSON and read again after it. Nothing in it is shared any more, then.
    ///
    /// - Parameter keepsForm: whether what `body` adds is in that form itself.
    mutating func changeThroughJSON(keepsForm: Bool, _ body: (inout ManifestNode) throws -> Void) rethrows {
        let wasInForm = isInJSONForm
        try body(&node)
        if !wasInForm || !keepsForm { node.passThroughJSON() }
        isInJSONForm = true
        shared.removeAll()
    }

    /// To be called after a change that may have touched `apiVersion` or `kind`.
    mutating func updateKind() {
        kind = GroupVersionKind(
            apiVersion: node["apiVersion"]?.scalar?.text ?? "", kind: node["kind"]?.scalar?.text ?? kind.kind)
    }

    mutating func setName(_ name: String) {
        node.modify(at: ["metadata", "name"], create: true) { $0 = .string(name) }
    }

    /// Calls `body` on every value that `spec` leads to, where it is for this kind.
    mutating func visit(
        _ spec: FieldSpec, creating creation: FieldCreation = .nothing, _ body: (inout ManifestNode) throws -> Void
    ) throws {
        guard spec.kinds.matches(kind) else { return }
        try node.visit(spec.steps[...], creating: spec.create ? creation : .nothing, body)
    }
}

extension Resource {
    /// Values that are one: a label that a transformer has added in several places of an object.
    ///
    /// Kustomize keeps one value for all of them, so that a later change to one place is a change to all.
    struct SharedValues: Sendable {
        fileprivate var values: [UInt32: ManifestScalar] = [:]
        fileprivate var count: UInt32 = 0
        fileprivate var mayDiffer = false

        var isEmpty: Bool { values.isEmpty }

        /// A number for a value that is about to be added.
        mutating func next() -> UInt32 {
            count += 1
            return count
        }

        mutating func add(_ value: ManifestScalar, as share: UInt32) { values[share] = value }

        /// To be called after a change to a place that may hold such a value.
        mutating func noteChange() { mayDiffer = !values.isEmpty }

        mutating func removeAll() { values = [:] }
    }

    /// Gives all places of a shared value what the last of them was changed to.
    mutating func settleSharedValues() {
        guard shared.mayDiffer else { return }
        shared.mayDiffer = false
        var changed: [UInt32: ManifestScalar] = [:]
        node.forEachShared { scalar in
            if let known = shared.values[scalar.share], known != scalar { changed[scalar.share] = scalar }
        }
        guard !changed.isEmpty else { return }
        node.replaceShared(by: changed)
        for (share, value) in changed { shared.values[share] = value }
    }
}

extension ManifestNode {
    /// In the order of keys, which is that in which a strategic merge goes.
    fileprivate func forEachShared(_ body: (ManifestScalar) -> Void) {
        switch self {
        case .scalar(let scalar): if scalar.share != 0 { body(scalar) }
        case .list(let items): for item in items { item.forEachShared(body) }
        case .map(let map):
            for entry in map.entries.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                entry.value.forEachShared(body)
            }
        }
    }

    fileprivate mutating func replaceShared(by values: [UInt32: ManifestScalar]) {
        switch self {
        case .scalar(let scalar): if let value = values[scalar.share] { self = .scalar(value) }
        case .list(var items):
            self = .null
            for index in items.indices { items[index].replaceShared(by: values) }
            self = .list(items)
        case .map(var map):
            self = .null
            for index in map.entries.indices { map.entries[index].value.replaceShared(by: values) }
            self = .map(map)
        }
    }
}

/// The numbers of the resources that have, or had, a name: so that a reference does not look at all of them.
struct ResourceIndex {
    private var byPreviousName: [String: [Int]] = [:]

    init(previousNamesOf resources: [Resource]) {
        for index in resources.indices where resources[index].hasPreviousIDs {
            for name in Set(resources[index].previousNames) { byPreviousName[name, default: []].append(index) }
        }
    }

    var isEmpty: Bool { byPreviousName.isEmpty }

    func resources(previouslyNamed name: String) -> [Int] { byPreviousName[name] ?? [] }
}
