import GitOpsTypes
import PromotionModel
import ReleaseWindows
import SSHSignatures
import YAMLEditing

/// Turns documents into a policy, resolving names between them.
struct PolicyAssembly {
    let documents: ConfigurationDocuments
    let signers: AllowedSigners

    /// Environments may not be named like a command, as `promote status prod` would then mean two things.
    static let commandNames: Set<String> = [
        "accept", "approve", "audit", "build", "close", "diff", "discover", "doctor", "drift", "explain", "freeze", "gate",
        "help",
        "history", "hold", "hook", "images", "init", "merge", "plan", "reconcile", "register", "render", "resume", "revoke",
        "rollback", "run", "schema", "serve", "show", "state", "status", "sync", "unfreeze", "verify", "yank",
    ]

    func policy() throws(ConfigurationError) -> Policy {
        let teams = try teams()
        try checkForge()
        var applications: [Application] = []
        for document in documents[.application] { applications.append(try application(document, teams)) }
        let environments = try environments(teams)
        return Policy(
            applications: applications.sorted { $0.name < $1.name }, environments: environments, allowedSigners: signers)
    }

    // MARK: Teams and roles

    private typealias Teams = [String: Set<Principal>]

    private func teams() throws(ConfigurationError) -> Teams {
        var teams: Teams = [:]
        for document in documents[.team] {
            let decoder = document.decoder
            if signers.hasKeys(for: document.name) {
                throw decoder.error(
                    "“\(document.name)” is a team here and a principal in allowed_signers", document.nameNode,
                    hint: "rename the team")
            }
            let fields = try decoder.fields(document.spec, "a Team's spec", ["members"])
            var members: Set<Principal> = []
            for node in try decoder.list(decoder.required(fields, "members"), "members") {
                let member = try decoder.value(node, "the member", Principal.self)
                guard members.insert(member).inserted else { throw decoder.error("\(member) is listed twice", node) }
                if documents[.team].contains(where: { $0.name == member.text }) {
                    throw decoder.error("\(member) is a team; teams have people as members", node)
                }
            }
            teams[document.name] = members
        }
        return teams
    }

    private func role(
        _ node: YAMLNode?, _ noun: String, _ decoder: StrictDecoder, _ teams: Teams, default fallback: Role = .anyone
    ) throws(ConfigurationError) -> Role {
        guard let node else { return fallback }
        var names: [String] = []
        var principals: Set<Principal> = []
        for item in try decoder.list(node, noun) {
            let text = try decoder.string(item, noun)
            if let members = teams[text] {
                principals.formUnion(members)
            } else {
                let principal = try decoder.value(item, "the entry of \(noun)", Principal.self)
                if !signers.hasKeys(for: text), let team = closestMatch(to: text, among: teams.keys.sorted()), !text.contains("@")
                {
                    throw decoder.error(
                        "“\(text)” is neither a team nor a principal of allowed_signers", item, hint: "did you mean “\(team)”?")
                }
                principals.insert(principal)
            }
            names.append(text)
        }
        return .members(Role.Members(names: names, principals: principals))
    }

    private func checkForge() throws(ConfigurationError) {
        for document in documents[.forge] {
            let decoder = document.decoder
            let fields = try decoder.fields(document.spec, "a Forge's spec", ["type", "api", "repository", "identities"])
            let type = try decoder.required(fields, "type")
            guard try decoder.string(type, "type") == "local" else {
                throw decoder.error(
                    "this version knows the forge local only", type, hint: "write type: local, or remove the Forge")
            }
        }
    }

    // MARK: Applications

    private func application(_ document: ConfigurationDocuments.Document, _ teams: Teams) throws(ConfigurationError)
        -> Application
    {
        let decoder = document.decoder
        let name = try decoder.value(document.nameNode, "the application's name", ApplicationName.self)
        let fields = try decoder.fields(document.spec, "an Application's spec", ["images", "overlay", "builders"])
        let imagesNode = try decoder.required(fields, "images")
        var images: [ImageName] = []
        for item in try decoder.list(imagesNode, "images") {
            let image = try decoder.fields(item, "an image", ["name"])
            let node = try decoder.required(image, "name")
            let imageName = try decoder.value(node, "the image", ImageName.self)
            guard !images.contains(imageName) else { throw decoder.error("\(imageName) is listed twice", node) }
            images.append(imageName)
        }
        guard !images.isEmpty else { throw decoder.error("an application needs at least one image", imagesNode) }
        let text =
            try fields["overlay"].map { node throws(ConfigurationError) in try decoder.string(node, "overlay") }
            ?? "overlays/{environment}"
        guard let overlay = OverlayTemplate(text) else {
            throw decoder.error(
                "“\(text.displayable)” is not an overlay path", fields["overlay"] ?? document.spec,
                hint: "write a path inside the repository with {environment}, such as overlays/{environment}/{application}")
        }
        return Application(
            name: name, images: images, overlay: overlay, builders: try role(fields["builders"], "builders", decoder, teams))
    }

    // MARK: Environments

    private func environments(_ teams: Teams) throws(ConfigurationError) -> [Environment] {
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
        guard !Self.commandNames.contains(name.text) else {
            throw decoder.error("“\(name)” is a command of promote and cannot name an environment", document.nameNode)
        }
        let fields = try decoder.fields(
            document.spec, "an Environment's spec",
            [
                "promotesFrom", "require", "delivery", "soak", "approvals", "promoters", "mergers", "operators", "verifiers",
                "rollback", "windows", "gates", "autoPromote", "merge", "emergency",
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
            emergency: try role(fields["emergency"], "emergency", decoder, teams, default: .nobody), promoters: promoters,
            mergers: try role(fields["mergers"], "mergers", decoder, teams, default: promoters),
            operators: try role(fields["operators"], "operators", decoder, teams, default: promoters),
            verifiers: try role(fields["verifiers"], "verifiers", decoder, teams), automation: automation)
        return (environment, sources)
    }

    private func windows(_ node: YAMLNode?, _ decoder: StrictDecoder) throws(ConfigurationError) -> WindowSchedule {
        guard let node else { return WindowSchedule([]) }
        var windows: [ReleaseWindow] = []
        for item in try decoder.list(node, "windows") {
            let kinds = try decoder.fields(item, "a window", ReleaseWindow.Effect.allCases.map(\.rawValue))
            let effects = ReleaseWindow.Effect.allCases.filter { kinds[$0.rawValue] != nil }
            guard effects.count == 1, let effect = effects.first, let window = kinds[effect.rawValue] else {
                throw decoder.error(
                    "a window is either an allow or an exclude", item,
                    hint: "write - exclude: { cron: \"0 16 * * FRI\", duration: 64h, timeZone: Europe/Berlin }")
            }
            windows.append(try self.window(effect, window, decoder))
        }
        return WindowSchedule(windows)
    }

    private func window(
        _ effect: ReleaseWindow.Effect, _ node: YAMLNode, _ decoder: StrictDecoder
    ) throws(ConfigurationError) -> ReleaseWindow {
        let fields = try decoder.fields(node, "a window", ["cron", "duration", "timeZone", "reason"])
        let cronNode = try decoder.required(fields, "cron")
        let text = try decoder.string(cronNode, "cron")
        let cron: CronExpression
        do {
            cron = try CronExpression(text)
        } catch {
            throw decoder.error(
                "“\(text.displayable)” is not a cron expression: \(error.reason)", cronNode,
                hint: "write \"0 16 * * FRI\" for Fridays at 16:00")
        }
        let durationNode = try decoder.required(fields, "duration")
        let duration = try decoder.duration(durationNode, "duration")
        guard (60...ReleaseWindow.maximumDuration).contains(duration) else {
            throw decoder.error("a window lasts from a minute to 366 days", durationNode)
        }
        let zone = try fields["timeZone"].map { node throws(ConfigurationError) in
            try decoder.value(node, "timeZone", LocalTimeZone.self)
        }
        guard let zone = zone ?? LocalTimeZone("UTC") else { throw decoder.error("the time zone UTC is not known here", node) }
        return ReleaseWindow(
            effect: effect, begin: cron, duration: duration, timeZone: zone,
            reason: try fields["reason"].map { node throws(ConfigurationError) in try decoder.string(node, "reason") })
    }

    private func gates(_ node: YAMLNode?, _ decoder: StrictDecoder) throws(ConfigurationError) -> [ExternalGate] {
        guard let node else { return [] }
        var gates: [ExternalGate] = []
        for item in try decoder.list(node, "gates") {
            let fields = try decoder.fields(item, "a gate", ["name", "command", "files", "timeout"])
            let nameNode = try decoder.required(fields, "name")
            let name = try decoder.value(nameNode, "the gate's name", ApplicationName.self).text
            guard !gates.contains(where: { $0.name == name }) else { throw decoder.error("\(name) is listed twice", nameNode) }
            let commandNode = try decoder.required(fields, "command")
            var command: [String] = []
            for word in try decoder.list(commandNode, "command") { command.append(try decoder.string(word, "command")) }
            guard let program = command.first, !program.isEmpty else {
                throw decoder.error(
                    "the command is empty", commandNode, hint: "write command: [conftest, test, \"-\"]; no shell sees it")
            }
            var files: [RepositoryPath] = []
            if let node = fields["files"] {
                for item in try decoder.list(node, "files") {
                    let text = try decoder.string(item, "files")
                    guard let path = RepositoryPath(text), !path.isRoot else {
                        throw decoder.error("“\(text.displayable)” is not a path inside the repository", item)
                    }
                    files.append(path)
                }
            }
            let timeout =
                try fields["timeout"].map { node throws(ConfigurationError) in try decoder.duration(node, "timeout") } ?? 60
            guard (1...3600).contains(timeout) else {
                throw decoder.error("a gate may take from a second to an hour", fields["timeout"] ?? item)
            }
            gates.append(ExternalGate(name: name, command: command, files: files, timeout: timeout))
        }
        return gates
    }

    private enum MergeMode: String, CaseIterable {
        case manual
        case auto
    }

    private enum DeliveryMode: String, CaseIterable {
        case overlay
        case rendered
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
                guard items.count == 1 else { throw decoder.error("build stands alone in promotesFrom", item) }
                return (.build, items)
            }
            guard names.contains(text), let source = EnvironmentName(text) else {
                let close = closestMatch(to: text, among: names.sorted())
                throw decoder.error(
                    "there is no environment “\(text.displayable)”", item,
                    hint: close.map { "did you mean “\($0)”?" } ?? "known: \(names.sorted().joined(separator: ", "))")
            }
            guard !sources.contains(source) else { throw decoder.error("\(source) is listed twice", item) }
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

    private func approvals(_ node: YAMLNode, _ decoder: StrictDecoder, _ teams: Teams) throws(ConfigurationError)
        -> ApprovalPolicy
    {
        let fields = try decoder.fields(node, "approvals", ["required", "from", "fourEyes", "include", "expires"])
        let requiredNode = try decoder.required(fields, "required")
        let required = try decoder.integer(requiredNode, "required", in: 0...100)
        let from = try role(fields["from"], "from", decoder, teams)
        if case .members(let members) = from, members.principals.count < required {
            throw decoder.error(
                "\(required) approvals are required, and no more than \(members.principals.count) of the listed may approve",
                requiredNode,
                hint: "lower required, or list more people under from")
        }
        var fourEyes: Set<ApprovalPolicy.FourEyes> = [.requester]
        if let node = fields["fourEyes"] {
            fourEyes = []
            for item in try decoder.list(node, "fourEyes") {
                fourEyes.insert(try decoder.choice(item, "fourEyes", ApprovalPolicy.FourEyes.self))
            }
        }
        var include: Set<Principal> = []
        if let node = fields["include"] {
            for item in try decoder.list(node, "include") {
                let principal = try decoder.value(item, "the entry of include", Principal.self)
                if case .members(let members) = from, !members.principals.contains(principal) {
                    throw decoder.error("\(principal) is not among those who may approve: \(from.description)", item)
                }
                include.insert(principal)
            }
            guard required >= include.count else {
                throw decoder.error(
                    "\(include.count) are named under include, and only \(required) required", node,
                    hint: "write required: \(include.count) or more")
            }
        }
        let expiry = try fields["expires"].map { node throws(ConfigurationError) in
            let seconds = try decoder.duration(node, "expires")
            guard seconds >= 60 else { throw decoder.error("an approval lasts for a minute at least", node) }
            return seconds
        }
        return ApprovalPolicy(required: required, from: from, fourEyes: fourEyes, include: include, expiry: expiry)
    }
}
