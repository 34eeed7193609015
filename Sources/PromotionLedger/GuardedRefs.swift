import Foundation
public import GitOpsTypes
public import PromotionDomain

/// What the refs of a server mean to `promote`, by their names alone: whose they are, and which names no push may make.
///
/// Names are compared by their bytes. A name that a file system or a person could take for one of ours (`Main`, `promote/Ledger/web`)
/// is not ours, and is refused.
public struct GuardedRefs: Sendable {
    /// Whose a ref is.
    public enum Meaning: Hashable, Sendable {
        /// A branch that holds what environments run, or the configuration.
        case desiredState(BranchName)
        case ledger(ApplicationName)
        case promotion(PromotionID, BranchName)
        /// Nothing that is judged depends on it.
        case unguarded
    }

    private let desiredState: [BranchName]
    private let ledgers: LedgerBranches

    public init(desiredState: some Sequence<BranchName>, ledgers: LedgerBranches) {
        self.desiredState = desiredState.sorted()
        self.ledgers = ledgers
    }

    public func meaning(of ref: String) -> Meaning {
        guard let branch = BranchName(ref: ref), Name(ref) == Name(branch.ref) else { return .unguarded }
        let name = Name(branch.text)
        if let known = desiredState.first(where: { Name($0.text) == name }) { return .desiredState(known) }
        if let rest = name.rest(after: Name(ledgers.prefix)), let application = ApplicationName(ofLedger: rest) {
            return .ledger(application)
        }
        if let id = PromotionID(branch: branch) { return .promotion(id, branch) }
        return .unguarded
    }

    /// Why no push makes or moves a ref of this name, though it is none of ours; nil where its name does no harm.
    ///
    /// Deleting such a ref is how the harm is undone, and is for the caller to let through.
    ///
    /// Source: gitrevisions(7) for what a name means, git-replace(1), and that Git cannot have `a` and `a/b` at once.
    public func problem(with ref: String) -> Refusal? {
        guard meaning(of: ref) == .unguarded else { return nil }
        let full = Name(ref)
        if let name = full.rest(after: "refs/heads/") { return problem(withBranch: name) }
        if let name = full.rest(after: "refs/tags/") { return problem(withTag: name) }
        for prefix in ["refs/heads/", "refs/tags/"] where full.folded.starts(with: Name(prefix).bytes) {
            return Refusal(
                .scope, "\(ref) could not be told from what is below \(prefix) where file systems fold names",
                hint: "write \(prefix) in lower case")
        }
        for (prefix, why) in Self.foreign where full.folded.starts(with: Name(prefix).bytes) {
            return Refusal(.scope, "\(prefix)* \(why)", hint: "git push --all, and --tags, push branches and tags only")
        }
        return nil
    }

    /// Refs that people's own clones have, and that change what all others' programs show when a server has them.
    private static let foreign = [
        ("refs/replace/", "would show other commits and files than there are to all who read the repository with Git"),
        ("refs/promote/", "is where promote keeps in a clone what it has seen of a remote"),
        ("refs/remotes/", "is where a clone keeps what it has seen of a remote, and would be taken for that"),
    ]

    private func problem(withBranch text: String) -> Refusal? {
        let name = Name(text)
        if let problem = problem(withWord: text, "branch") { return problem }
        if name.folded.starts(with: Name("refs/").bytes) {
            return Refusal(.scope, "a branch called \(text) could be taken for the ref itself")
        }
        for branch in desiredState {
            let guarded = Name(branch.text)
            if guarded.folded == name.folded {
                return Refusal(.scope, "\(text) could not be told from \(branch), which holds what environments run")
            }
            if guarded.isInTheWay(of: name) || name.isInTheWay(of: guarded) { return inTheWay(text, of: branch.text) }
        }
        for prefix in [ledgers.prefix, PromotionID.branchPrefix] {
            let directory = Name(String(prefix.dropLast()))
            if name.folded == directory.folded || name.isInTheWay(of: directory) { return inTheWay(text, of: prefix + "*") }
            guard directory.isInTheWay(of: name) else { continue }
            return Refusal(
                .scope, "\(prefix)* is for promote, and \(text) is no name of its own",
                hint: "choose another name; deleting what stands there is permitted")
        }
        return nil
    }

    /// What clones call the repository that they are of.
    private static let remote = "origin"

    private func problem(withTag text: String) -> Refusal? {
        if let problem = problem(withWord: text, "tag") { return problem }
        let name = Name(text)
        if name.folded == Name(Self.remote).folded || name.isCalledLike(Name(Self.remote + "/HEAD")) {
            return Refusal(
                .scope, "Git would take the tag \(text) for what is meant by the default branch of \(Self.remote) in a clone",
                hint: "choose another name")
        }
        let ours = desiredState.map(\.text) + [ledgers.prefix, PromotionID.branchPrefix]
        // Also as a clone names it: origin/main.
        guard let shadowed = ours.first(where: { name.isCalledLike(Name($0)) }) else { return nil }
        return Refusal(
            .scope, "Git would take the tag \(text) for what is meant by the branch \(shadowed)", hint: "choose another name")
    }

    /// Source: gitrevisions(7), and gitglossary(7) on pseudorefs.
    private static let words: Set<String> = [
        "HEAD", "FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "BISECT_HEAD",
        "AUTO_MERGE",
    ]

    /// Names that Git gives a meaning of their own.
    private func problem(withWord text: String, _ noun: String) -> Refusal? {
        guard Self.words.contains(text.uppercased()) || text == "@" || text.utf8.first == UInt8(ascii: "-") else { return nil }
        return Refusal(
            .scope,
            "Git and people could take the \(noun) \(text) for something else: it is written like HEAD, or like an option",
            hint: "choose another name")
    }

    private func inTheWay(_ text: String, of ours: String) -> Refusal {
        Refusal(
            .scope, "\(text) would stand in the way of \(ours): Git cannot have a ref and another one below it",
            hint: "choose another name")
    }

    /// Which of `present` branches stand in the way of making `wanted`, because one is below the other.
    public static func blockers(of wanted: BranchName, among present: some Sequence<BranchName>) -> [BranchName] {
        let name = Name(wanted.text)
        return present.filter { Name($0.text).isInTheWay(of: name) || name.isInTheWay(of: Name($0.text)) }
    }
}

/// The name of a ref as bytes, and as a file system or a person may read it.
private struct Name: Equatable, ExpressibleByStringLiteral {
    let bytes: [UInt8]
    /// In lower case and decomposed, as file systems that fold names compare them.
    let folded: [UInt8]

    init(_ text: some StringProtocol) {
        bytes = Array(text.utf8)
        folded = Array(text.lowercased().decomposedStringWithCanonicalMapping.utf8)
    }

    init(stringLiteral text: String) { self.init(text) }

    static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

    /// What follows `prefix`; nil where it does not begin so.
    func rest(after prefix: Name) -> String? {
        guard bytes.starts(with: prefix.bytes), bytes.count > prefix.bytes.count else { return nil }
        return String(decoding: bytes.dropFirst(prefix.bytes.count), as: UTF8.self)
    }

    /// Whether `other` is below it.
    func isInTheWay(of other: Name) -> Bool {
        other.folded.starts(with: folded + [UInt8(ascii: "/")])
    }

    /// Whether it is `other`, or ends with it as with the last parts of a path; where `other` ends in a slash, whether any part
    /// of it begins so.
    func isCalledLike(_ other: Name) -> Bool {
        let path = [UInt8(ascii: "/")] + folded
        let wanted = [UInt8(ascii: "/")] + other.folded
        if other.folded.last == UInt8(ascii: "/") { return path.contains(wanted) }
        return path.suffix(wanted.count) == wanted[...]
    }
}
