import GitOpsTypes
import ImageSelection
import PromotionDomain
import SSHSignatures
import YAMLEditing

/// Turns documents into a policy, resolving names between them.
struct PolicyAssembly {
    let documents: ConfigurationDocuments
    let signers: AllowedSigners
    /// All files of the directory, by name, for what documents name.
    let files: [String: [UInt8]]
    /// The version of each of them; without one, nothing that it names is run.
    let versions: [RepositoryPath: BlobID]
    let zones: any TimeZoneDatabase
    /// Whether a time zone that this machine does not know is an error.
    let requiresZones: Bool
    /// Whether no two environments share a branch, so that they may have everything at the same paths.
    private(set) var hasBranchPerEnvironment = false

    init(
        documents: ConfigurationDocuments, signers: AllowedSigners, files: [String: [UInt8]], versions: [RepositoryPath: BlobID],
        zones: any TimeZoneDatabase, requiresZones: Bool
    ) {
        self.documents = documents
        self.signers = signers
        self.files = files
        self.versions = versions
        self.zones = zones
        self.requiresZones = requiresZones
    }

    mutating func policy() throws(ConfigurationError) -> Policy {
        let teams = try teams()
        let environments = try environments(teams)
        let branches = Set(environments.map(\.branch))
        hasBranchPerEnvironment = !environments.isEmpty && branches.count == environments.count
        var applications: [Application] = []
        for document in documents[.application] { applications.append(try application(document, teams)) }
        var sets: [ApplicationSet] = []
        for document in documents[.applicationSet] {
            sets.append(try applicationSet(document, teams))
            // Which of two sets an application is of would be for whoever adds a folder to say.
            guard sets.count == 1 else {
                throw document.decoder.error(
                    "there is another ApplicationSet, \(sets[0].name)", document.nameNode,
                    hint: "keep the larger one, and write an Application for each of the others")
            }
        }
        return Policy(
            applications: applications, sets: sets, environments: environments, allowedSigners: signers,
            forge: try forge(teams), registries: try registries())
    }

    // MARK: Teams and roles

    typealias Teams = [String: Set<Principal>]

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
                guard members.insert(member).inserted else {
                    throw decoder.error("\(member) is listed twice", node, hint: "keep one of them")
                }
                if documents.has(.team, named: member.text) {
                    throw decoder.error(
                        "\(member) is a team; teams have people as members", node, hint: "list its members instead")
                }
            }
            teams[document.name] = members
        }
        return teams
    }

    func role(
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
}
