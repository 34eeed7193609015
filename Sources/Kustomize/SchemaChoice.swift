/// The schema by which patches are merged, as Kustomize comes by it on its way through a render.
///
/// Source: Kustomize's kyaml, whose schema belongs to the process: the first `openapi` on the way is the one that counts, an overlay's
/// before its bases'; the built-in schema is read where none counts by the time that one is needed, and also where a kind that it
/// does not know was met before one counted; what is read stays. So a custom schema replaces the built-in one where it is the
/// overlay's own, and adds to it where a base brings it later.
struct SchemaChoice {
    /// What an `openapi` field asks for.
    enum Wish {
        case builtIn
        case custom(MergeSchema)
    }

    /// What a base did to the schema, to be done again where the base is known and not built.
    struct Use: Sendable {
        fileprivate(set) var chooses = false
        fileprivate(set) var merges = false
        fileprivate(set) var meetsUnknownKind = false

        mutating func add(_ other: Use) {
            chooses = chooses || other.chooses
            merges = merges || other.merges
            meetsUnknownKind = meetsUnknownKind || other.meetsUnknownKind
        }
    }

    private enum BuiltIn {
        case unread
        case wanted
        case read
    }

    private var custom: MergeSchema?
    private var isRead = false
    private var builtIn = BuiltIn.unread
    private var known = MergeSchema(types: [:], roots: [:])
    /// Since it was last taken.
    private var use = Use()
    /// Whether a later `openapi` counts no more.
    private(set) var isSettled = false

    /// Whether a custom schema counts: how objects merge depends on the order in which things come, then.
    var isCustom: Bool { custom != nil }

    mutating func choose(_ wish: Wish) {
        guard !isSettled else { return }
        if case .custom(let schema) = wish { custom = schema }
        isRead = false
        isSettled = true
        use.chooses = true
    }

    /// To be called for every object that is read.
    mutating func note(_ kind: GroupVersionKind) {
        guard !use.meetsUnknownKind, !kind.isBuiltIn else { return }
        noteUnknownKind()
    }

    private mutating func noteUnknownKind() {
        use.meetsUnknownKind = true
        guard !isRead else { return }
        if custom != nil { read() } else if builtIn == .unread { builtIn = .wanted }
    }

    /// The schema, which is needed now.
    mutating func schema() -> MergeSchema {
        use.merges = true
        read()
        return known
    }

    private mutating func read() {
        guard !isRead else { return }
        isRead = true
        if let custom { known.add(custom) }
        guard builtIn != .read, custom == nil || builtIn == .wanted else { return }
        known.add(.kubernetes)
        builtIn = .read
    }

    // MARK: Bases

    /// Notes what is done from here on by itself, and returns what was before.
    mutating func beginUse() -> Use {
        defer { use = Use() }
        return use
    }

    /// What was done since `beginUse` gave `outer`.
    mutating func endUse(within outer: Use) -> Use {
        let inner = use
        use.add(outer)
        return inner
    }

    /// Does again what a base did that asked for no custom schema.
    mutating func `repeat`(_ other: Use) {
        if other.chooses { choose(.builtIn) }
        if other.meetsUnknownKind, !use.meetsUnknownKind { noteUnknownKind() }
        if other.merges { read() }
        use.add(other)
    }
}
