import GitOpsTypes
import PromotionDomain
import YAMLEditing

extension PolicyAssembly {
    func environments(_ teams: Teams) throws(ConfigurationError) -> [Environment] {
        var environments: [(document: ConfigurationDocuments.Document, environment: Environment, sources: [YAMLNode])] = []
        let names = Set(documents[.environment].map(\.name))
        for document in documents[.environment] {
            let (environment, sources) = try environment(document, teams, among: names)
            environments.append((document, environment, sources))
        }
        // Every environment after those it takes releases from; what is left over is a circle.
        var sorted: [Environment] = []
        var rest = environments.sorted { $0.environment.name < $1.environment.name }
        while !rest.isEmpty {
            guard
                let index = rest.firstIndex(where: { candidate in
                    candidate.environment.source.environments.allSatisfy { source in sorted.contains { $0.name == source } }
                })
            else {
                let circle = circle(through: rest.map(\.environment))
                let first = rest.first { $0.environment.name == circle.first } ?? rest[0]
                throw first.document.decoder.error(
                    "environments promote from each other in a circle: \(circle.map(\.text).joined(separator: " ← "))",
                    first.sources.first ?? first.document.nameNode, hint: "one of them takes releases from [build]")
            }
            sorted.append(rest.remove(at: index).environment)
        }
        return sorted
    }

    /// A circle among environments none of which can come first.
    private func circle(through environments: [Environment]) -> [EnvironmentName] {
        var path = [environments[0].name]
        while true {
            guard let current = environments.first(where: { $0.name == path[path.count - 1] }),
                let next = current.source.environments.first(where: { name in environments.contains { $0.name == name } })
            else { return path }
            if let start = path.firstIndex(of: next) { return Array(path[start...]) + [next] }
            path.append(next)
        }
    }

    private func environment(
        _ document: ConfigurationDocuments.Document, _ teams: Teams, among names: Set<String>
    ) throws(ConfigurationError) -> (Environment, sources: [YAMLNode]) {
        let decoder = document.decoder
        let name = try decoder.value(document.nameNode, "the environment's name", EnvironmentName.self)
        guard !PolicyLoader.commandNames.contains(name.text) else {
            throw decoder.error(
                "“\(name)” is a command of promote and cannot name an environment", document.nameNode,
                hint: "choose another name, such as \(name)-env")
        }
        let fields = try decoder.fields(
            document.spec, "an Environment's spec",
            [
                "promotesFrom", "require", "delivery", "soak", "approvals", "promoters", "mergers", "operators", "verifiers",
                "rollback", "windows", "gates", "autoPromote", "provenance", "merge", "emergency",
                "unrendered",
            ])
        let automation = Automation(
            promotes: try fields["autoPromote"].map { node throws(ConfigurationError) in try decoder.bool(node, "autoPromote") }
                ?? false,
            merges: try fields["merge"].map { node throws(ConfigurationError) in try decoder.choice(node, "merge", MergeMode.self)
            }
                == .auto)
        let (source, sources) = try source(fields, decoder, name, among: names)
        let approvals = try fields["approvals"].map { node throws(ConfigurationError) in try self.approvals(node, decoder, teams)
        }
        var rollbackApprovals: ApprovalPolicy?
        if let rollback = fields["rollback"] {
            let rollback = try decoder.fields(rollback, "rollback", ["approvals"])
            if let node = rollback["approvals"] { rollbackApprovals = try self.approvals(node, decoder, teams) }
        }
        let promoters = try role(fields["promoters"], "promoters", decoder, teams)
        let environment = Environment(
            name: name, source: source, branch: try branch(fields["delivery"], decoder),
            soak: try fields["soak"].map { node throws(ConfigurationError) in try decoder.duration(node, "soak") } ?? 0,
            approvals: approvals ?? ApprovalPolicy(required: 0, from: .anyone, fourEyes: [.requester]),
            rollbackApprovals: rollbackApprovals, windows: try windows(fields["windows"], decoder),
            gates: try gates(fields["gates"], decoder),
            emergency: try role(fields["emergency"], "emergency", decoder, teams, default: .empty), promoters: promoters,
            mergers: try role(fields["mergers"], "mergers", decoder, teams, default: promoters),
            operators: try role(fields["operators"], "operators", decoder, teams, default: promoters),
            verifiers: try role(fields["verifiers"], "verifiers", decoder, teams), automation: automation,
            asksProvenance: try fields["provenance"].map { node throws(ConfigurationError) in
                try decoder.bool(node, "provenance")
            } ?? false,
            unrendered: try fields["unrendered"].map { node throws(ConfigurationError) in
                try decoder.choice(node, "unrendered", UnrenderedPolicy.self)
            } ?? .allow)
        return (environment, sources)
    }

    private func branch(_ node: YAMLNode?, _ decoder: StrictDecoder) throws(ConfigurationError) -> BranchName? {
        guard let node else { return nil }
        let fields = try decoder.fields(node, "delivery", ["mode", "branch"])
        if let mode = fields["mode"], try decoder.choice(mode, "mode", DeliveryMode.self) == .rendered {
            throw decoder.error("this version delivers to overlays only", mode, hint: "write mode: overlay")
        }
        guard let node = fields["branch"] else { return nil }
        let branch = try decoder.value(node, "branch", BranchName.self)
        if branch.text.hasPrefix(PromotionID.branchPrefix) || branch.text.hasPrefix("promote/") {
            throw decoder.error(
                "\(branch) is among the branches that promote makes and deletes itself", node, hint: "name another branch")
        }
        return branch
    }

    private func source(
        _ fields: StrictDecoder.Fields, _ decoder: StrictDecoder, _ name: EnvironmentName, among names: Set<String>
    ) throws(ConfigurationError) -> (PromotionSource, [YAMLNode]) {
        let hint = "write promotesFrom: [build] for the first environment, or name the environment before this one"
        guard let node = fields["promotesFrom"] else {
            throw decoder.error("the environment \(name) has no source: promotesFrom is missing", fields.node, hint: hint)
        }
        let items = try decoder.list(node, "promotesFrom")
        guard !items.isEmpty else {
            throw decoder.error("the environment \(name) has no source: promotesFrom is empty", node, hint: hint)
        }
        var sources: [EnvironmentName] = []
        for item in items {
            let text = try decoder.string(item, "promotesFrom")
            if text == "build" {
                guard items.count == 1 else {
                    throw decoder.error(
                        "build stands alone in promotesFrom", item,
                        hint: "write promotesFrom: [build], or the environments without build")
                }
                return (.build, items)
            }
            guard names.contains(text), let source = EnvironmentName(text) else {
                let close = closestMatch(to: text, among: names.sorted())
                throw decoder.error(
                    "there is no environment “\(text.displayable)”", item,
                    hint: close.map { "did you mean “\($0)”?" } ?? "known: \(names.sorted().joined(separator: ", "))")
            }
            guard !sources.contains(source) else {
                throw decoder.error("\(source) is listed twice", item, hint: "keep one of them")
            }
            sources.append(source)
        }
        let require = try fields["require"].map { node throws(ConfigurationError) in
            try decoder.choice(node, "require", RequirementName.self)
        }
        return (.environments(sources, require: require == .any ? .any : .all), items)
    }

    private enum RequirementName: String, CaseIterable {
        case all
        case any
    }
}
