import Foundation
import PromoteTestSupport

struct GitLabDialect: Dialect {
    let contract: Contract
    let root = "/api/v4"
    let pageSize = (name: "per_page", standard: 20, most: 100)
    private let name: String

    init(repository: String) throws {
        contract = try Contract.gitlab.get()
        name = repository
    }

    func token(_ headers: [String: String]) -> String? {
        headers["private-token"] ?? headers["job-token"]
            ?? headers["authorization"].flatMap { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil }
    }

    func problem(with headers: [String: String]) -> String? { nil }

    static func id(_ login: String) -> Int { login.utf8.reduce(7) { ($0 * 31 + Int($1)) % 100_000 } }

    private func user(_ login: String) -> JSON { ["username": .string(login), "id": .int(Self.id(login))] }

    private func json(_ pull: HostedRepository.Pull) -> JSON {
        [
            "iid": .int(pull.number), "id": .int(pull.number + 1000),
            "state": .string(pull.isOpen ? "opened" : pull.merge == nil ? "closed" : "merged"),
            "title": .string(pull.title), "description": .string(pull.body), "author": user(pull.author),
            "draft": .bool(pull.title.hasPrefix("Draft:")), "work_in_progress": .bool(pull.title.hasPrefix("Draft:")),
            "updated_at": .string(pull.updated),
            "web_url": .string("https://forge.example/\(name)/-/merge_requests/\(pull.number)"),
            "sha": .string(pull.head), "source_branch": .string(pull.source), "target_branch": .string(pull.target),
            "source_project_id": 1, "target_project_id": 1, "project_id": 1, "detailed_merge_status": "mergeable",
            "merge_status": "can_be_merged", "has_conflicts": false,
            "merged_at": pull.merge.map { .string($0.at) } ?? .null, "merge_user": pull.merge.map { user($0.by) } ?? .null,
            "merged_by": pull.merge.map { user($0.by) } ?? .null,
            "merge_commit_sha": pull.merge.map { .string($0.commit) } ?? .null, "squash_commit_sha": .null,
            "labels": .array(pull.labels.map(JSON.string)),
        ]
    }

    func answer(_ call: Call, _ repository: HostedRepository, _ rules: ForgeServer.Rules) throws -> Reply {
        let path = call.operation.replacingOccurrences(of: "/projects/{id}", with: "P").replacingOccurrences(
            of: "P/merge_requests/{merge_request_iid}", with: "M"
        ).replacingOccurrences(of: "P/merge_requests/{noteable_id}", with: "M")
        let number = call.number("merge_request_iid") + call.number("noteable_id")
        if call.parameters["id"].map({ $0 != name }) ?? false { return .refused(404, "404 Project Not Found") }
        switch "\(call.method) \(path)" {
        case "GET /user": return .ok(user(call.user))
        case "GET /users":
            let login = call.query["username"] ?? ""
            return .list(rules.users.contains(login) ? [user(login)] : [])
        case "GET P":
            return .ok(["path_with_namespace": .string(name), "default_branch": "main", "archived": false])
        case "GET P/merge_requests":
            var pulls = repository.pulls
            switch call.query["state"] ?? "all" {
            case "opened": pulls = pulls.filter(\.isOpen)
            case "closed": pulls = pulls.filter { !$0.isOpen && $0.merge == nil }
            case "merged": pulls = pulls.filter { $0.merge != nil }
            default: break
            }
            if let branch = call.query["source_branch"] { pulls = pulls.filter { $0.source == branch } }
            if let branch = call.query["target_branch"] { pulls = pulls.filter { $0.target == branch } }
            if call.query["order_by"] == "updated_at" {
                pulls.sort { ($0.updated, $0.number) > ($1.updated, $1.number) }
            } else {
                pulls.reverse()
            }
            return .list(pulls.map(json))
        case "POST P/merge_requests":
            let (head, base) = (call.body["source_branch"]?.text ?? "", call.body["target_branch"]?.text ?? "")
            if let open = repository.openPull(from: head, into: base) {
                return Reply(
                    status: 409,
                    body: [
                        "message": [.string("Another open merge request already exists for this source branch: !\(open.number)")]
                    ])
            }
            guard
                let pull = repository.open(
                    from: head, into: base, title: call.body["title"]?.text ?? "",
                    body: call.body["description"]?.text ?? "", by: call.user)
            else { return .refused(422, "the branches do not differ") }
            return .created(json(pull))
        case "GET M": return repository.pull(number).map { .ok(json($0)) } ?? .missing
        case "PUT M":
            guard let pull = repository.pull(number) else { return .missing }
            if call.body["state_event"]?.text == "close", !pull.isOpen { return .refused(400, "cannot close") }
            repository.change(number) { pull in
                if let title = call.body["title"]?.text { pull.title = title }
                if let body = call.body["description"]?.text { pull.body = body }
                if let labels = call.body["add_labels"]?.text { pull.labels = labels.split(separator: ",").map(String.init) }
                if call.body["state_event"]?.text == "close" { pull.state = .closed }
            }
            return repository.pull(number).map { .ok(json($0)) } ?? .missing
        case "PUT M/merge":
            guard let pull = repository.pull(number) else { return .missing }
            if call.body["merge_commit_message"]?.text == "" { return .refused(422, "merge_commit_message is empty") }
            guard pull.isOpen, !pull.title.hasPrefix("Draft:"), pull.isBlocked(rules, repository.statuses) == nil else {
                return .refused(405, "405 Method Not Allowed")
            }
            let method: HostedRepository.MergeMethod = call.body["squash"]?.flag == true ? .squash : .merge
            switch try repository.merge(
                number, method, pin: call.body["sha"]?.text, title: call.body["merge_commit_message"]?.text ?? "Merge",
                by: call.user)
            {
            case .merged: return repository.pull(number).map { .ok(json($0)) } ?? .missing
            case .headMoved: return .refused(409, "SHA does not match HEAD of source branch: \(pull.head)")
            case .conflict: return .refused(422, "Branch cannot be merged")
            }
        case "GET M/approvals":
            guard let pull = repository.pull(number) else { return .missing }
            var approved: [String: String] = [:]
            for review in pull.reviews where review.verdict == .approved && !review.isDismissed {
                approved[review.author] = review.at
            }
            return .ok([
                "user_has_approved": false, "user_can_approve": true, "approved": .bool(!approved.isEmpty),
                "approved_by": .array(
                    approved.sorted { $0.key < $1.key }.map { ["user": user($0.key), "approved_at": .string($0.value)] }),
            ])
        case "GET M/notes":
            guard let pull = repository.pull(number) else { return .missing }
            let pushes: [JSON] = pull.pushes.enumerated().map { index, at in
                [
                    "id": .int(5000 + index), "body": "added 1 commit", "system": true, "author": user("pusher"),
                    "created_at": .string(at),
                ]
            }
            let comments = call.query["activity_filter"] == "only_activity" ? [] : pull.comments.map(note)
            return .list(pushes + comments)
        case "POST M/notes":
            guard repository.pull(number) != nil else { return .missing }
            return .created(note(repository.comment(number, by: call.user, call.body["body"]?.text ?? "")))
        case "PUT M/notes/{note_id}":
            guard let pull = repository.pull(number),
                let index = pull.comments.firstIndex(where: { $0.id == call.number("note_id") })
            else { return .missing }
            repository.change(number) { $0.comments[index].body = call.body["body"]?.text ?? "" }
            return .ok(note(pull.comments[index]))
        case "POST P/statuses/{sha}":
            let (sha, name) = (call.parameters["sha"] ?? "", call.body["name"]?.text ?? call.body["context"]?.text ?? "default")
            let state = call.body["state"]?.text ?? ""
            if repository.statuses.last(where: { $0.commit == sha && $0.context == name })?.state == state, state == "pending" {
                return .refused(
                    400,
                    "Cannot transition status via :enqueue from :pending (Reason(s): Status cannot transition via \"enqueue\")")
            }
            let status = repository.report(name, state, call.body["description"]?.text ?? "", on: sha, by: call.user)
            return .created(self.status(status))
        case "GET P/repository/commits/{sha}/statuses":
            return .list(repository.statuses.filter { $0.commit == call.parameters["sha"] }.map(status))
        case "GET P/repository/commits/{sha}/merge_requests":
            let sha = call.parameters["sha"]
            return .list(repository.pulls.filter { $0.head == sha || $0.merge?.commit == sha }.map(json))
        case "GET P/protected_branches": return .list([])
        case "GET P/members/all":
            let login = call.query["query"] ?? ""
            return .list([
                ["username": .string(login), "access_level": .int(rules.readers.contains(login) ? 20 : 30)],
                ["username": .string(login + "-bot"), "access_level": .int(50)],
            ])
        default:
            if let reply = deploymentReply(to: call, path, repository) { return reply }
            throw Contract.Violation("the server does not know \(call.method) \(call.operation)")
        }
    }

    private func note(_ comment: HostedRepository.Comment) -> JSON {
        [
            "id": .int(comment.id), "body": .string(comment.body), "author": user(comment.author), "system": false,
            "created_at": "2026-01-01T00:00:00Z",
        ]
    }

    private func status(_ status: HostedRepository.Status) -> JSON {
        [
            "id": .int(status.id), "name": .string(status.context), "status": .string(status.state),
            "sha": .string(status.commit),
            "description": .string(status.description), "ref": "",
        ]
    }
}
