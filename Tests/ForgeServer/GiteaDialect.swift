import Foundation
import PromoteTestSupport

struct GiteaDialect: Dialect {
    let contract: Contract
    let root = "/api/v1"
    let pageSize = (name: "limit", standard: 30, most: 50)
    private let name: String

    init(repository: String) throws {
        contract = try Contract.gitea.get()
        name = repository
    }

    func token(_ headers: [String: String]) -> String? {
        guard let value = headers["authorization"] else { return nil }
        for prefix in ["token ", "Bearer "] where value.hasPrefix(prefix) { return String(value.dropFirst(prefix.count)) }
        return nil
    }

    func problem(with headers: [String: String]) -> String? { nil }

    private func user(_ login: String) -> JSON { ["login": .string(login), "id": .int(abs(login.hashValue % 10_000))] }

    private func json(_ pull: HostedRepository.Pull) -> JSON {
        [
            "number": .int(pull.number), "state": pull.isOpen ? "open" : "closed", "title": .string(pull.title),
            "body": .string(pull.body), "user": user(pull.author), "draft": .bool(pull.title.hasPrefix("WIP:")),
            "updated_at": .string(pull.updated), "html_url": .string("https://forge.example/\(name)/pulls/\(pull.number)"),
            "head": [
                "ref": .string(pull.source), "sha": .string(pull.head), "label": .string(pull.source), "repo_id": 1,
                "repo": .null,
            ],
            "base": ["ref": .string(pull.target), "sha": "", "label": .string(pull.target), "repo_id": 1, "repo": .null],
            "merged": .bool(pull.merge != nil), "mergeable": .bool(true),
            "merged_at": pull.merge.map { .string($0.at) } ?? .null, "merged_by": pull.merge.map { user($0.by) } ?? .null,
            "merge_commit_sha": pull.merge.map { .string($0.commit) } ?? .null,
        ]
    }

    func answer(_ call: Call, _ repository: HostedRepository, _ rules: ForgeServer.Rules) throws -> Reply {
        let path = call.operation.replacingOccurrences(of: "/repos/{owner}/{repo}", with: "R")
        let number = call.number("index")
        switch "\(call.method) \(path)" {
        case "GET /user": return .ok(user(call.user))
        case "GET R": return .ok(["full_name": .string(name), "default_branch": "main", "archived": false])
        case "GET R/pulls":
            var pulls = repository.pulls
            switch call.query["state"] ?? "open" {
            case "open": pulls = pulls.filter(\.isOpen)
            case "closed": pulls = pulls.filter { !$0.isOpen }
            default: break
            }
            if call.query["sort"] == "recentupdate" {
                pulls.sort { ($0.updated, $0.number) > ($1.updated, $1.number) }
            } else {
                pulls.reverse()
            }
            return .list(pulls.map(json))
        case "POST R/pulls":
            let (head, base) = (call.body["head"]?.text ?? "", call.body["base"]?.text ?? "")
            if let open = repository.openPull(from: head, into: base) {
                return .refused(
                    409,
                    "pull request already exists for these targets [id: \(open.number), issue_id: \(open.number), head_repo_id: 1, base_repo_id: 1, head_branch: \(head), base_branch: \(base)]"
                )
            }
            guard
                let pull = repository.open(
                    from: head, into: base, title: call.body["title"]?.text ?? "", body: call.body["body"]?.text ?? "",
                    by: call.user)
            else { return .refused(422, "Invalid PullRequest: There are no changes between the head and the base") }
            return .created(json(pull))
        case "GET R/pulls/{index}": return repository.pull(number).map { .ok(json($0)) } ?? .missing
        case "PATCH R/pulls/{index}":
            guard let pull = repository.pull(number) else { return .missing }
            if call.body["state"] != nil, pull.merge != nil {
                return .refused(412, "cannot change the state of a merged pull request")
            }
            repository.change(number) { pull in
                if let title = call.body["title"]?.text { pull.title = title }
                if let body = call.body["body"]?.text { pull.body = body }
                if call.body["state"]?.text == "closed" { pull.state = .closed }
            }
            return repository.pull(number).map { .created(json($0)) } ?? .missing
        case "POST R/pulls/{index}/merge":
            guard let pull = repository.pull(number) else { return .missing }
            if pull.merge != nil { return .refused(405, "The PR is already merged") }
            guard pull.isOpen else { return .missing }
            if pull.title.hasPrefix("WIP:") { return .refused(405, "Work in progress PRs cannot be merged") }
            if pull.isBlocked(rules, repository.statuses) != nil {
                return .refused(405, "Not all required status checks successful")
            }
            let style = call.body["Do"]?.text ?? call.body["do"]?.text ?? ""
            let method: HostedRepository.MergeMethod = style == "squash" ? .squash : style == "rebase" ? .rebase : .merge
            guard rules.mergeMethods.contains(method.rawValue) else {
                return .refused(405, "\(style) is not allowed an allowed merge style for this repository")
            }
            switch try repository.merge(
                number, method, pin: call.body["head_commit_id"]?.text, title: call.body["MergeTitleField"]?.text ?? "Merge",
                by: call.user)
            {
            case .merged: return Reply(status: 200, body: nil)
            case .headMoved: return .refused(409, "head out of date")
            case .conflict: return .refused(405, "Please try again later")
            }
        case "GET R/pulls/{index}/reviews":
            guard let pull = repository.pull(number) else { return .missing }
            return .list(
                pull.reviews.map { review in
                    let state =
                        review.verdict == .approved
                        ? "APPROVED" : review.verdict == .changesRequested ? "REQUEST_CHANGES" : "COMMENT"
                    return [
                        "id": .int(review.id), "user": user(review.author), "state": .string(state),
                        "commit_id": .string(review.commit), "submitted_at": .string(review.at), "official": true,
                        "stale": .bool(review.commit != pull.head), "dismissed": .bool(review.isDismissed),
                    ]
                })
        case "GET R/issues/{index}/comments":
            guard let pull = repository.pull(number) else { return .missing }
            return .ok(.array(pull.comments.map(comment)))
        case "POST R/issues/{index}/comments":
            guard repository.pull(number) != nil else { return .missing }
            return .created(comment(repository.comment(number, by: call.user, call.body["body"]?.text ?? "")))
        case "PATCH R/issues/comments/{id}":
            let id = call.number("id")
            for pull in repository.pulls {
                guard let index = pull.comments.firstIndex(where: { $0.id == id }) else { continue }
                repository.change(pull.number) { $0.comments[index].body = call.body["body"]?.text ?? "" }
                return .ok(comment(pull.comments[index]))
            }
            return .missing
        case "GET R/labels": return .list(repository.labels.map { ["id": .int($0.id), "name": .string($0.name)] })
        case "POST R/labels":
            let id = repository.label(named: call.body["name"]?.text ?? "")
            return .created(["id": .int(id), "name": call.body["name"] ?? ""])
        case "POST R/issues/{index}/labels":
            let ids = (call.body["labels"]?.list ?? []).compactMap(\.integer)
            let names = repository.labels.filter { ids.contains($0.id) }
            repository.change(number) { $0.labels = names.map(\.name) }
            return .ok(.array(names.map { ["id": .int($0.id), "name": .string($0.name)] }))
        case "POST R/statuses/{sha}":
            let status = repository.report(
                call.body["context"]?.text ?? "default", call.body["state"]?.text ?? "",
                call.body["description"]?.text ?? "", on: call.parameters["sha"] ?? "", by: call.user)
            return .created(self.status(status))
        case "GET R/commits/{ref}/statuses":
            return .list(repository.statuses.filter { $0.commit == call.parameters["ref"] }.reversed().map(status))
        case "GET R/commits/{sha}/pull":
            let sha = call.parameters["sha"]
            let pull = repository.pulls.first { $0.head == sha || $0.merge?.commit == sha }
            return pull.map { .ok(json($0)) } ?? .missing
        case "GET R/branch_protections": return .ok([])
        case "GET R/collaborators/{collaborator}/permission":
            let permission: JSON = rules.readers.contains(call.parameters["collaborator"] ?? "") ? "read" : "write"
            return .ok(["permission": permission, "role_name": permission, "user": .null])
        case "GET R/branches/{branch}":
            return .ok(["name": .string(call.parameters["branch"] ?? ""), "protected": false, "enable_status_check": false])
        default: throw Contract.Violation("the server does not know \(call.method) \(call.operation)")
        }
    }

    private func comment(_ comment: HostedRepository.Comment) -> JSON {
        ["id": .int(comment.id), "body": .string(comment.body), "user": user(comment.author)]
    }

    private func status(_ status: HostedRepository.Status) -> JSON {
        [
            "id": .int(status.id), "context": .string(status.context), "status": .string(status.state),
            "description": .string(status.description), "target_url": "",
        ]
    }
}
