/// A regular expression as Go's library takes it: without backtracking, so that no expression takes longer than its size times the text's.
///
/// Source: the syntax of RE2, as Go's `regexp/syntax` documents it.
struct GoExpression: Sendable {
    private let program: ExpressionProgram

    /// Nil for what is no expression there.
    init?(_ pattern: String) {
        var parser = GoExpressionParser(pattern)
        guard let tree = parser.expression(), let program = ExpressionProgram(tree) else { return nil }
        self.program = program
    }

    /// Whether the expression is found anywhere in `text`.
    func isFound(in text: String) -> Bool { program.matches(text, whole: false) }
    func matchesWhole(_ text: String) -> Bool { program.matches(text, whole: true) }

    /// About how much work it is to look at a text of so many bytes.
    func steps(for bytes: Int) -> Int { program.size * (bytes + 1) / 64 }

    /// Whether `text` means something else as an expression than as itself.
    static func isNeeded(for text: String) -> Bool { text.utf8.contains { "*+?[](){}|^$\\.".utf8.contains($0) } }
}

/// What an expression is made of.
indirect enum ExpressionTree: Sendable {
    case nothing
    case one(ScalarSet)
    case place(ExpressionPlace)
    case sequence([ExpressionTree])
    case choice([ExpressionTree])
    /// Without an upper bound where that is nil.
    case repeated(ExpressionTree, Int, Int?)
}

/// Where in a text an expression may ask to be.
enum ExpressionPlace: Sendable {
    case textStart
    case textEnd
    case lineStart
    case lineEnd
    case wordBoundary
    case noWordBoundary

    func holds(before: Unicode.Scalar?, after: Unicode.Scalar?) -> Bool {
        switch self {
        case .textStart: before == nil
        case .textEnd: after == nil
        case .lineStart: before == nil || before == "\n"
        case .lineEnd: after == nil || after == "\n"
        case .wordBoundary: ScalarSet.isWord(before) != ScalarSet.isWord(after)
        case .noWordBoundary: ScalarSet.isWord(before) == ScalarSet.isWord(after)
        }
    }
}

/// An expression as steps of a machine that is in many of them at once.
struct ExpressionProgram: Sendable {
    private enum Step: Sendable {
        case one(ScalarSet, next: Int)
        case either(Int, Int)
        case place(ExpressionPlace, next: Int)
        case match
    }

    private var steps: [Step] = [.match]
    private var start = 0
    /// More than any name of an object, and its label, is told apart by.
    private static let maximumSteps = 5_000

    var size: Int { steps.count }

    /// Nil for an expression that is too large.
    init?(_ tree: ExpressionTree) {
        guard let start = compile(tree, before: 0) else { return nil }
        self.start = start
    }

    /// - Returns: the step that `tree` begins with.
    private mutating func compile(_ tree: ExpressionTree, before next: Int) -> Int? {
        switch tree {
        case .nothing: return next
        case .one(let set): return add(.one(set, next: next))
        case .place(let place): return add(.place(place, next: next))
        case .sequence(let items):
            var next = next
            for item in items.reversed() {
                guard let start = compile(item, before: next) else { return nil }
                next = start
            }
            return next
        case .choice(let items):
            guard let last = items.last, var result = compile(last, before: next) else { return nil }
            for item in items.dropLast().reversed() {
                guard let start = compile(item, before: next), let both = add(.either(start, result)) else { return nil }
                result = both
            }
            return result
        case .repeated(let item, let least, let most): return compile(item, least, most, before: next)
        }
    }

    private mutating func compile(_ item: ExpressionTree, _ least: Int, _ most: Int?, before end: Int) -> Int? {
        var next = end
        if let most {
            for _ in 0..<max(0, most - least) {
                guard let start = compile(item, before: next), let either = add(.either(start, end)) else { return nil }
                next = either
            }
        } else {
            // Around to where it chooses again.
            guard let either = add(.either(end, end)), let start = compile(item, before: either) else { return nil }
            steps[either] = .either(start, end)
            next = either
        }
        for _ in 0..<least {
            guard let start = compile(item, before: next) else { return nil }
            next = start
        }
        return next
    }

    private mutating func add(_ step: Step) -> Int? {
        guard steps.count < Self.maximumSteps else { return nil }
        steps.append(step)
        return steps.count - 1
    }

    /// - Parameter whole: whether all of the text must match, or any part of it.
    func matches(_ text: String, whole: Bool) -> Bool {
        var threads = Threads(count: steps.count)
        var before: Unicode.Scalar?
        var rest = text.unicodeScalars[...]
        while true {
            let after = rest.first
            if before == nil || !whole { follow(start, before, after, &threads.now) }
            if threads.now.contains(0), !whole || after == nil { return true }
            guard let scalar = rest.popFirst(), !(whole && threads.now.isEmpty) else { return false }
            threads.next.removeAll()
            for thread in threads.now.members {
                if case .one(let set, let next) = steps[thread], set.contains(scalar) {
                    follow(next, scalar, rest.first, &threads.next)
                }
            }
            before = scalar
            threads.swap()
        }
    }

    /// Goes on to all steps that need no character.
    private func follow(_ step: Int, _ before: Unicode.Scalar?, _ after: Unicode.Scalar?, _ reached: inout Threads.Steps) {
        var pending = [step]
        while let step = pending.popLast() {
            guard reached.insert(step) else { continue }
            switch steps[step] {
            case .one, .match: continue
            case .either(let one, let other): pending += [one, other]
            case .place(let place, let next): if place.holds(before: before, after: after) { pending.append(next) }
            }
        }
    }

    /// The steps that the machine is in, and those it will be in.
    private struct Threads {
        struct Steps {
            private(set) var members: [Int] = []
            private var isMember: [Bool]

            init(count: Int) { isMember = Array(repeating: false, count: count) }

            var isEmpty: Bool { members.isEmpty }
            func contains(_ step: Int) -> Bool { isMember[step] }

            mutating func insert(_ step: Int) -> Bool {
                guard !isMember[step] else { return false }
                isMember[step] = true
                members.append(step)
                return true
            }

            mutating func removeAll() {
                for step in members { isMember[step] = false }
                members.removeAll(keepingCapacity: true)
            }
        }

        var now: Steps
        var next: Steps

        init(count: Int) { (now, next) = (Steps(count: count), Steps(count: count)) }

        mutating func swap() { Swift.swap(&now, &next) }
    }
}
