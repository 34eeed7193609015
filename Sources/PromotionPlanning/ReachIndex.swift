public import GitOpsTypes
public import Kustomize

/// Which of many places a change may touch, told by the paths that change: what every place reaches, turned around.
///
/// It is one text that is searched without being read, so that a question costs the same however many places there are. Places are
/// known by their numbers in a list that its owner keeps.
public struct ReachIndex: Hashable, Sendable {
    /// How many places it is of.
    public let count: Int
    /// The places that any change may touch, as it cannot be told what they reach; in order.
    public let unknown: [Int]
    /// A line for each path that decides anything, at, below or above it, in the order of their bytes: the path, a tab, and the
    /// numbers of the places.
    private let lines: [UInt8]

    /// - Parameter reaches: of the places from the first to the last.
    public init(_ reaches: [KustomizationReach.Reach]) {
        var places: [RepositoryPath: [Int]] = [:]
        var unknown: [Int] = []
        for (number, reach) in reaches.enumerated() {
            switch reach {
            case .paths(let paths): for path in paths { places[path, default: []].append(number) }
            case .unknown: unknown.append(number)
            }
        }
        self.init(count: reaches.count, unknown: unknown, places: places)
    }

    private init(count: Int, unknown: [Int], places: [RepositoryPath: [Int]]) {
        self.count = count
        self.unknown = unknown
        let texts = places.map { (path: Array($0.key.description.utf8), numbers: $0.value) }
        var lines: [UInt8] = []
        for (path, numbers) in texts.sorted(by: { $0.path.lexicographicallyPrecedes($1.path) }) {
            lines += path + [Self.tab] + Self.text(numbers) + [Self.lineEnd]
        }
        self.lines = lines
    }

    /// The places that a change may touch.
    public func places(touchedBy changed: [RepositoryPath]) -> Set<Int> {
        changed.isEmpty ? [] : found(by: changed).union(unknown)
    }

    /// Those of which it is known what they reach, and that the change may touch.
    public func found(by changed: [RepositoryPath]) -> Set<Int> {
        var looked: Set<RepositoryPath> = []
        var found: Set<Int> = []
        for path in changed {
            found.formUnion(numbers(atOrBelow: Array(path.description.utf8)))
            var folder = path.parent
            while !folder.isRoot, looked.insert(folder).inserted {
                found.formUnion(numbers(at: Array(folder.description.utf8)))
                folder = folder.parent
            }
        }
        return found
    }

    /// The same after a change: what is not touched reaches what it reached.
    ///
    /// - Parameter reach: of a place by its number, after the change.
    public func renewed(
        after changed: [RepositoryPath], _ reach: (Int) throws -> KustomizationReach.Reach
    ) rethrows -> ReachIndex {
        let stale = places(touchedBy: changed)
        var places: [RepositoryPath: [Int]] = [:]
        for line in lines.split(separator: Self.lineEnd) {
            let parts = line.split(separator: Self.tab)
            guard parts.count == 2, let path = RepositoryPath(String(decoding: parts[0], as: UTF8.self)) else { continue }
            let kept = Self.numbers(parts[1]).filter { !stale.contains($0) }
            if !kept.isEmpty { places[path] = kept }
        }
        var unknown = unknown.filter { !stale.contains($0) }
        for number in stale.sorted() {
            switch try reach(number) {
            case .paths(let paths): for path in paths { places[path, default: []].append(number) }
            case .unknown: unknown.append(number)
            }
        }
        return ReachIndex(count: count, unknown: unknown.sorted(), places: places.mapValues { $0.sorted() })
    }
}

// MARK: Bytes

extension ReachIndex {
    /// As it is kept.
    public var bytes: [UInt8] { Array("\(count)".utf8) + [Self.tab] + Self.text(unknown) + [Self.lineEnd] + lines }

    /// Nil for bytes that are no index.
    public init?(bytes: [UInt8]) {
        guard let end = bytes.firstIndex(of: Self.lineEnd), let tab = bytes[..<end].firstIndex(of: Self.tab),
            let count = Int(String(decoding: bytes[..<tab], as: UTF8.self))
        else { return nil }
        self.count = count
        unknown = Self.numbers(bytes[(tab + 1)..<end])
        lines = Array(bytes[(end + 1)...])
    }

    /// Neither of them is part of a path.
    private static let tab = UInt8(ascii: "\t")
    private static let lineEnd = UInt8(ascii: "\n")
    private static let comma = UInt8(ascii: ",")

    private static func text(_ numbers: [Int]) -> [UInt8] { Array(numbers.map(String.init).joined(separator: ",").utf8) }

    private static func numbers(_ text: ArraySlice<UInt8>) -> [Int] {
        text.split(separator: comma).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    }

    /// The places that a path decides.
    private func numbers(at path: [UInt8]) -> [Int] {
        guard let line = line(at: start(of: path)), lines[line.path].elementsEqual(path) else { return [] }
        return Self.numbers(lines[line.numbers])
    }

    /// The places that a path decides, or one below it.
    private func numbers(atOrBelow path: [UInt8]) -> [Int] {
        var numbers = numbers(at: path)
        let below = path + [UInt8(ascii: "/")]
        var next = start(of: below)
        while let line = line(at: next), lines[line.path].starts(with: below) {
            numbers += Self.numbers(lines[line.numbers])
            next = line.numbers.upperBound + 1
        }
        return numbers
    }

    /// Where the first line starts whose path is not before `path`, found by halving.
    private func start(of path: [UInt8]) -> Int {
        var (low, high) = (lines.startIndex, lines.endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            let start = lines[low..<middle].lastIndex(of: Self.lineEnd).map { $0 + 1 } ?? low
            guard let line = line(at: start) else { return high }
            if lines[line.path].lexicographicallyPrecedes(path) { low = line.numbers.upperBound + 1 } else { high = start }
        }
        return low
    }

    /// Nil at the end.
    private func line(at start: Int) -> (path: Range<Int>, numbers: Range<Int>)? {
        guard let tab = lines[start...].firstIndex(of: Self.tab), let end = lines[tab...].firstIndex(of: Self.lineEnd) else {
            return nil
        }
        return (start..<tab, (tab + 1)..<end)
    }
}
