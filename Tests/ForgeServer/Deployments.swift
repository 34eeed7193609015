import PromoteTestSupport

/// What a forge was told to run somewhere.
public struct HostedDeployment: Sendable {
    public let id: Int
    public let environment: String
    public let commit: String
    /// As the forge names states, the oldest first.
    public internal(set) var states: [String] = []
    /// GitHub keeps it with the deployment, GitLab with the environment.
    public internal(set) var description: String
    public internal(set) var link: String?
    let ref: String
    let task: String
    let payload: JSON
}

extension ForgeServer {
    /// What it was told of environments, the oldest first.
    public var deployments: [HostedDeployment] { withRepository { $0.deployments } }
}

extension GitHubDialect {
    /// Nil for what is not about deployments.
    func deploymentReply(to call: Call, _ path: String, _ repository: HostedRepository) -> Reply? {
        switch "\(call.method) \(path)" {
        case "GET R/deployments":
            return .list(
                repository.deployments.reversed().filter { deployment in
                    deployment.environment == call.query["environment"] ?? deployment.environment
                        && deployment.task == call.query["task"] ?? deployment.task
                }.map(json))
        case "POST R/deployments":
            let ref = call.body["ref"]?.text ?? ""
            guard let commit = repository.head(of: ref) ?? repository.commit(ref) else {
                return .refused(422, "No ref found for: \(ref)")
            }
            let deployment = repository.deploy(
                HostedDeployment(
                    id: repository.nextID(), environment: call.body["environment"]?.text ?? "production", commit: commit,
                    description: call.body["description"]?.text ?? "", ref: ref, task: call.body["task"]?.text ?? "deploy",
                    payload: call.body["payload"] ?? .object([:])))
            return .created(json(deployment))
        case "GET R/deployments/{deployment_id}/statuses":
            guard let deployment = repository.deployment(call.number("deployment_id")) else { return .missing }
            return .list(deployment.states.reversed().map { status($0, of: deployment) })
        case "POST R/deployments/{deployment_id}/statuses":
            let state = call.body["state"]?.text ?? ""
            let changed = repository.change(deployment: call.number("deployment_id")) { deployment in
                deployment.states.append(state)
                deployment.link = call.body["log_url"]?.text ?? deployment.link
            }
            return changed.map { .created(status(state, of: $0)) } ?? .missing
        default: return nil
        }
    }

    private func json(_ deployment: HostedDeployment) -> JSON {
        [
            "id": .int(deployment.id), "sha": .string(deployment.commit), "ref": .string(deployment.ref),
            "task": .string(deployment.task), "payload": deployment.payload, "environment": .string(deployment.environment),
            "description": .string(deployment.description),
        ]
    }

    private func status(_ state: String, of deployment: HostedDeployment) -> JSON {
        ["id": .int(deployment.id * 100), "state": .string(state), "description": .string(deployment.description)]
    }
}

extension GitLabDialect {
    /// Nil for what is not about deployments.
    func deploymentReply(to call: Call, _ path: String, _ repository: HostedRepository) -> Reply? {
        switch "\(call.method) \(path)" {
        case "GET P/deployments":
            let found = repository.deployments.filter { $0.environment == call.query["environment"] ?? $0.environment }
            return .list((call.query["sort"] == "desc" ? found.reversed() : found).map { json($0, repository) })
        case "POST P/deployments":
            let sha = call.body["sha"]?.text ?? ""
            guard let commit = repository.commit(sha) else { return .refused(400, "sha: The commit does not exist") }
            guard let ref = call.body["ref"]?.text, repository.head(of: ref) != nil else {
                return .refused(400, "ref: The branch or tag does not exist")
            }
            let deployment = repository.deploy(
                HostedDeployment(
                    id: repository.nextID(), environment: call.body["environment"]?.text ?? "", commit: commit,
                    states: [call.body["status"]?.text ?? ""], description: "", ref: ref, task: "", payload: .null))
            return .created(json(deployment, repository))
        case "PUT P/deployments/{deployment_id}":
            let status = call.body["status"]?.text ?? ""
            let id = call.number("deployment_id")
            guard let present = repository.deployment(id) else { return .missing }
            // A state machine that knows no way from a state to itself.
            guard present.states.last != status, status != "running" else {
                return .refused(400, "status: cannot transition via \(status)")
            }
            let changed = repository.change(deployment: id) { $0.states.append(status) }
            return changed.map { .ok(json($0, repository)) } ?? .missing
        case "GET P/environments":
            let names = Set(repository.deployments.map(\.environment)).filter { $0 == call.query["name"] ?? $0 }
            return .list(names.sorted().map { environment($0, repository) })
        case "PUT P/environments/{environment_id}":
            let id = call.number("environment_id")
            guard let last = repository.deployments.last(where: { Self.id($0.environment) == id }) else { return .missing }
            let changed = repository.change(deployment: last.id) { deployment in
                deployment.description = call.body["description"]?.text ?? deployment.description
            }
            return changed.map { .ok(environment($0.environment, repository)) } ?? .missing
        default: return nil
        }
    }

    private func environment(_ name: String, _ repository: HostedRepository) -> JSON {
        let description = repository.deployments.last { $0.environment == name }?.description ?? ""
        return ["id": .int(Self.id(name)), "name": .string(name), "state": "available", "description": .string(description)]
    }

    private func json(_ deployment: HostedDeployment, _ repository: HostedRepository) -> JSON {
        [
            "id": .int(deployment.id), "iid": .int(deployment.id), "ref": .string(deployment.ref),
            "sha": .string(deployment.commit), "status": .string(deployment.states.last ?? "created"),
            "environment": environment(deployment.environment, repository),
        ]
    }
}
