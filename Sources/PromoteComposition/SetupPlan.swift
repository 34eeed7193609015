import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionEngine
import RepositorySurvey
import SSHSignatures

/// Who sets up, by Git's configuration, and with which key.
struct SetupAuthors {
    private let found: FoundRepository
    private let environment: [String: String]

    init(_ found: FoundRepository, _ environment: [String: String]) {
        self.found = found
        self.environment = environment
    }

    private var actor: Principal? {
        let named = environment["PROMOTE_ACTOR"].flatMap { $0.isEmpty ? nil : $0 }
        return (named ?? found.configuration["user.email"]).flatMap(Principal.init)
    }

    /// - Parameter isNew: whether there is no configuration yet, so that a team for production and the keys are part of it.
    func people(_ teams: [ProposedTeam], isNew: Bool) async throws -> SetupPeople {
        var people = SetupPeople()
        people.teams = teams
        people.mayRestrict = !teams.isEmpty
        guard isNew else { return people }
        let key = OwnKey(
            configuration: found.configuration, homeDirectory: environment["HOME"], directory: found.directory)
        let own = if let actor { await key.listed(for: actor) } else { ListedKey?.none }
        if teams.isEmpty, let actor {
            people.teams = [ProposedTeam(name: "release-managers", members: [actor])]
            people.mayRestrict = own != nil
        }
        let others = Set(people.teams.flatMap(\.members)).filter { $0 != actor || own == nil }.sorted()
        people.keys = (own.map { [$0] } ?? []) + key.trusted(for: others)
        return people
    }
}

/// Decides what is written: what was found, or a starter where nothing is there.
struct SetupPlan {
    let setup: ProposeSetup
    let present: ProposeSetup.Present
    let wishes: SetupWishes
    let people: SetupPeople
    let files: NewFiles
    /// What writes what is proposed.
    let command: String

    func report(_ proposal: SetupProposal, hasRemote: Bool) async throws -> SetupReport {
        if present.isConfiguration, !proposal.hasApplications, proposal.environments.isEmpty, wishes.teams.isEmpty {
            return SetupReport(
                .complete, in: files.root, files: [], guesses: proposal.guesses,
                nextSteps: nextSteps(
                    after: try await setup.progress(of: present, hasRemote: hasRemote), folders: [wishes.directory],
                    adopts: true))
        }
        var proposal = proposal
        var manifests: [(path: String, content: String)] = []
        if !proposal.hasApplications, !present.isConfiguration {
            guard !proposal.hasManifests else {
                return SetupReport(
                    .unrecognized, in: files.root, files: [], guesses: proposal.guesses,
                    nextSteps: [
                        proposal.isDirectoryTaken
                            ? "promote init --environments-dir promote"
                            : "promote init --overlay 'deploy/{environment}' --env dev --env prod"
                    ])
            }
            let starter = try self.starter()
            proposal = starter.proposal(
                guesses: [
                    Guess(
                        about: "a starter",
                        because: "the repository has no manifests: base/ and overlays/ are an example that builds")
                ])
            manifests = starter.manifests()
        }
        let text = ConfigurationText(
            proposal, people, besides: Set(present.files.keys).union(present.isConfiguration ? ["allowed_signers"] : []))
        try setup.requireReadable(text.files(), besides: present, in: wishes.request.directory)
        let configuration = text.files().map { (path: "\(wishes.directory)/\($0.name)", content: $0.content) }
        let missing = try files.missing(among: configuration + manifests)
        let folders = [wishes.directory] + (manifests.isEmpty ? [] : ["base", "overlays"])
        return SetupReport(
            .proposed(by: command), in: files.root, files: missing, guesses: proposal.guesses,
            nextSteps: nextSteps(after: .uncommitted, folders: folders, adopts: manifests.isEmpty))
    }

    private func starter() throws -> StarterLayout {
        let names =
            wishes.request.environments.isEmpty
            ? ["dev", "staging", "prod"].compactMap(EnvironmentName.init) : wishes.request.environments
        guard let application = wishes.request.applications.first ?? ApplicationName("web"),
            let image = wishes.request.images.first ?? ImageName("registry.example/\(application)")
        else { throw EngineError.usage("the starter has no name", hint: nil) }
        return StarterLayout(application: application, image: image, environments: names)
    }

    /// The commands that come next.
    ///
    /// - Parameter adopts: whether anything may run already.
    private func nextSteps(after progress: ProposeSetup.Progress, folders: [String], adopts: Bool) -> [String] {
        let first = !present.isConfiguration && people.keys.isEmpty ? ["promote keys add"] : []
        let last = ["promote doctor"] + (adopts ? ["promote adopt --all"] : [])
        return switch progress {
        case .uncommitted:
            first + ["git add \(folders.joined(separator: " ")) && git commit -m \"Start promoting\" && git push"] + last
        case .unpushed: ["git push"] + last
        case .pushed: last
        }
    }
}
