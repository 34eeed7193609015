import GitOpsTypes
import HTTPExchange
import PromotionForge

/// GitHub, and GitHub Enterprise.
///
/// Source: GitHub's REST API, version 2022-11-28.
struct GitHubForge: Forge {
    private let session: ForgeSession
    private let repositoryPath: String

    init(_ session: ForgeSession) {
        self.session = session
        repositoryPath = "/repos/\(session.address.repository.percentEncoded(keeping: "/"))"
    }

    var kind: ForgeKind { .github }
    var capabilities: ForgeCapabilities {
        // A draft can be opened with this API and never be made ready with it.
        ForgeCapabilities(draftPrefix: nil)
    }

    func account() async throws(ForgeError) -> ForgeAccount {
        try await session.get(User.self, "/user").account
    }

    // MARK: Pull requests

    func headRef(of number: Int) -> String { "refs/pull/\(number)/head" }

    func openPullRequest(
        from branch: BranchName, into target: BranchName
    ) async throws(ForgeError) -> ForgePullRequest? {
        let owner = session.address.repository.split(separator: "/")[0]
        let pulls = try await session.list(
            Pull.self, "\(repositoryPath)/pulls",
            [
                (name: "state", value: "open"), (name: "head", value: "\(owner):\(branch)"),
                (name: "base", value: target.text),
            ])
        // The filter matches everything where it is not understood.
        return try snapshots(pulls).first { $0.state == .open && $0.branch == branch.text && $0.target == target.text }
    }

    func pullRequest(_ number: Int) async throws(ForgeError) -> ForgePullRequest {
        try snapshot(await session.get(Pull.self, "\(repositoryPath)/pulls/\(number)"))
    }

    func pullRequests(changedSince watermark: String?) async throws(ForgeError) -> [ForgePullRequest] {
        try snapshots(
            await session.list(
                Pull.self, "\(repositoryPath)/pulls",
                [
                    (name: "state", value: "all"), (name: "sort", value: "updated"),
                    (name: "direction", value: "desc"),
                ], isRemembered: true
            ) { pulls in watermark.map { mark in pulls.last.map { $0.updatedAt < mark } ?? true } ?? true })
    }

    func pullRequests(of commit: CommitID) async throws(ForgeError) -> [ForgePullRequest] {
        try snapshots(await session.list(Pull.self, "\(repositoryPath)/commits/\(commit.hex)/pulls"))
    }

    func open(_ request: NewPullRequest) async throws(ForgeError) -> ForgePullRequest {
        let body: JSONBody = [
            "title": .string(request.title), "head": .string(request.branch.text), "base": .string(request.target.text),
            "body": .string(request.body),
        ]
        let response = try await session.exchange(.post, session.url("\(repositoryPath)/pulls"), body: body)
        guard let error = session.error(response) else { return try snapshot(session.decode(Pull.self, response)) }
        if case .rejected(422, let words) = error, words.contains("already exists") { throw ForgeError.alreadyOpen(words) }
        throw error
    }

    func update(_ number: Int, title: String, body: String) async throws(ForgeError) {
        _ = try await session.call(
            .patch, "\(repositoryPath)/pulls/\(number)", body: ["title": .string(title), "body": .string(body)],
            isRepeatable: true)
    }

    func close(_ number: Int) async throws(ForgeError) {
        _ = try await session.call(.patch, "\(repositoryPath)/pulls/\(number)", body: ["state": "closed"], isRepeatable: true)
    }

    func merge(
        _ number: Int, pinnedTo head: CommitID, _ message: MergeMessage
    ) async throws(ForgeError) -> ForgeMergeOutcome {
        var outcome = ForgeMergeOutcome.notNow("no way of merging is allowed in the repository")
        for method in ["merge", "squash", "rebase"] {
            let response = try await session.exchange(
                .put, session.url("\(repositoryPath)/pulls/\(number)/merge"),
                body: [
                    "sha": .string(head.hex), "merge_method": .string(method), "commit_title": .string(message.title),
                    "commit_message": .string(message.body),
                ])
            let words = ForgeSession.words(response) ?? "\(response.status)"
            // “Squash merges are not allowed on this repository.”
            if response.status == 405, words.contains("not allowed on this repository") {
                outcome = .notNow(words)
                continue
            }
            return try self.outcome(response, words)
        }
        return outcome
    }

    private func outcome(_ response: HTTPResponse, _ words: String) throws(ForgeError) -> ForgeMergeOutcome {
        switch response.status {
        case 200: try session.decode(MergeResult.self, response).merged ? .merged : .notNow(words)
        case 401: throw ForgeError.unauthorized(words)
        case 403, 404: .notPermitted(words)
        case 405 where words.contains("not mergeable"): .conflict(words)
        case 405, 422: .notNow(words)
        case 409: .headMoved(words)
        default: throw ForgeError.rejected(status: response.status, words)
        }
    }

    // MARK: Talk

    func comment(on number: Int, marker: String, text: String) async throws(ForgeError) {
        let comments = try await session.list(Comment.self, "\(repositoryPath)/issues/\(number)/comments")
        let body: JSONBody = ["body": .string("\(marker)\n\(text)")]
        if let ours = comments.first(where: { $0.body?.hasPrefix(marker) == true }) {
            _ = try await session.call(.patch, "\(repositoryPath)/issues/comments/\(ours.id)", body: body)
        } else {
            _ = try await session.call(.post, "\(repositoryPath)/issues/\(number)/comments", body: body)
        }
    }

    func decorate(_ number: Int, labels: [String], reviewers: [String]) async throws(ForgeError) {
        if !labels.isEmpty {
            _ = try await session.call(
                .post, "\(repositoryPath)/issues/\(number)/labels", body: ["labels": .array(labels.map(JSONBody.string))])
        }
        if !reviewers.isEmpty {
            _ = try await session.call(
                .post, "\(repositoryPath)/pulls/\(number)/requested_reviewers",
                body: ["reviewers": .array(reviewers.map(JSONBody.string))])
        }
    }

    // MARK: Evidence

    func reviews(of pullRequest: ForgePullRequest) async throws(ForgeError) -> [ForgeReview] {
        let log = try await session.list(Review.self, "\(repositoryPath)/pulls/\(pullRequest.number)/reviews")
        return ReviewLog(
            log.compactMap { review in
                guard let user = review.user else { return nil }
                let word: ReviewLog.Word? =
                    switch review.state {
                    case "APPROVED": .verdict(.approved)
                    case "CHANGES_REQUESTED": .verdict(.changesRequested)
                    case "DISMISSED": .dismissed
                    default: nil
                    }
                return word.map {
                    ReviewLog.Entry(
                        id: "\(review.id)", order: review.id, reviewer: user.account, word: $0,
                        commit: review.commitId.flatMap { CommitID($0) }, problem: nil,
                        at: review.submittedAt.flatMap { Timestamp($0) })
                }
            }
        ).latest
    }

    func statuses(of commit: CommitID) async throws(ForgeError) -> [ForgeStatus] {
        // The newest of each name come first.
        let statuses = try await session.list(Status.self, "\(repositoryPath)/commits/\(commit.hex)/statuses")
        var seen: Set<String> = []
        var result = statuses.filter { seen.insert($0.context).inserted }.map { status in
            ForgeStatus(
                name: status.context, state: Self.state(status.state), detail: status.description ?? "", url: status.targetUrl)
        }
        let runs = try await session.get(
            CheckRuns.self, "\(repositoryPath)/commits/\(commit.hex)/check-runs", [(name: "per_page", value: "100")])
        guard runs.checkRuns.count >= runs.totalCount else {
            throw ForgeError.malformed("there are \(runs.totalCount) check runs, more than one page gives")
        }
        result += runs.checkRuns.map { run in
            ForgeStatus(
                name: run.name, state: run.status == "completed" ? (run.conclusion == "success" ? .success : .failure) : .pending,
                detail: run.conclusion ?? run.status, url: run.htmlUrl)
        }
        return result
    }

    private static func state(_ word: String) -> ForgeStatus.State {
        switch word {
        case "success": .success
        case "error", "failure": .failure
        default: .pending
        }
    }

    func report(_ status: ForgeStatus, on commit: CommitID, of branch: BranchName) async throws(ForgeError) {
        var body: [String: JSONBody] = [
            "state": .string(status.state.rawValue), "context": .string(status.name),
            "description": .string(String(status.detail.prefix(140))),
        ]
        if let url = status.url { body["target_url"] = .string(url) }
        _ = try await session.call(.post, "\(repositoryPath)/statuses/\(commit.hex)", body: .object(body), isRepeatable: true)
        if let report = status.report, try await session.credential()?.isOfApp == true {
            try await attach(report, status, to: commit)
        }
    }

    /// The report as a check run of its own, made once for a commit and edited in place.
    private func attach(_ report: String, _ status: ForgeStatus, to commit: CommitID) async throws(ForgeError) {
        let name = "\(status.name) report"
        var body: [String: JSONBody] = [
            "output": [
                "title": .string(String(status.detail.prefix(140))), "summary": .string(String(report.prefix(60_000))),
            ]
        ]
        switch status.state {
        case .pending: body["status"] = "in_progress"
        case .success, .failure:
            body["status"] = "completed"
            body["conclusion"] = .string(status.state.rawValue)
        }
        let runs = try await session.get(
            CheckRuns.self, "\(repositoryPath)/commits/\(commit.hex)/check-runs", [(name: "check_name", value: name)])
        if let run = runs.checkRuns.first {
            _ = try await session.call(
                .patch, "\(repositoryPath)/check-runs/\(run.id)", body: .object(body), isRepeatable: true)
        } else {
            body["name"] = .string(name)
            body["head_sha"] = .string(commit.hex)
            _ = try await session.call(.post, "\(repositoryPath)/check-runs", body: .object(body))
        }
    }

    func protection(of branch: BranchName) async throws(ForgeError) -> BranchProtection {
        let name = branch.text.percentEncoded(keeping: "/")
        let rules = try await session.list(Rule.self, "\(repositoryPath)/rules/branches/\(name)")
        let response = try await session.exchange(.get, session.url("\(repositoryPath)/branches/\(name)/protection"))
        let classic = response.status == 200 ? try session.decode(Protection.self, response) : nil
        if rules.isEmpty, classic == nil {
            // The one 404 is an answer, to those who may know; the other one is none.
            // Source: GitHub REST API, "Get branch protection".
            if response.status == 404, ForgeSession.words(response) == "Branch not protected" { return .unprotected }
            return .unknown("\(session.place) tells protections to administrators only, and rulesets have none for \(branch)")
        }
        let required =
            rules.flatMap { $0.parameters?.requiredStatusChecks ?? [] }.map(\.context)
            + (classic?.requiredStatusChecks?.contexts ?? [])
        let review = rules.compactMap { $0.parameters?.dismissStaleReviewsOnPush }
        return .protected(
            BranchProtection.Rules(
                requiredStatuses: required,
                forbidsForcePush: rules.contains { $0.type == "non_fast_forward" } || classic?.allowForcePushes?.enabled == false,
                dismissesStaleApprovals: review.contains(true) || classic?.requiredPullRequestReviews?.dismissStaleReviews == true
            ))
    }

    func repository() async throws(ForgeError) -> ForgeRepository {
        let response = try await session.call(.get, repositoryPath)
        let repository = try session.decode(Repository.self, response)
        return ForgeRepository(
            name: repository.fullName, defaultBranch: repository.defaultBranch, isArchived: repository.archived,
            time: response["Date"].flatMap(HTTPDate.timestamp),
            scopes: (response["X-OAuth-Scopes"] ?? "").split(separator: ",").map { $0.trimmingPrefix { $0 == " " } }.map(
                String.init))
    }

    func permission(of login: String) async throws(ForgeError) -> ForgePermission {
        try await session.permission("\(repositoryPath)/collaborators/\(login.percentEncoded())/permission")
    }

    // MARK: Reading

    private func snapshots(_ pulls: [Pull]) throws(ForgeError) -> [ForgePullRequest] {
        var result: [ForgePullRequest] = []
        for pull in pulls { result.append(try snapshot(pull)) }
        return result
    }

    private func snapshot(_ pull: Pull) throws(ForgeError) -> ForgePullRequest {
        let isHere = pull.head.repo?.fullName.lowercased() == session.address.repository.lowercased()
        let state: ForgePullRequest.State
        if pull.merged == true || pull.mergedAt != nil {
            state = .merged(
                ForgePullRequest.Merge(
                    commit: pull.mergeCommitSha.flatMap { CommitID($0) }, login: pull.mergedBy?.login,
                    at: pull.mergedAt.flatMap { Timestamp($0) }))
        } else {
            switch pull.state {
            case "open": state = .open
            case "closed": state = .closed
            default: throw ForgeError.malformed("\(session.place) tells of a pull request that is “\(pull.state.displayable)”")
            }
        }
        return ForgePullRequest(
            number: pull.number, url: pull.htmlUrl, title: pull.title, body: pull.body ?? "",
            author: pull.user?.account ?? ForgeAccount(login: "ghost", isBot: false), state: state,
            head: CommitID(pull.head.sha), branch: isHere ? pull.head.ref : nil, target: pull.base.ref,
            isDraft: pull.draft ?? false, updated: pull.updatedAt)
    }

    // MARK: What it answers, as far as it is read

    private struct User: Decodable {
        let login: String
        let type: String?

        var account: ForgeAccount { ForgeAccount(login: login, isBot: type == "Bot") }
    }

    private struct Pull: Decodable {
        let number: Int
        let state: String
        let title: String
        let body: String?
        let htmlUrl: String
        let user: User?
        let head: Branch
        let base: Branch
        let draft: Bool?
        let merged: Bool?
        let mergedAt: String?
        let mergedBy: User?
        let mergeCommitSha: String?
        let updatedAt: String

        struct Branch: Decodable {
            let ref: String
            let sha: String
            let repo: Repository?

            struct Repository: Decodable {
                let fullName: String
            }
        }
    }

    private struct MergeResult: Decodable {
        let merged: Bool
    }

    private struct Comment: Decodable {
        let id: Int
        let body: String?
    }

    private struct Review: Decodable {
        let id: Int
        let user: User?
        let state: String
        let commitId: String?
        let submittedAt: String?
    }

    private struct Status: Decodable {
        let context: String
        let state: String
        let description: String?
        let targetUrl: String?
    }

    private struct CheckRuns: Decodable {
        let totalCount: Int
        let checkRuns: [Run]

        struct Run: Decodable {
            let id: Int
            let name: String
            let status: String
            let conclusion: String?
            let htmlUrl: String?
        }
    }

    private struct Rule: Decodable {
        let type: String
        let parameters: Parameters?

        struct Parameters: Decodable {
            let requiredStatusChecks: [Check]?
            let dismissStaleReviewsOnPush: Bool?

            struct Check: Decodable {
                let context: String
            }
        }
    }

    private struct Protection: Decodable {
        let requiredStatusChecks: Checks?
        let requiredPullRequestReviews: Reviews?
        let allowForcePushes: Switch?

        struct Checks: Decodable {
            let contexts: [String]?
        }

        struct Reviews: Decodable {
            let dismissStaleReviews: Bool?
        }

        struct Switch: Decodable {
            let enabled: Bool
        }
    }

    private struct Repository: Decodable {
        let fullName: String
        let defaultBranch: String?
        let archived: Bool
    }
}
