import Foundation
import PromoteTestSupport

struct GitHubDialect: Dialect {
    let contract: Contract
    let root = ""
    let pageSize = (name: "per_page", standard: 30, most: 100)
    private let name: String

    init(repository: String) throws {
        contract = try Contract.github.get()
        name = repository
    }

    func token(_ headers: [String: String]) -> String? {
        guard let value = headers["authorization"] else { return nil }
        for prefix in ["Bearer ", "token "] where value.hasPrefix(prefix) {
            let token = String(value.dropFirst(prefix.count))
            // A token of three parts is one that an App signed itself.
            return token.split(separator: ".").count == 3 ? "signed by the app" : token
        }
        return nil
    }

    func problem(with headers: [String: String]) -> String? {
        if headers["user-agent"]?.isEmpty != false { return "there is no User-Agent" }
        return headers["x-github-api-version"] == "2022-11-28" ? nil : "X-GitHub-Api-Version is not 2022-11-28"
    }

    private func user(_ login: String) -> JSON {
        [
            "login": .string(login), "type": .string(login.hasSuffix("[bot]") ? "Bot" : "User"),
            "id": .int(abs(login.hashValue % 10_000)),
        ]
    }

    private func json(_ pull: HostedRepository.Pull, isListed: Bool = false) -> JSON {
        let repository: JSON = ["full_name": .string(name)]
        let owner = name.split(separator: "/")[0]
        var members: [String: JSON] = [
            "number": .int(pull.number), "state": pull.isOpen ? "open" : "closed", "title": .string(pull.title),
            "body": .string(pull.body), "user": user(pull.author), "draft": false, "updated_at": .string(pull.updated),
            "html_url": .string("https://forge.example/\(name)/pull/\(pull.number)"),
            "head": [
                "ref": .string(pull.source), "sha": .string(pull.head), "label": .string("\(owner):\(pull.source)"),
                "repo": repository, "user": user(String(owner)),
            ],
            "base": [
                "ref": .string(pull.target), "label": .string("\(owner):\(pull.target)"), "repo": repository,
                "user": user(String(owner)),
            ],
            "merged_at": pull.merge.map { .string($0.at) } ?? .null,
            "merge_commit_sha": pull.merge.map { .string($0.commit) } ?? .null,
        ]
        if !isListed {
            members["merged"] = .bool(pull.merge != nil)
            members["merged_by"] = pull.merge.map { user($0.by) } ?? .null
            members["mergeable"] = .bool(true)
        }
        return .object(members)
    }

    func answer(_ call: Call, _ repository: HostedRepository, _ rules: ForgeServer.Rules) throws -> Reply {
        let path = call.operation.replacingOccurrences(of: "/repos/{owner}/{repo}", with: "R")
        let number = call.number("pull_number") + call.number("issue_number")
        switch "\(call.method) \(path)" {
        case "GET /user":
            return call.user.hasSuffix("[bot]") ? .refused(403, "Resource not accessible by integration") : .ok(user(call.user))
        case "GET R/installation":
            return call.user == "app" ? .ok(["id": 77]) : .refused(401, "A JSON web token could not be decoded")
        case "POST /app/installations/{installation_id}/access_tokens":
            guard call.user == "app", call.number("installation_id") == 77 else { return .missing }
            return .created(["token": "ghs_of-the-app", "expires_at": "2030-01-01T00:00:00Z"])
        case "POST R/check-runs", "PATCH R/check-runs/{check_run_id}":
            guard call.user.hasSuffix("[bot]") else { return .refused(403, "You must authenticate via a GitHub App.") }
            let name = call.body["name"]?.text ?? "promote/gate report"
            let sha = call.body["head_sha"]?.text ?? ""
            let run = repository.checkRun(
                call.method == "POST" ? nil : call.number("check_run_id"), name, on: sha,
                summary: call.body["output"]?["summary"]?.text ?? "", conclusion: call.body["conclusion"]?.text)
            return Reply(status: call.method == "POST" ? 201 : 200, body: self.run(run))
        case "GET R":
            return .ok(["full_name": .string(name), "default_branch": "main", "archived": false])
        case "GET R/pulls":
            var pulls = repository.pulls
            switch call.query["state"] ?? "open" {
            case "open": pulls = pulls.filter(\.isOpen)
            case "closed": pulls = pulls.filter { !$0.isOpen }
            default: break
            }
            if let head = call.query["head"], head.contains(":") {
                pulls = pulls.filter { "\(name.split(separator: "/")[0]):\($0.source)" == head }
            }
            if let base = call.query["base"] { pulls = pulls.filter { $0.target == base } }
            if call.query["sort"] == "updated" { pulls.sort { $0.updated < $1.updated } }
            if call.query["direction"] ?? "desc" == "desc" { pulls.reverse() }
            return .list(pulls.map { json($0, isListed: true) })
        case "POST R/pulls":
            let (head, base) = (call.body["head"]?.text ?? "", call.body["base"]?.text ?? "")
            if repository.openPull(from: head, into: base) != nil {
                let owner = name.split(separator: "/")[0]
                return Reply(
                    status: 422,
                    body: [
                        "message": "Validation Failed",
                        "errors": [
                            [
                                "resource": "PullRequest", "code": "custom",
                                "message": .string("A pull request already exists for \(owner):\(head)."),
                            ]
                        ],
                    ])
            }
            guard
                let pull = repository.open(
                    from: head, into: base, title: call.body["title"]?.text ?? "", body: call.body["body"]?.text ?? "",
                    by: call.user)
            else { return .refused(422, "Validation Failed") }
            return .created(json(pull))
        case "GET R/pulls/{pull_number}": return repository.pull(number).map { .ok(json($0)) } ?? .missing
        case "PATCH R/pulls/{pull_number}":
            guard repository.pull(number) != nil else { return .missing }
            repository.change(number) { pull in
                if let title = call.body["title"]?.text { pull.title = title }
                if let body = call.body["body"]?.text { pull.body = body }
                if call.body["state"]?.text == "closed", pull.isOpen { pull.state = .closed }
            }
            return repository.pull(number).map { .ok(json($0)) } ?? .missing
        case "PUT R/pulls/{pull_number}/merge":
            guard let pull = repository.pull(number) else { return .missing }
            guard pull.isOpen else { return .refused(405, "Pull Request is not mergeable") }
            if let context = pull.isBlocked(rules, repository.statuses) {
                return .refused(405, "Required status check \"\(context)\" is expected.")
            }
            guard let method = HostedRepository.MergeMethod(rawValue: call.body["merge_method"]?.text ?? "merge") else {
                return .missing
            }
            guard rules.mergeMethods.contains(method.rawValue) else {
                return .refused(405, "\(method.rawValue.capitalized) commits are not allowed on this repository.")
            }
            switch try repository.merge(
                number, method, pin: call.body["sha"]?.text, title: call.body["commit_title"]?.text ?? "Merge", by: call.user)
            {
            case .merged(let commit):
                return .ok(["sha": .string(commit), "merged": true, "message": "Pull Request successfully merged"])
            case .headMoved: return .refused(409, "Head branch was modified. Review and try the merge again.")
            case .conflict: return .refused(405, "Pull Request is not mergeable")
            }
        case "GET R/pulls/{pull_number}/reviews":
            guard let pull = repository.pull(number) else { return .missing }
            return .list(
                pull.reviews.map { review in
                    let state =
                        review.isDismissed
                        ? "DISMISSED"
                        : review.verdict == .approved
                            ? "APPROVED" : review.verdict == .changesRequested ? "CHANGES_REQUESTED" : "COMMENTED"
                    return [
                        "id": .int(review.id), "user": user(review.author), "state": .string(state),
                        "commit_id": .string(review.commit), "submitted_at": .string(review.at),
                    ]
                })
        case "GET R/issues/{issue_number}/comments":
            guard let pull = repository.pull(number) else { return .missing }
            return .list(pull.comments.map(comment))
        case "POST R/issues/{issue_number}/comments":
            guard repository.pull(number) != nil else { return .missing }
            return .created(comment(repository.comment(number, by: call.user, call.body["body"]?.text ?? "")))
        case "PATCH R/issues/comments/{comment_id}":
            return try edit(call, repository)
        case "POST R/issues/{issue_number}/labels":
            let names = (call.body["labels"]?.list ?? []).compactMap(\.text)
            repository.change(number) { $0.labels = Array(Set($0.labels + names)) }
            return .ok(.array(names.map { ["name": .string($0)] }))
        case "POST R/pulls/{pull_number}/requested_reviewers":
            repository.change(number) { $0.reviewers += (call.body["reviewers"]?.list ?? []).compactMap(\.text) }
            return repository.pull(number).map { .created(json($0, isListed: true)) } ?? .missing
        case "POST R/statuses/{sha}":
            let status = repository.report(
                call.body["context"]?.text ?? "default", call.body["state"]?.text ?? "",
                call.body["description"]?.text ?? "", on: call.parameters["sha"] ?? "", by: call.user)
            return .created(self.status(status))
        case "GET R/commits/{ref}/statuses":
            return .list(repository.statuses.filter { $0.commit == call.parameters["ref"] }.reversed().map(status))
        case "GET R/commits/{ref}/check-runs":
            let runs = repository.checkRuns.filter {
                $0.commit == call.parameters["ref"] && $0.name == call.query["check_name"] ?? $0.name
            }
            return .ok(["total_count": .int(runs.count), "check_runs": .array(runs.map(run))])
        case "GET R/commits/{commit_sha}/pulls":
            return .list(
                repository.pulls.filter {
                    $0.head == call.parameters["commit_sha"] || $0.merge?.commit == call.parameters["commit_sha"]
                }
                .map { json($0, isListed: true) })
        case "GET R/rules/branches/{branch}": return .list([])
        case "GET R/branches/{branch}/protection":
            return rules.showsProtection ? .refused(404, "Branch not protected") : .missing
        case "GET R/collaborators/{username}/permission":
            let permission: JSON = rules.readers.contains(call.parameters["username"] ?? "") ? "read" : "write"
            return .ok(["permission": permission, "role_name": permission, "user": .null])
        default:
            if let reply = deploymentReply(to: call, path, repository) { return reply }
            throw Contract.Violation("the server does not know \(call.method) \(call.operation)")
        }
    }

    private func edit(_ call: Call, _ repository: HostedRepository) throws -> Reply {
        let id = call.number("comment_id")
        for pull in repository.pulls {
            guard let index = pull.comments.firstIndex(where: { $0.id == id }) else { continue }
            repository.change(pull.number) { $0.comments[index].body = call.body["body"]?.text ?? "" }
            return .ok(comment(pull.comments[index]))
        }
        return .missing
    }

    private func run(_ run: HostedRepository.CheckRun) -> JSON {
        [
            "id": .int(run.id), "name": .string(run.name), "head_sha": .string(run.commit),
            "status": run.conclusion == nil ? "in_progress" : "completed", "conclusion": run.conclusion.map(JSON.string) ?? .null,
        ]
    }

    private func comment(_ comment: HostedRepository.Comment) -> JSON {
        ["id": .int(comment.id), "body": .string(comment.body), "user": user(comment.author)]
    }

    private func status(_ status: HostedRepository.Status) -> JSON {
        [
            "id": .int(status.id), "context": .string(status.context), "state": .string(status.state),
            "description": .string(status.description),
        ]
    }
}
