import Foundation
import GitOpsTypes
import GitStore
import PromoteTestSupport
import PromotionDomain

/// What every schedule begins with: two applications, `dev`, a `prod` that wants an approval, and of one application a build
/// that works in `dev` and another that is registered.
public struct WorldTemplate: Sendable {
    static let people = ["ci", "alice", "bob", "carol", reconciler]
    /// The machine that does what happens by itself.
    static let reconciler = "robot"
    static let applications = ["web", "api"]

    let scratch: ScratchDirectory
    let objects: String
    /// The refs of the remote.
    private(set) var refs: [BranchName: CommitID]
    /// A clone of somebody who has seen all that, which everybody's is a copy of.
    private(set) var clone: URL
    /// The policy, which counts for good.
    private(set) var policy: Policy?

    public init() async throws {
        scratch = try ScratchDirectory()
        let path = scratch.url.appending(component: "template.git").path
        try Tool("git", in: scratch.path).succeed("init", "-q", "--bare", "-b", "main", path)
        objects = path + "/objects"
        var files: [RepositoryPath: [UInt8]] = [:]
        for (name, text) in try Self.files() {
            guard let path = RepositoryPath(name) else { continue }
            files[path] = Array(text.utf8)
        }
        let recipe = CommitRecipe(
            parents: [],
            by: CommitIdentity(name: "owner", email: "owner@example.org", time: Timestamp(seconds: 1_789_000_000)),
            message: "Configuration\n"
        ) { [files] in try $0.writeTree(of: files) }
        let factory = CommitFactory(repository: GitRepository(path: path), signer: nil)
        let commit = try await factory.prepare(recipe)
        try await factory.keep([commit])
        refs = [World.main: commit.id]
        clone = scratch.url.appending(component: "clone")
        try await prepare()
    }

    /// Does what came before, by the same commands as everything else.
    private mutating func prepare() async throws {
        let folder = try makeFolder("before")
        let world = World(seed: 0, refs: refs, participants: 0, isTraced: false, defect: nil, on: OneThread())
        world.calmDown(after: 0)
        let ci = try Participant(0, "ci", in: world, scratch: folder, clone: nil, clockError: 0)
        let commands: [SimulatedCommand] = [
            .register("web", build: 0), .promote("web", from: "build", to: "dev"), .merge("web", 1),
            .verify("web", environment: "dev", passes: true), .register("web", build: 1),
        ]
        let outcomes = await world.alone { () async in
            var outcomes: [CommandOutcome] = []
            for command in commands { outcomes.append(await ci.run(command, pointsToLive: nil)) }
            return outcomes
        }
        for outcome in outcomes {
            guard case .done = outcome else { throw Unprepared(outcome: outcome) }
        }
        let counting = await world.alone { () async in await Self.policy(of: ci) }
        ci.endProcess()
        policy = try counting.get()
        refs = world.refs
        try FileManager.default.moveItem(at: folder.appending(component: "clone-0"), to: clone)
        // Its objects are everybody's from now on, packed as in any repository that is not new.
        let template = scratch.url.appending(component: "template.git").path
        try Tool("cp", in: scratch.path).succeed("-r", "before/objects/.", objects)
        try FileManager.default.removeItem(atPath: objects + "/info/alternates")
        for (branch, commit) in refs { try Tool("git", in: template).succeed("update-ref", branch.ref, commit.hex) }
        try Tool("git", in: template).succeed("repack", "-q", "-a", "-d")
    }

    private static func policy(of reader: Participant) async -> Result<Policy, any Error> {
        do { return .success(try await reader.policy()) } catch { return .failure(error) }
    }

    struct Unprepared: Error {
        let outcome: CommandOutcome
    }

    /// A folder for a schedule, whose new objects go there and whose old ones are the template's.
    func makeFolder(_ name: String) throws -> URL {
        let folder = scratch.url.appending(component: name)
        let information = folder.appending(path: "objects/info")
        try FileManager.default.createDirectory(at: information, withIntermediateDirectories: true)
        try Data((objects + "\n").utf8).write(to: information.appending(component: "alternates"))
        return folder
    }

    static func principal(_ person: String) -> String { "\(person)@example.org" }

    static func signer(_ person: String) throws -> SimulatedSigner {
        try SimulatedSigner(UInt8((people.firstIndex(of: person) ?? 0) + 1))
    }

    private static func files() throws -> [String: String] {
        var files = [
            "environments/environments.yaml": """
            apiVersion: promote/v1alpha1
            kind: Environment
            metadata: { name: dev }
            spec:
              promotesFrom: [build]
              promoters: [\(people.map(principal).joined(separator: ", "))]
              verifiers: [ci@example.org]
              autoPromote: true
              merge: auto
            ---
            apiVersion: promote/v1alpha1
            kind: Environment
            metadata: { name: prod }
            spec:
              promotesFrom: [dev]
              promoters: [managers]
              verifiers: [ci@example.org]
              approvals: { required: 1, from: [managers], fourEyes: [requester] }
            ---
            apiVersion: promote/v1alpha1
            kind: Team
            metadata: { name: managers }
            spec: { members: [alice@example.org, bob@example.org, carol@example.org] }

            """,
            "environments/allowed_signers": try people.map { "\(principal($0)) \(try signer($0).publicText)\n" }.joined(),
        ]
        for application in applications {
            files["environments/\(application).yaml"] = """
                apiVersion: promote/v1alpha1
                kind: Application
                metadata: { name: \(application) }
                spec:
                  images: [{ name: registry.example/\(application) }]
                  overlay: overlays/{environment}/{application}
                  builders: [ci@example.org]

                """
            files["base/\(application)/kustomization.yaml"] = "resources: [deployment.yaml]\n"
            files["base/\(application)/deployment.yaml"] = """
                apiVersion: apps/v1
                kind: Deployment
                metadata: { name: \(application) }
                spec: { template: { spec: { containers: [{ name: main, image: registry.example/\(application) }] } } }

                """
            for environment in ["dev", "prod"] {
                files["overlays/\(environment)/\(application)/kustomization.yaml"] = """
                    resources: [../../../base/\(application)]
                    images:
                      - name: registry.example/\(application)
                        digest: sha256:\(String(repeating: "0", count: 64))

                    """
            }
        }
        return files
    }
}
