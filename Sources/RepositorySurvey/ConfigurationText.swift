import GitOpsTypes
import ImageSelection
public import PromotionDomain
public import SSHSignatures

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
    /// What allowed_signers lists.
    public var keys: [ListedKey] = []
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
            files.append(("allowed_signers", header + people.keys.map { $0.line + "\n" }.joined()))
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

    private typealias Field = WrittenValue.Field

    private func head(_ kind: String, _ name: String) -> String {
        """
        kind: \(kind)
        \(Field("metadata", .fields([Field("name", name)])).line)
        spec:

        """
    }

    private static func spec(_ lines: [String]) -> String { lines.map { "  \($0)\n" }.joined() }

    private func team(_ team: ProposedTeam) -> String {
        head("Team", team.name)
            + Self.spec([
                "# Principals, as in allowed_signers.", Field("members", .texts(team.members.map(\.text))).line,
            ])
    }

    private func environment(_ environment: ProposedEnvironment) -> String {
        let sources = environment.sources.isEmpty ? ["build"] : environment.sources.map(\.text)
        let delivery = environment.branch.map {
            Field("delivery", .fields([Field("mode", "overlay"), Field("branch", $0)])).line
        }
        let soak = environment.soak > 0 ? Field("soak", SoakTime(seconds: environment.soak).text).line : nil
        return head("Environment", environment.name.text)
            + Self.spec(
                [Field("promotesFrom", .texts(sources)).line] + [soak, delivery].compactMap(\.self) + roles(of: environment))
    }

    private func roles(of environment: ProposedEnvironment) -> [String] {
        guard environment.isProduction, let team = people.teams.first else { return [] }
        let promoters = Field("promoters", .texts([team.name])).line
        let approvals = Field(
            "approvals", .fields([Field("required", .number(1)), Field("from", .texts([team.name]))])
        ).line
        guard people.mayRestrict else {
            return [
                "# With keys in allowed_signers for the members of \(WrittenValue.text(team.name).inline):", "# \(promoters)",
                "# \(approvals)",
            ]
        }
        // What no one could approve could never be changed again.
        let keyed = team.members.filter { member in people.keys.contains { $0.entry.principals.contains(member.text) } }.count
        guard keyed < 2 else { return [promoters, approvals] }
        return [
            promoters,
            "# As soon as two members have keys (promote keys add), as no requester approves their own request:",
            "# \(approvals)",
        ]
    }

    private func set(_ set: ProposedSet) -> String {
        let images = set.model.images.map { image in
            WrittenValue.fields([
                Field("name", image.text.replacing(ApplicationSet.placeholder.text, with: "{application}"))
            ])
        }
        let excluded = set.excluded.isEmpty ? [] : [Field("exclude", .texts(set.excluded)).line]
        return head("ApplicationSet", set.name)
            + Self.spec([Field("images", .list(images)).line] + source(of: set.model) + excluded)
    }

    private func application(_ application: Application) -> String {
        let images = application.images.map { WrittenValue.fields(fields(of: $0, in: application)) }
        return head("Application", application.name.text)
            + Self.spec([Field("images", .list(images)).line] + source(of: application))
    }

    private func source(of application: Application) -> [String] {
        let own = application.environments.map { Field("environments", .texts($0.map(\.text).sorted())).line }
        return SourceText(application.source).lines + [own].compactMap(\.self)
    }

    private func fields(of image: ImageName, in application: Application) -> [Field] {
        let policies = application.policies.filter { $0.value == image }.keys.sorted()
        return [Field("name", image.text)]
            + (application.selections[image].map { [Field("select", .fields($0.fields))] } ?? [])
            + (policies.isEmpty ? [] : [Field("policies", .texts(policies))])
    }
}

extension ImageSelection {
    /// As a configuration has it.
    fileprivate var fields: [WrittenValue.Field] {
        let order: WrittenValue.Field =
            switch self.order {
            case .semver(let range): .init("semver", range.text)
            case .numerical(let direction): .init("numerical", direction.rawValue)
            case .alphabetical(let direction): .init("alphabetical", direction.rawValue)
            case .newest: .init("newest", .flag(true))
            case .tag(let tag): .init("tag", tag.text)
            }
        guard let filter else { return [order] }
        let extract = filter.extract.map { [WrittenValue.Field("extract", $0)] } ?? []
        return [order, .init("filter", .fields([.init("pattern", filter.pattern)] + extract))]
    }
}
