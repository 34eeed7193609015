import GitOpsTypes
import HTTPExchange
import PromotionForge

/// GitLab, of whatever edition.
///
/// Source: GitLab's REST API, version 4.
struct GitLabForge: Forge {
    private let session: ForgeSession
    private let projectPath: String

    init(_ session: ForgeSession) {
        self.session = session
        projectPath = "/projects/\(session.address.repository.percentEncoded())"
    }

    var kind: ForgeKind { .gitlab }
    var capabilities: ForgeCapabilities {
        ForgeCapabilities(draftPrefix: "Draft: ")
    }

    func account() async throws(ForgeError) -> ForgeAccount {
        try await session.get(User.self, "/user").account
    }

    // MARK: Merge requests

    func headRef(of number: Int) -> String { "refs/merge-requests/\(number)/head" }

    private func path(_ number: Int) -> String { "\(projectPath)/merge_requests/\(number)" }

    func openPullRequest(
        from branch: BranchName, into target: BranchName
    ) async throws(ForgeError) -> ForgePullRequest? {
        let requests = try await session.list(
            MergeRequest.self, "\(projectPath)/merge_requests",
            [
                (name: "state", value: "opened"), (name: "source_branch", value: branch.text),
                (name: "target_branch", value: target.text),
            ])
        return try snapshots(requests).first { $0.state == .open && $0.branch == branch.text && $0.target == target.text }
    }

    func pullRequest(_ number: Int) async throws(ForgeError) -> ForgePullRequest {
        try snapshot(await session.get(MergeRequest.self, path(number)))
    }

    func pullRequests(changedSince watermark: String?) async throws(ForgeError) -> [ForgePullRequest] {
        try snapshots(
            await session.list(
                MergeRequest.self, "\(projectPath)/merge_requests",
                [
                    (name: "state", value: "all"), (name: "order_by", value: "updated_at"),
                    (name: "sort", value: "desc"),
                ], isRemembered: true
            ) { requests in watermark.map { mark in requests.last.map { $0.updatedAt < mark } ?? true } ?? true })
    }

    func pullRequests(of commit: CommitID) async throws(ForgeError) -> [ForgePullRequest] {
        try snapshots(
            await session.list(MergeRequest.self, "\(projectPath)/repository/commits/\(commit.hex)/merge_requests"))
    }

    func open(_ request: NewPullRequest) async throws(ForgeError) -> ForgePullRequest {
        let response = try await session.exchange(
            .post, session.url("\(projectPath)/merge_requests"),
            body: [
                "source_branch": .string(request.branch.text), "target_branch": .string(request.target.text),
                "title": .string(request.title), "description": .string(request.body),
            ])
        guard let error = session.error(response) else { return try snapshot(session.decode(MergeRequest.self, response)) }
        if case .rejected(409, let words) = error { throw ForgeError.alreadyOpen(words) }
        throw error
    }

    func update(_ number: Int, title: String, body: String) async throws(ForgeError) {
        _ = try await session.call(
            .put, path(number), body: ["title": .string(title), "description": .string(body)])
    }

    func close(_ number: Int) async throws(ForgeError) {
        // Closing what is closed is refused.
        guard try await pullRequest(number).state == .open else { return }
        _ = try await session.call(.put, path(number), body: ["state_event": "close"])
    }

    func merge(
        _ number: Int, pinnedTo head: CommitID, _ message: MergeMessage
    ) async throws(ForgeError) -> ForgeMergeOutcome {
        let response = try await session.exchange(
            .put, session.url("\(path(number))/merge"),
            body: [
                "sha": .string(head.hex), "squash": false, "should_remove_source_branch": false,
                "merge_commit_message": .string("\(message.title)\n\n\(message.body)"),
            ])
        let words = ForgeSession.words(response) ?? "\(response.status)"
        switch response.status {
        case 200:
            let request = try session.decode(MergeRequest.self, response)
            return request.state == "merged" ? .merged : .scheduled
        // With a valid token, 401 says that its owner may not merge; without one, so did the reading before.
        case 401, 403, 404: return .notPermitted(words)
        case 405:
            let status = try await session.get(MergeRequest.self, path(number)).detailedMergeStatus
            return status == "conflict" || status == "broken_status"
                ? .conflict(words) : .notNow("\(words) (\(status ?? "unknown"))")
        case 406, 422: return .conflict(words)
        case 409: return .headMoved(words)
        default: throw ForgeError.rejected(status: response.status, words)
        }
    }

    // MARK: Talk

    func comment(on number: Int, marker: String, text: String) async throws(ForgeError) {
        let notes = try await session.list(Note.self, "\(path(number))/notes")
        let body: JSONBody = ["body": .string("\(marker)\n\(text)")]
        if let ours = notes.first(where: { !$0.system && $0.body.hasPrefix(marker) }) {
            _ = try await session.call(.put, "\(path(number))/notes/\(ours.id)", body: body)
        } else {
            _ = try await session.call(.post, "\(path(number))/notes", body: body)
        }
    }

    func decorate(_ number: Int, labels: [String], reviewers: [String]) async throws(ForgeError) {
        var ids: [Int] = []
        for login in reviewers {
            ids += try await session.get([User].self, "/users", [(name: "username", value: login)]).map(\.id)
        }
        var body: [String: JSONBody] = ["add_labels": .string(labels.joined(separator: ","))]
        if !ids.isEmpty { body["reviewer_ids"] = .array(ids.map(JSONBody.integer)) }
        _ = try await session.call(.put, path(number), body: .object(body))
    }

    // MARK: Evidence

    /// GitLab's approvals name no commit, and need not end with a push: one counts for the present head only where
    /// nothing was pushed after it was given.
    func reviews(of pullRequest: ForgePullRequest) async throws(ForgeError) -> [ForgeReview] {
        let approvals = try await session.get(Approvals.self, "\(path(pullRequest.number))/approvals")
        guard !approvals.approvedBy.isEmpty else { return [] }
        let notes = try await session.list(
            Note.self, "\(path(pullRequest.number))/notes", [(name: "activity_filter", value: "only_activity")])
        let pushes = notes.filter { $0.system && $0.body.hasPrefix("added ") && $0.body.contains("commit") }
        let lastPush = pushes.compactMap { Timestamp($0.createdAt) }.max()
        return approvals.approvedBy.map { approval in
            let at = approval.approvedAt.flatMap { Timestamp($0) }
            let isOfHead = lastPush.map { push in at.map { $0 > push } ?? false } ?? true
            return ForgeReview(
                id: "approval-\(approval.user.id)", reviewer: approval.user.account, verdict: .approved,
                commit: isOfHead ? pullRequest.head : nil,
                problem: isOfHead ? nil : "given before something was pushed to the branch", at: at)
        }
    }

    func statuses(of commit: CommitID) async throws(ForgeError) -> [ForgeStatus] {
        let statuses = try await session.list(Status.self, "\(projectPath)/repository/commits/\(commit.hex)/statuses")
        var latest: [String: Status] = [:]
        for status in statuses where status.id >= latest[status.name]?.id ?? 0 { latest[status.name] = status }
        return latest.values.sorted { $0.name < $1.name }.map { status in
            let state: ForgeStatus.State =
                switch status.status {
                case "success": .success
                case "failed", "canceled": .failure
                default: .pending
                }
            return ForgeStatus(
                name: status.name, state: state, detail: status.description ?? "", url: status.targetUrl)
        }
    }

    func report(_ status: ForgeStatus, on commit: CommitID, of branch: BranchName) async throws(ForgeError) {
        let word =
            switch status.state {
            case .pending: "pending"
            case .success: "success"
            case .failure: "failed"
            }
        var body: [String: JSONBody] = [
            "state": .string(word), "name": .string(status.name), "ref": .string(branch.text),
            "description": .string(String(status.detail.prefix(140))),
        ]
        if let url = status.url { body["target_url"] = .string(url) }
        let response = try await session.exchange(
            .post, session.url("\(projectPath)/statuses/\(commit.hex)"), body: .object(body), isRepeatable: true)
        guard let error = session.error(response) else { return }
        // It has that state already.
        if case .rejected(400, let words) = error, words.contains("Cannot transition status") { return }
        throw error
    }

    func protection(of branch: BranchName) async throws(ForgeError) -> BranchProtection {
        // The listing, as one that cannot be read says so, and a single one that is not found may only be hidden.
        let response = try await session.exchange(.get, session.url("\(projectPath)/protected_branches"))
        guard response.status == 200 else { return .unknown("\(session.place) does not show its protected branches") }
        let rules = try await session.list(ProtectedBranch.self, "\(projectPath)/protected_branches")
        let matching = rules.filter { Self.matches($0.name, branch.text) }
        guard !matching.isEmpty else { return .unprotected }
        return .protected(
            BranchProtection.Rules(
                requiredStatuses: nil, forbidsForcePush: matching.allSatisfy { $0.allowForcePush != true },
                dismissesStaleApprovals: nil))
    }

    /// `*` stands for any characters.
    private static func matches(_ pattern: String, _ name: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return pattern == name }
        guard name.hasPrefix(first), name.hasSuffix(last), name.count >= first.count + last.count else { return false }
        var rest = name.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }

    func repository() async throws(ForgeError) -> ForgeRepository {
        let response = try await session.call(.get, projectPath)
        let project = try session.decode(Project.self, response)
        return ForgeRepository(
            name: project.pathWithNamespace, defaultBranch: project.defaultBranch, isArchived: project.archived,
            time: response["Date"].flatMap(HTTPDate.timestamp), scopes: [])
    }

    func permission(of login: String) async throws(ForgeError) -> ForgePermission {
        let members = try await session.list(Member.self, "\(projectPath)/members/all", [("query", login)])
        let level = members.filter { $0.username.lowercased() == login.lowercased() }.map(\.accessLevel).max() ?? 0
        return switch level {
        case 40...: .administration
        case 30...: .write
        case 10...: .read
        default: .none
        }
    }

    // MARK: Reading

    private func snapshots(_ requests: [MergeRequest]) throws(ForgeError) -> [ForgePullRequest] {
        var result: [ForgePullRequest] = []
        for request in requests { result.append(try snapshot(request)) }
        return result
    }

    private func snapshot(_ request: MergeRequest) throws(ForgeError) -> ForgePullRequest {
        let state: ForgePullRequest.State
        switch request.state {
        // Locked is what it is while a merge is going on.
        case "opened", "locked": state = .open
        case "closed": state = .closed
        case "merged":
            let commit = request.mergeCommitSha ?? request.squashCommitSha ?? request.sha
            state = .merged(
                ForgePullRequest.Merge(
                    commit: commit.flatMap { CommitID($0) }, login: (request.mergeUser ?? request.mergedBy)?.username,
                    at: request.mergedAt.flatMap { Timestamp($0) }))
        default: throw ForgeError.malformed("\(session.place) tells of a merge request that is “\(request.state.displayable)”")
        }
        return ForgePullRequest(
            number: request.iid, url: request.webUrl, title: request.title, body: request.description ?? "",
            author: request.author.account, state: state, head: request.sha.flatMap { CommitID($0) },
            branch: request.sourceProjectId == request.targetProjectId ? request.sourceBranch : nil,
            target: request.targetBranch, isDraft: request.draft ?? false, updated: request.updatedAt)
    }

    // MARK: What it answers, as far as it is read

    private struct User: Decodable {
        let id: Int
        let username: String
        let bot: Bool?

        var account: ForgeAccount {
            // Tokens of projects and groups act as users with such names.
            let isToken = username.hasPrefix("project_") || username.hasPrefix("group_")
            return ForgeAccount(login: username, isBot: bot ?? (isToken && username.contains("_bot")))
        }
    }

    private struct MergeRequest: Decodable {
        let iid: Int
        let state: String
        let title: String
        let description: String?
        let webUrl: String
        let author: User
        let sha: String?
        let sourceBranch: String
        let targetBranch: String
        let sourceProjectId: Int?
        let targetProjectId: Int?
        let draft: Bool?
        let mergeUser: User?
        let mergedBy: User?
        let mergedAt: String?
        let mergeCommitSha: String?
        let squashCommitSha: String?
        let detailedMergeStatus: String?
        let updatedAt: String
    }

    private struct Approvals: Decodable {
        let approvedBy: [Approval]

        struct Approval: Decodable {
            let user: User
            let approvedAt: String?
        }
    }

    private struct Note: Decodable {
        let id: Int
        let body: String
        let system: Bool
        let createdAt: String
    }

    private struct Status: Decodable {
        let id: Int
        let name: String
        let status: String
        let description: String?
        let targetUrl: String?
    }

    private struct ProtectedBranch: Decodable {
        let name: String
        let allowForcePush: Bool?
    }

    private struct Member: Decodable {
        let username: String
        let accessLevel: Int
    }

    private struct Project: Decodable {
        let pathWithNamespace: String
        let defaultBranch: String?
        let archived: Bool
    }
}
