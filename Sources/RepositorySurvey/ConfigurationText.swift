import GitOpsTypes
public import PromotionDomain

/// A team, as a person gave it.
public struct ProposedTeam: Hashable, Sendable {
    public let name: String
    public let members: [Principal]

    public init(name: String, members: [Principal]) {
        self.name = name
        self.members = members
    }
}

/// Who is to do what, and whose keys are known.
public struct SetupPeople: Hashable, Sendable {
    public var teams: [ProposedTeam] = []
    /// Lines of allowed_signers.
    public var keys: [String] = []
    /// Whether all that the teams name have keys, or were named by a person: only then may production be left to them.
    public var mayRestrict = false

    public init() {}
}

/// A configuration, written out.
public struct ConfigurationText {
    private let proposal: SetupProposal
    private let people: SetupPeople
    /// Names of files that are there already, which stay as they are.
    private let taken: Set<String>

    public init(_ proposal: SetupProposal, _ people: SetupPeople, besides taken: Set<String> = []) {
        self.proposal = proposal
        self.people = people
        self.taken = taken
    }

    /// The files for the configuration's folder by name, in the order they are read best.
    public func files() -> [(name: String, content: String)] {
        var files: [(name: String, content: String)] = []
        if !proposal.environments.isEmpty {
            files.append((free("environments.yaml"), documents(proposal.environments.map(environment))))
        }
        let applications = proposal.sets.map(set) + proposal.applications.map(application)
        if !applications.isEmpty {
            files.append(
                (free(applications.count == 1 ? "application.yaml" : "applications.yaml"), documents(applications)))
        }
        if !people.teams.isEmpty { files.append((free("teams.yaml"), documents(people.teams.map(team)))) }
        if !taken.contains("allowed_signers") {
            let header =
                "# One line per key, as ssh-keygen(1) describes under ALLOWED SIGNERS:\n# you@example.org ssh-ed25519 AAAA…\n"
            files.append(("allowed_signers", header + people.keys.map { $0 + "\n" }.joined()))
        }
        return files
    }

    /// A name that no file has.
    private func free(_ name: String) -> String {
        guard taken.contains(name) else { return name }
        let stem = name.dropLast(".yaml".count)
        for number in 2... where !taken.contains("\(stem)-\(number).yaml") { return "\(stem)-\(number).yaml" }
        preconditionFailure("there is always another number")
    }

    private func documents(_ bodies: [String]) -> String {
        bodies.map { "apiVersion: promote/v1alpha1\n" + $0 }.joined(separator: "---\n")
    }

    // MARK: Kinds

    private func team(_ team: ProposedTeam) -> String {
        """
        kind: Team
        metadata: { name: \(YAMLText.flow(team.name)) }
        spec:
          # Principals, as in allowed_signers.
          members: [\(team.members.map { YAMLText.flow($0.text) }.joined(separator: ", "))]

        """
    }

    private func environment(_ environment: ProposedEnvironment) -> String {
        let sources = environment.sources.isEmpty ? ["build"] : environment.sources.map(\.text)
        var text = """
            kind: Environment
            metadata: { name: \(YAMLText.flow(environment.name.text)) }
            spec:
              promotesFrom: [\(sources.map(YAMLText.flow).joined(separator: ", "))]

            """
        if let branch = environment.branch { text += "  delivery: { mode: overlay, branch: \(YAMLText.flow(branch)) }\n" }
        return text + roles(of: environment)
    }

    private func roles(of environment: ProposedEnvironment) -> String {
        guard environment.isProduction, let team = people.teams.first else { return "" }
        let name = YAMLText.flow(team.name)
        guard people.mayRestrict else {
            return """
                  # With keys in allowed_signers for the members of \(team.name):
                  # promoters: [\(name)]
                  # approvals: { required: 1, from: [\(name)] }

                """
        }
        let approvals = "approvals: { required: 1, from: [\(name)] }\n"
        // What no one could approve could never be changed again.
        let keyed = team.members.filter { member in people.keys.contains { $0.hasPrefix("\(member.text) ") } }.count
        return "  promoters: [\(name)]\n"
            + (keyed > 1
                ? "  \(approvals)"
                : "  # As soon as two members have keys (promote keys add), as no requester approves their own request:\n  # \(approvals)")
    }

    private func set(_ set: ProposedSet) -> String {
        let images = set.model.images.map { image in
            "{ name: \(YAMLText.flow(image.text.replacing(ApplicationSet.placeholder.text, with: "{application}"))) }"
        }
        let excluded = set.excluded.isEmpty ? "" : "  exclude: [\(set.excluded.map(YAMLText.flow).joined(separator: ", "))]\n"
        return """
            kind: ApplicationSet
            metadata: { name: \(set.name) }
            spec:
              images: [\(images.joined(separator: ", "))]

            """ + source(of: set.model) + excluded
    }

    private func source(of application: Application) -> String {
        let own = application.environments.map { $0.map(\.text).sorted().map(YAMLText.flow).joined(separator: ", ") }
        return (SourceText(application.source).lines + (own.map { ["environments: [\($0)]"] } ?? [])).map { "  \($0)\n" }.joined()
    }

    private func application(_ proposed: ProposedApplication) -> String {
        let application = proposed.application
        let images = application.images.map { image in
            "{ " + (["name: \(YAMLText.flow(image.text))"] + proposed.imageFields).joined(separator: ", ") + " }"
        }
        return """
            kind: Application
            metadata: { name: \(YAMLText.flow(application.name.text)) }
            spec:
              images: [\(images.joined(separator: ", "))]

            """ + source(of: application)
    }
}
