import Foundation
import PromoteTestSupport

/// The bare repository behind the server, and what it knows of pull requests: the same for every dialect.
///
/// Branches are read from Git whenever somebody asks: what people push is seen as a forge sees it.
final class HostedRepository {
    struct Pull {
        let number: Int
        let author: String
        let source: String
        var target: String
        var title: String
        var body: String
        var head: String
        var state = State.open
        var updated: String
        var labels: [String] = []
        var reviewers: [String] = []
        var reviews: [Review] = []
        var comments: [Comment] = []
        /// When somebody pushed to its branch.
        var pushes: [String] = []

        enum State {
            case open
            case closed
            case merged(commit: String, by: String, at: String)
        }
    }

    struct Review {
        let id: Int
        let author: String
        var verdict: Verdict
        let commit: String
        let at: String
        var isDismissed = false

        enum Verdict {
            case approved
            case changesRequested
            case comment
        }
    }

    struct Comment {
        let id: Int
        let author: String
        var body: String
    }

    struct Status {
        let id: Int
        let commit: String
        let context: String
        let state: String
        let description: String
        let author: String
    }

    struct CheckRun {
        let id: Int
        let name: String
        let commit: String
        var summary: String
        var conclusion: String?
    }

    enum MergeMethod: String {
        case merge
        case squash
        case rebase
    }

    enum MergeResult {
        case merged(commit: String)
        case headMoved
        case conflict
    }

    let git: Tool
    private(set) var pulls: [Pull] = []
    private(set) var statuses: [Status] = []
    private(set) var checkRuns: [CheckRun] = []
    private(set) var labels: [(id: Int, name: String)] = []
    private(set) var deployments: [HostedDeployment] = []
    private var lastID = 100

    init(bareRepository: String) {
        git = Tool("git", in: bareRepository)
    }

    func nextID() -> Int {
        lastID += 1
        return lastID
    }

    static func now() -> String {
        let formatter = ISO8601DateFormatter()
        return formatter.string(from: Date())
    }

    // MARK: Deployments

    func deploy(_ deployment: HostedDeployment) -> HostedDeployment {
        deployments.append(deployment)
        return deployment
    }

    func deployment(_ id: Int) -> HostedDeployment? { deployments.first { $0.id == id } }

    /// - Returns: what became of it; nil where there is none.
    func change(deployment id: Int, _ body: (inout HostedDeployment) -> Void) -> HostedDeployment? {
        guard let index = deployments.firstIndex(where: { $0.id == id }) else { return nil }
        body(&deployments[index])
        return deployments[index]
    }

    /// The commit that a hexadecimal name is.
    func commit(_ name: String) -> String? {
        guard let result = try? git.run(["rev-parse", "--verify", "--quiet", "\(name)^{commit}"]), result.status == 0 else {
            return nil
        }
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // MARK: Branches

    func head(of branch: String) -> String? {
        guard let result = try? git.run(["rev-parse", "--verify", "--quiet", "refs/heads/\(branch)"]), result.status == 0
        else { return nil }
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func isAncestor(_ commit: String, of other: String) -> Bool {
        (try? git.run(["merge-base", "--is-ancestor", commit, other]))?.status == 0
    }

    /// Looks at the branches of what is open, as a forge does after every push.
    func refresh() {
        for index in pulls.indices {
            guard case .open = pulls[index].state else { continue }
            let pull = pulls[index]
            if let target = head(of: pull.target), isAncestor(pull.head, of: target) {
                change(pull.number) { $0.state = .merged(commit: target, by: "pusher", at: Self.now()) }
            } else if let head = head(of: pull.source) {
                guard head != pull.head else { continue }
                change(pull.number) {
                    $0.head = head
                    $0.pushes.append(Self.now())
                }
                keepHead(of: pull.number, at: head)
            } else {
                change(pull.number) { $0.state = .closed }
            }
        }
    }

    /// Where forges keep what a pull request proposes, whatever becomes of its branch.
    private func keepHead(of number: Int, at commit: String) {
        for ref in ["refs/pull/\(number)/head", "refs/merge-requests/\(number)/head"] {
            _ = try? git.run(["update-ref", ref, commit])
        }
    }

    // MARK: Pull requests

    func pull(_ number: Int) -> Pull? { pulls.first { $0.number == number } }

    func change(_ number: Int, _ body: (inout Pull) -> Void) {
        guard let index = pulls.firstIndex(where: { $0.number == number }) else { return }
        body(&pulls[index])
        pulls[index].updated = Self.now()
    }

    /// Nil where the branches do not differ or one of them is missing.
    func open(from source: String, into target: String, title: String, body: String, by author: String) -> Pull? {
        guard let head = head(of: source), let base = self.head(of: target), !isAncestor(head, of: base) else { return nil }
        let pull = Pull(
            number: pulls.count + 1, author: author, source: source, target: target, title: title, body: body, head: head,
            updated: Self.now())
        pulls.append(pull)
        keepHead(of: pull.number, at: head)
        return pull
    }

    func openPull(from source: String, into target: String) -> Pull? {
        pulls.first { pull in
            if case .open = pull.state { pull.source == source && pull.target == target } else { false }
        }
    }

    func review(_ number: Int, by author: String, _ verdict: Review.Verdict) -> Review? {
        guard let pull = pull(number) else { return nil }
        let review = Review(id: nextID(), author: author, verdict: verdict, commit: pull.head, at: Self.now())
        change(number) { $0.reviews.append(review) }
        return review
    }

    func comment(_ number: Int, by author: String, _ body: String) -> Comment {
        let comment = Comment(id: nextID(), author: author, body: body)
        change(number) { $0.comments.append(comment) }
        return comment
    }

    func label(named name: String) -> Int {
        if let known = labels.first(where: { $0.name == name }) { return known.id }
        labels.append((nextID(), name))
        return lastID
    }

    func report(_ context: String, _ state: String, _ description: String, on commit: String, by author: String) -> Status {
        let status = Status(
            id: nextID(), commit: commit, context: context, state: state, description: description, author: author)
        statuses.append(status)
        return status
    }

    /// - Parameter id: of the one to edit; nil for a new one.
    func checkRun(_ id: Int?, _ name: String, on commit: String, summary: String, conclusion: String?) -> CheckRun {
        if let index = checkRuns.firstIndex(where: { $0.id == id }) {
            checkRuns[index].summary = summary
            checkRuns[index].conclusion = conclusion
            return checkRuns[index]
        }
        let run = CheckRun(id: nextID(), name: name, commit: commit, summary: summary, conclusion: conclusion)
        checkRuns.append(run)
        return run
    }

    // MARK: Merging

    /// Merges with Git's own objects, and moves the target branch.
    ///
    /// - Parameters:
    ///   - pin: the head that the caller wants merged; nil for whatever is there.
    ///   - smuggled: a file that is put into what is merged, which nobody approved.
    func merge(
        _ number: Int, _ method: MergeMethod, pin: String?, title: String, by author: String, smuggled: String? = nil
    ) throws -> MergeResult {
        refresh()
        guard let pull = pull(number), let base = head(of: pull.target) else { return .conflict }
        if let pin, pin != pull.head { return .headMoved }
        let result = try git.run(["merge-tree", "--write-tree", base, pull.head])
        guard result.status == 0 else { return .conflict }
        var tree = result.output.trimmingCharacters(in: .whitespacesAndNewlines)
        if let smuggled { tree = try self.tree(tree, adding: smuggled) }
        var arguments = ["-c", "user.name=forge", "-c", "user.email=noreply@forge.example", "commit-tree", tree, "-p", base]
        if method == .merge { arguments += ["-p", pull.head] }
        let commit = try git.succeed(arguments + ["-m", title]).trimmingCharacters(in: .whitespacesAndNewlines)
        _ = try git.succeed(["update-ref", "refs/heads/\(pull.target)", commit, base])
        change(number) { $0.state = .merged(commit: commit, by: author, at: Self.now()) }
        return .merged(commit: commit)
    }

    private func tree(_ tree: String, adding path: String) throws -> String {
        let blob = try git.succeed(["rev-parse", "\(tree):\(path)"]).trimmingCharacters(in: .whitespacesAndNewlines)
        let text = try git.succeed(["cat-file", "blob", blob]) + "# smuggled\nsmuggled: true\n"
        let file = FileManager.default.temporaryDirectory.appending(component: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(text.utf8).write(to: file)
        let new = try git.succeed(["hash-object", "-w", file.path]).trimmingCharacters(in: .whitespacesAndNewlines)
        let index = FileManager.default.temporaryDirectory.appending(component: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: index) }
        var git = git
        git.environment["GIT_INDEX_FILE"] = index.path
        _ = try git.succeed(["read-tree", tree])
        _ = try git.succeed(["update-index", "--cacheinfo", "100644,\(new),\(path)"])
        return try git.succeed(["write-tree"]).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
