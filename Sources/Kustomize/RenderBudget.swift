import GitOpsTypes

/// What one render may cost: a bound on the objects, values, bytes and steps of work that it takes, so that no files of a few lines that build on
/// each other over and over can take a machine's memory or its time.
///
/// The bounds are far beyond any real overlay and fixed: nothing in the files that are rendered changes them. What a base costs is
/// counted whether it is built or known from another render, so that an overlay renders alone exactly when it renders beside others.
final class RenderBudget {
    struct Cost: Hashable, Sendable {
        /// Objects, each time that one is read, made, or handed from a kustomization to one that builds on it.
        var objects = 0
        /// Values in them: scalars, lists and mappings.
        var values = 0
        /// Bytes of files that are read, of texts that are made, and of what is printed.
        var bytes = 0
        /// Work: about one for each value that a step looks at.
        var steps = 0

        static func + (left: Cost, right: Cost) -> Cost {
            Cost(
                objects: left.objects + right.objects, values: left.values + right.values, bytes: left.bytes + right.bytes,
                steps: left.steps + right.steps)
        }

        static func - (left: Cost, right: Cost) -> Cost {
            Cost(
                objects: left.objects - right.objects, values: left.values - right.values, bytes: left.bytes - right.bytes,
                steps: left.steps - right.steps)
        }
    }

    static let standard = Cost(objects: 100_000, values: 10_000_000, bytes: 512 << 20, steps: 50_000_000)
    /// How many levels of fields a path may have that makes what is missing on its way; no file may nest deeper either.
    static let maximumPath = 200
    /// How deep copies and moves may nest values: what goes over them has a stack to go on.
    static let maximumDepth = 400
    /// What it takes to read a kustomization, however small: no render reads more than ten thousand.
    static let stepsOfKustomization = 5_000
    /// What it takes to render a chart, whatever it is: no render renders more than a hundred.
    static let stepsOfChart = 500_000
    /// What it takes to follow a reference to another repository: each may have to be fetched.
    static let stepsOfRemoteBase = 100_000

    private let limits: Cost
    private let overlay: RepositoryPath
    /// The kustomization that is being carried out, for messages.
    var place: RepositoryPath
    private(set) var spent = Cost()
    /// What each base cost by itself, and all of them together.
    private(set) var bases: [RepositoryPath: Cost] = [:]
    private(set) var total = Cost()

    init(of overlay: RepositoryPath, limits: Cost = RenderBudget.standard) {
        self.overlay = overlay
        self.limits = limits
        place = overlay
    }

    /// - Throws: `KustomizeError.limit` once more is spent than there is.
    func spend(objects: Int = 0, values: Int = 0, bytes: Int = 0, steps: Int = 0) throws(KustomizeError) {
        try spend(Cost(objects: objects, values: values, bytes: bytes, steps: steps))
    }

    /// What some of the bases cost by themselves.
    func costs(of directories: Set<RepositoryPath>) -> [RepositoryPath: Cost] {
        var result: [RepositoryPath: Cost] = [:]
        for directory in directories { result[directory] = bases[directory] }
        return result
    }

    /// Spends what it took to build a base, unless it was built in this render before.
    func spend(_ cost: Cost, onceFor base: RepositoryPath) throws(KustomizeError) {
        guard bases[base] == nil else { return }
        note(cost, of: base)
        try spend(cost)
    }

    /// Notes what a base cost by itself, which is spent already.
    func note(_ cost: Cost, of base: RepositoryPath) {
        bases[base] = cost
        total = total + cost
    }

    private func spend(_ cost: Cost) throws(KustomizeError) {
        spent = spent + cost
        try require(spent.objects, atMost: limits.objects, "objects")
        try require(spent.values, atMost: limits.values, "values")
        try require(spent.bytes, atMost: limits.bytes, "bytes")
        try require(spent.steps, atMost: limits.steps, "steps of work")
    }

    private func require(_ spent: Int, atMost limit: Int, _ noun: String) throws(KustomizeError) {
        guard spent > limit else { return }
        throw KustomizeError(
            .limit, "rendering \(overlay) takes more than \(limit) \(noun): \(spent) by the time that \(place) is built",
            in: place,
            hint: "build on each base once, or split the overlay; the limits are promote's own (docs/rendering.md)")
    }
}

extension ManifestNode {
    struct Size {
        var values = 1
        /// Of texts, those of keys included.
        var bytes = 0
        var depth = 1

        fileprivate mutating func add(_ other: Size) {
            values += other.values
            bytes += other.bytes
            depth = max(depth, other.depth + 1)
        }
    }

    var size: Size {
        var size = Size()
        switch self {
        case .scalar(let scalar): size.bytes = scalar.text.utf8.count
        case .list(let items): for item in items { size.add(item.size) }
        case .map(let map):
            for entry in map.entries {
                size.add(entry.value.size)
                size.bytes += entry.key.utf8.count
            }
        }
        return size
    }

    /// About how many bytes it is when printed, as deep as it is indented.
    func printedSize(indentation: Int = 0) -> Int {
        switch self {
        case .scalar(let scalar): scalar.text.utf8.count + 1
        case .list(let items): items.reduce(0) { $0 + indentation + 2 + $1.printedSize(indentation: indentation + 2) }
        case .map(let map):
            map.entries.reduce(0) {
                $0 + indentation + $1.key.utf8.count + 2 + $1.value.printedSize(indentation: indentation + 2)
            }
        }
    }
}
