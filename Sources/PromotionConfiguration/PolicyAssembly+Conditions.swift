import GitOpsTypes
import PromotionDomain
import YAMLEditing

// What an environment asks before something is merged into it: approvals, windows and gates.
extension PolicyAssembly {
    func approvals(_ node: YAMLNode, _ decoder: StrictDecoder, _ teams: Teams) throws(ConfigurationError)
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
                    throw decoder.error(
                        "\(principal) is not among those who may approve: \(from.description)", item,
                        hint: "add \(principal) to from, or take it off include")
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
            guard seconds >= 60 else {
                throw decoder.error("an approval lasts for a minute at least", node, hint: "write expires: 24h, or leave it out")
            }
            return seconds
        }
        return ApprovalPolicy(required: required, from: from, fourEyes: fourEyes, include: include, expiry: expiry)
    }

    func windows(_ node: YAMLNode?, _ decoder: StrictDecoder) throws(ConfigurationError) -> WindowSchedule {
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
            throw decoder.error(
                "a window lasts from a minute to 366 days", durationNode,
                hint: "write duration: 8h, or a freeze (promote freeze) for what has no end")
        }
        return ReleaseWindow(
            effect: effect, begin: cron, duration: duration, timeZone: try timeZone(fields["timeZone"], decoder),
            reason: try fields["reason"].map { node throws(ConfigurationError) in try decoder.string(node, "reason") })
    }

    /// - Throws: `ConfigurationError` for what is no name of a zone, and where zones are to be known for one that is not.
    private func timeZone(_ node: YAMLNode?, _ decoder: StrictDecoder) throws(ConfigurationError) -> LocalTimeZone {
        guard let node else { return .utc }
        let text = try decoder.string(node, "timeZone")
        func meant(_ otherwise: String) -> String { zones.suggestion(for: text).map { "did you mean “\($0)”?" } ?? otherwise }
        guard let name = TimeZoneName(text) else {
            throw decoder.error(
                "timeZone “\(text.displayable)” is not \(TimeZoneName.noun)", node,
                hint: meant("write the name of a place, as the IANA database has it"))
        }
        if name.text == LocalTimeZone.utc.text { return .utc }
        let problem: (message: String, hint: String)
        switch zones.rules(of: name) {
        case .found(let rules): return LocalTimeZone(name, rules: rules)
        case .unknown:
            let version = zones.version.map { "tzdata \($0)" } ?? "the time zone database"
            problem = (
                "the time zone “\(name)” is not in \(version) of this machine",
                meant("install a newer tzdata; names of former times are in the package tzdata-legacy")
            )
        case .damaged(let reason):
            problem = ("the time zone “\(name)” cannot be read in \(zones.place): \(reason)", "install the package tzdata again")
        case .noDatabase:
            problem = (
                "the time zone “\(name)” is not known: this machine has no time zone database in \(zones.place)",
                "install the package tzdata (apt-get install tzdata), or set TZDIR to where it is"
            )
        }
        guard !requiresZones else { throw decoder.error(problem.message, node, hint: problem.hint) }
        return LocalTimeZone(name, rules: nil)
    }

    func gates(_ node: YAMLNode?, _ decoder: StrictDecoder) throws(ConfigurationError) -> [ExternalGate] {
        guard let node else { return [] }
        var gates: [ExternalGate] = []
        for item in try decoder.list(node, "gates") {
            let fields = try decoder.fields(item, "a gate", ["name", "command", "files", "url", "status", "timeout"])
            let nameNode = try decoder.required(fields, "name")
            let name = try decoder.value(nameNode, "the gate's name", ApplicationName.self).text
            guard !gates.contains(where: { $0.name == name }) else {
                throw decoder.error("\(name) is listed twice", nameNode, hint: "give one of them another name")
            }
            let kinds = ["command", "url", "status"].filter { fields[$0] != nil }
            guard kinds.count == 1 else {
                throw decoder.error(
                    "a gate is a command, a url or a status, and this one is \(kinds.isEmpty ? "none of them" : kinds.joined(separator: " and "))",
                    item, hint: "write command: [conftest, test, \"-\"], url: https://…, or status: <name>")
            }
            if kinds != ["command"], let node = fields["files"] {
                throw decoder.error("files are for a command", node, hint: "remove files; a url is sent what is rendered")
            }
            let judge: ExternalGate.Judge =
                if let node = fields["url"] {
                    .service(try serviceAddress(node, decoder))
                } else if let node = fields["status"] {
                    .status(try decoder.string(node, "status"))
                } else {
                    try program(fields, decoder)
                }
            let timeout =
                try fields["timeout"].map { node throws(ConfigurationError) in try decoder.duration(node, "timeout") } ?? 60
            guard (1...3600).contains(timeout) else {
                throw decoder.error(
                    "a gate may take from a second to an hour", fields["timeout"] ?? item, hint: "write timeout: 5m")
            }
            let definition = definition(of: decoder)
            gates.append(ExternalGate(name: name, judge: judge, timeout: timeout, definition: definition))
        }
        return gates
    }

    private func serviceAddress(_ node: YAMLNode, _ decoder: StrictDecoder) throws(ConfigurationError) -> String {
        let text = try decoder.string(node, "url")
        let scheme = ["https://", "http://"].first { text.hasPrefix($0) } ?? ""
        let authority = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        let isLocal = ["127.0.0.1", "localhost"].contains { host in
            authority == host || authority.hasPrefix("\(host):") && authority.dropFirst(host.count + 1).allSatisfy(\.isNumber)
        }
        guard scheme == "https://" || scheme == "http://" && isLocal, !authority.isEmpty, !authority.contains("@"),
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F })
        else {
            throw decoder.error(
                "“\(text.withoutUserInformation.displayable)” is not the address of a gate", node,
                hint: "write https://…, without a name or a password; http only for this machine")
        }
        return text
    }

    private func program(
        _ fields: StrictDecoder.Fields, _ decoder: StrictDecoder
    ) throws(ConfigurationError) -> ExternalGate.Judge {
        let commandNode = try decoder.required(fields, "command")
        var command: [String] = []
        for word in try decoder.list(commandNode, "command") {
            let text = try decoder.string(word, "command")
            guard !text.utf8.contains(0) else {
                throw decoder.error("a word of the command has a NUL, at which it would end", word, hint: "take it out")
            }
            command.append(text)
        }
        guard let program = command.first, !program.isEmpty else {
            throw decoder.error(
                "the command is empty", commandNode, hint: "write command: [conftest, test, \"-\"]; no shell sees it")
        }
        var files: [RepositoryPath] = []
        if let node = fields["files"] {
            for item in try decoder.list(node, "files") {
                let text = try decoder.string(item, "files")
                guard let path = RepositoryPath(text), !path.isRoot else {
                    throw decoder.error(
                        "“\(text.displayable)” is not a path inside the repository", item,
                        hint: "write one such as policy/rules, from the repository's root")
                }
                files.append(path)
            }
        }
        return .program(command, files: files)
    }

    enum MergeMode: String, CaseIterable {
        case manual
        case auto
    }

    enum DeliveryMode: String, CaseIterable {
        case overlay
        case rendered
    }

    /// The file that is read, in its version; nil where it has none.
    func definition(of decoder: StrictDecoder) -> ExternalGate.Definition? {
        versions[decoder.path].map { ExternalGate.Definition(path: decoder.path, version: $0) }
    }
}
