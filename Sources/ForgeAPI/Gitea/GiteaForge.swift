import GitOpsTypes
import HTTPExchange
import PromotionForge

/// Gitea and Forgejo.
///
/// Source: their published API, version 1, with the names of fields that both know.
struct GiteaForge: Forge {
    private let session: ForgeSession
    private let repositoryPath: String

    init(_ session: ForgeSession) {
        self.session = session
        repositoryPath = "/repos/\(session.address.repository.percentEncoded(keeping: "/"))"
    }

    var kind: ForgeKind { .gitea }
    var capabilities: ForgeCapabilities {
        ForgeCapabilities(draftPrefix: "WIP: ")
    }

    func account() async throws(ForgeError) -> ForgeAccount {
        try await session.get(User.self, "/user").account
    }

    // MARK: Pull requests

    func headRef(of number: Int) -> String { "refs/pull/\(number)/head" }

    func openPullRequest(
        from branch: BranchName, into target: BranchName
    ) async throws(ForgeError) -> ForgePullRequest? {
        // There is no filter that both know, and the one by branches tells of closed ones, too.
        let pulls = try await session.list(Pull.self, "\(repositoryPath)/pulls", [(name: "state", value: "open")])
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
                    (name: "state", value: "all"), (name: "sort", value: "recentupdate"),
                ], isRemembered: true
            ) { pulls in watermark.map { mark in pulls.last?.updatedAt.map { $0 < mark } ?? true } ?? true })
    }

    func pullRequests(of commit: CommitID) async throws(ForgeError) -> [ForgePullRequest] {
        do {
            return [try snapshot(await session.get(Pull.self, "\(repositoryPath)/commits/\(commit.hex)/pull"))]
        } catch {
            if case .notFound = error { return [] }
            throw error
        }
    }

    func open(_ request: NewPullRequest) async throws(ForgeError) -> ForgePullRequest {
        let response = try await session.exchange(
            .post, session.url("\(repositoryPath)/pulls"),
            body: [
                "head": .string(request.branch.text), "base": .string(request.target.text), "title": .string(request.title),
                "body": .string(request.body),
            ])
        guard let error = session.error(response) else { return try snapshot(session.decode(Pull.self, response)) }
        if case .rejected(409, let words) = error { throw ForgeError.alreadyOpen(words) }
        throw error
    }

    func update(_ number: Int, title: String, body: String) async throws(ForgeError) {
        _ = try await session.call(
            .patch, "\(repositoryPath)/pulls/\(number)", body: ["title": .string(title), "body": .string(body)],
            isRepeatable: true)
    }

    func close(_ number: Int) async throws(ForgeError) {
        // Closing what was merged is refused.
        guard try await pullRequest(number).state == .open else { return }
        _ = try await session.call(.patch, "\(repositoryPath)/pulls/\(number)", body: ["state": "closed"], isRepeatable: true)
    }

    func merge(
        _ number: Int, pinnedTo head: CommitID, _ message: MergeMessage
    ) async throws(ForgeError) -> ForgeMergeOutcome {
        var outcome = ForgeMergeOutcome.notNow("no way of merging is allowed in the repository")
        for style in ["merge", "squash", "rebase-merge", "rebase"] {
            let response = try await session.exchange(
                .post, session.url("\(repositoryPath)/pulls/\(number)/merge"),
                body: [
                    "Do": .string(style), "head_commit_id": .string(head.hex), "MergeTitleField": .string(message.title),
                    "MergeMessageField": .string(message.body),
                ])
            let words = ForgeSession.words(response) ?? "\(response.status)"
            if response.status == 405, words.contains("allowed merge style") {
                outcome = .notNow(words)
                continue
            }
            return try self.outcome(response.status, words)
        }
        return outcome
    }

    private func outcome(_ status: Int, _ words: String) throws(ForgeError) -> ForgeMergeOutcome {
        switch status {
        case 200: .merged
        case 201: .scheduled
        case 401: throw ForgeError.unauthorized(words)
        case 403, 423: .notPermitted(words)
        case 404: .isClosed
        case 405 where words.contains("not allowed to merge"): .notPermitted(words)
        case 405: .notNow(words)
        case 409 where words.contains("head out of date"): .headMoved(words)
        // The other conflicts are races and hooks, and answers without words are about content.
        case 409: words == "409" ? .conflict("the branches conflict") : .notNow(words)
        default: throw ForgeError.rejected(status: status, words)
        }
    }

    // MARK: Talk

    func comment(on number: Int, marker: String, text: String) async throws(ForgeError) {
        // Comments come all at once.
        let comments = try await session.get([Comment].self, "\(repositoryPath)/issues/\(number)/comments")
        let body: JSONBody = ["body": .string("\(marker)\n\(text)")]
        if let ours = comments.first(where: { $0.body.hasPrefix(marker) }) {
            _ = try await session.call(.patch, "\(repositoryPath)/issues/comments/\(ours.id)", body: body)
        } else {
            _ = try await session.call(.post, "\(repositoryPath)/issues/\(number)/comments", body: body)
        }
    }

    /// People cannot be asked here in a way that Gitea and Forgejo both know.
    func decorate(_ number: Int, labels: [String], reviewers: [String]) async throws(ForgeError) {
        guard !labels.isEmpty else { return }
        let known = try await session.list(Label.self, "\(repositoryPath)/labels")
        var ids: [Int] = []
        for name in labels {
            if let label = known.first(where: { $0.name == name }) {
                ids.append(label.id)
            } else {
                let response = try await session.call(
                    .post, "\(repositoryPath)/labels", body: ["name": .string(name), "color": "#1d76db"])
                ids.append(try session.decode(Label.self, response).id)
            }
        }
        _ = try await session.call(
            .post, "\(repositoryPath)/issues/\(number)/labels", body: ["labels": .array(ids.map(JSONBody.integer))])
    }

    // MARK: Evidence

    func reviews(of pullRequest: ForgePullRequest) async throws(ForgeError) -> [ForgeReview] {
        let log = try await session.list(Review.self, "\(repositoryPath)/pulls/\(pullRequest.number)/reviews")
        return ReviewLog(
            log.compactMap { review in
                // A team that is asked is no reviewer who answers.
                guard let user = review.user else { return nil }
                let word: ReviewLog.Word
                switch review.state {
                case "APPROVED": word = review.dismissed ? .dismissed : .verdict(.approved)
                case "REQUEST_CHANGES": word = review.dismissed ? .dismissed : .verdict(.changesRequested)
                default: return nil
                }
                return ReviewLog.Entry(
                    id: "\(review.id)", order: review.id, reviewer: user.account, word: word,
                    commit: CommitID(review.commitId), problem: review.stale ? "it is stale" : nil,
                    at: review.submittedAt.flatMap { Timestamp($0) })
            }
        ).latest
    }

    func statuses(of commit: CommitID) async throws(ForgeError) -> [ForgeStatus] {
        let statuses = try await session.list(Status.self, "\(repositoryPath)/commits/\(commit.hex)/statuses")
        var latest: [String: Status] = [:]
        for status in statuses where status.id >= latest[status.context]?.id ?? 0 { latest[status.context] = status }
        return latest.values.sorted { $0.context < $1.context }.map { status in
            let state: ForgeStatus.State =
                switch status.status {
                case "success": .success
                case "error", "failure": .failure
                default: .pending
                }
            return ForgeStatus(
                name: status.context, state: state, detail: status.description ?? "", url: status.targetUrl)
        }
    }

    func report(_ status: ForgeStatus, on commit: CommitID, of branch: BranchName) async throws(ForgeError) {
        var body: [String: JSONBody] = [
            "state": .string(status.state.rawValue), "context": .string(status.name), "description": .string(status.detail),
        ]
        if let url = status.url { body["target_url"] = .string(url) }
        _ = try await session.call(.post, "\(repositoryPath)/statuses/\(commit.hex)", body: .object(body), isRepeatable: true)
    }

    func protection(of branch: BranchName) async throws(ForgeError) -> BranchProtection {
        let response = try await session.exchange(.get, session.url("\(repositoryPath)/branch_protections"))
        guard response.status == 200 else { return .unknown("\(session.place) tells protections to administrators only") }
        let rules = try session.decode([Protection].self, response)
        let name = branch.text.percentEncoded(keeping: "/")
        // The pattern of a rule is matched by the forge: the branch itself says whether one holds for it.
        let rule = rules.first { $0.ruleName == branch.text || $0.branchName == branch.text }
        if rule == nil {
            let branch = try await session.get(Branch.self, "\(repositoryPath)/branches/\(name)")
            guard branch.protected else { return .unprotected }
            return .protected(
                BranchProtection.Rules(
                    requiredStatuses: branch.enableStatusCheck ? branch.statusCheckContexts ?? [] : [], forbidsForcePush: true,
                    dismissesStaleApprovals: nil))
        }
        return .protected(
            BranchProtection.Rules(
                requiredStatuses: rule?.enableStatusCheck == true ? rule?.statusCheckContexts ?? [] : [],
                forbidsForcePush: rule?.enableForcePush != true, dismissesStaleApprovals: rule?.dismissStaleApprovals))
    }

    func repository() async throws(ForgeError) -> ForgeRepository {
        let response = try await session.call(.get, repositoryPath)
        let repository = try session.decode(Repository.self, response)
        return ForgeRepository(
            name: repository.fullName, defaultBranch: repository.defaultBranch, isArchived: repository.archived,
            time: response["Date"].flatMap(HTTPDate.timestamp), scopes: [])
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
        let state: ForgePullRequest.State
        if pull.merged {
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
        let isHere = pull.head != nil && pull.head?.repoId == pull.base?.repoId
        return ForgePullRequest(
            number: pull.number, url: pull.htmlUrl, title: pull.title, body: pull.body,
            author: pull.user?.account ?? ForgeAccount(login: "ghost", isBot: false), state: state,
            head: pull.head.flatMap { CommitID($0.sha) }, branch: isHere ? pull.head?.ref : nil, target: pull.base?.ref ?? "",
            isDraft: pull.draft, updated: pull.updatedAt ?? "")
    }

    // MARK: What it answers, as far as it is read

    private struct User: Decodable {
        let login: String

        /// Gitea has no bots but the one of its actions.
        var account: ForgeAccount { ForgeAccount(login: login, isBot: login.hasSuffix("-actions")) }
    }

    private struct Pull: Decodable {
        let number: Int
        let state: String
        let title: String
        let body: String
        let htmlUrl: String
        let user: User?
        let head: Branch?
        let base: Branch?
        let draft: Bool
        let merged: Bool
        let mergedAt: String?
        let mergedBy: User?
        let mergeCommitSha: String?
        let updatedAt: String?

        struct Branch: Decodable {
            let ref: String
            let sha: String
            let repoId: Int
        }
    }

    private struct Review: Decodable {
        let id: Int
        let user: User?
        let state: String
        let commitId: String
        let stale: Bool
        let dismissed: Bool
        let submittedAt: String?
    }

    private struct Comment: Decodable {
        let id: Int
        let body: String
    }

    private struct Label: Decodable {
        let id: Int
        let name: String
    }

    private struct Status: Decodable {
        let id: Int
        let context: String
        let status: String
        let description: String?
        let targetUrl: String?
    }

    private struct Protection: Decodable {
        let ruleName: String?
        let branchName: String?
        let enableStatusCheck: Bool
        let statusCheckContexts: [String]?
        let enableForcePush: Bool?
        let dismissStaleApprovals: Bool?
    }

    private struct Branch: Decodable {
        let protected: Bool
        let enableStatusCheck: Bool
        let statusCheckContexts: [String]?
    }

    private struct Repository: Decodable {
        let fullName: String
        let defaultBranch: String?
        let archived: Bool
    }
}
