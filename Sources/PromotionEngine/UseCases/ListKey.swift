public import GitOpsTypes
import GitStore
import PromotionConfiguration
public import PromotionDomain
import PromotionPlanning
import SSHSignatures

/// Where a key is listed, or what would list it.
public enum KeyListing: Sendable {
    /// The target branch has no configuration yet.
    case unconfigured
    /// The policy of the target branch lists it.
    case known(at: CommitID)
    /// A commit on a branch of its own adds it.
    case proposed(branch: BranchName, commit: CommitID, gate: Check)
}

/// Adds a key to those that the policy knows, by a change like any other.
struct ListKey: Sendable {
    let session: Session

    private static func file(_ objects: GitObjects) -> RepositoryPath {
        guard let path = PolicyReader.directory(objects).appending(PolicyLoader.allowedSigners) else {
            preconditionFailure("\(PolicyLoader.allowedSigners) is a name of a file")
        }
        return path
    }

    /// - Throws: `EngineError.remoteRefused` where the remote takes no such branch.
    func list(_ key: SSHPublicKey, for principal: Principal) async throws -> KeyListing {
        guard try await isConfigured() else { return .unconfigured }
        let snapshot = try await session.refresh(identifying: true)
        let signers = snapshot.policy.allowedSigners
        if signers.allows(key, as: principal.text, namespace: Authorization.namespace, at: snapshot.time) {
            return .known(at: snapshot.tip)
        }
        guard !signers.revoked.contains(key) else {
            throw EngineError.usage(
                "\(key.fingerprint) is among \(PolicyLoader.revokedKeys): it counts no more",
                hint: "make another one: ssh-keygen -t ed25519, and promote keys add --key <file>")
        }
        // What allowed_signers reads as a pattern, a comment or an option names no one.
        guard !principal.text.contains(where: { "*?!#=".contains($0) }), principal.text != "cert-authority" else {
            throw EngineError.usage("“\(principal)” names no one in \(PolicyLoader.allowedSigners)", hint: "write an address")
        }
        let branch = try branch(of: key, principal)
        let commit = try await commit(adding: "\(principal) \(key.line)", for: principal, on: snapshot.tip)
        try await push(commit, to: branch)
        let report = try await ChangeGate(session: session).judge(
            from: snapshot.tip, to: commit, on: session.workspace.targetBranch, snapshot)
        guard let gate = report.policy else { preconditionFailure("a change of the policy is judged as one") }
        return .proposed(branch: branch, commit: commit, gate: gate)
    }

    private func isConfigured() async throws -> Bool {
        let workspace = session.workspace
        try await workspace.remote.fetch(branches: [workspace.targetBranch], prefixes: [])
        guard let tip = try await workspace.remote.head(of: workspace.targetBranch) else { return false }
        return try await workspace.repository.scratch { try PolicyReader.version(at: tip, $0) != nil }
    }

    private func branch(of key: SSHPublicKey, _ principal: Principal) throws -> BranchName {
        let person = principal.text.prefix { $0 != "@" }.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        let digits = PromotionPlanner.digest(ofContent: [principal.text, key.line]).suffix(8)
        guard let branch = BranchName("keys/\(person.isEmpty ? "of" : person)-\(digits)") else {
            throw EngineError.usage("\(principal) makes no name of a branch", hint: nil)
        }
        return branch
    }

    private func commit(adding line: String, for principal: Principal, on tip: CommitID) async throws -> CommitID {
        let factory = CommitFactory(
            repository: session.workspace.repository, signer: session.identity.signer, faults: session.workspace.faults)
        let commit = try await factory.prepare(
            CommitRecipe(
                parents: [tip], by: session.committer(at: session.workspace.clock.now()), message: "Add a key of \(principal)\n"
            ) { objects in
                let tree = try objects.tree(of: tip)
                let file = Self.file(objects)
                let text = try Self.text(of: file, in: tree, objects)
                return try objects.writeTree(tree, replacing: [file: AllowedSigners.text(text, adding: line)])
            })
        try await factory.keep([commit])
        return commit.id
    }

    /// - Throws: `EngineError.configuration` for what is no file, which the list would be put in the place of.
    private static func text(of file: RepositoryPath, in tree: TreeID, _ objects: GitObjects) throws -> [UInt8] {
        switch try objects.entry(at: file, in: tree) {
        case .blob(let blob): return try objects.blob(blob)
        case nil: return []
        case .tree, .link, .submodule:
            throw EngineError.configuration("\(file) is no plain file", hint: "put the list itself there, and no link to it")
        }
    }

    private func push(_ commit: CommitID, to branch: BranchName) async throws {
        let workspace = session.workspace
        try await workspace.remote.fetch(branches: [branch], prefixes: [])
        let present = try await workspace.remote.head(of: branch)
        switch try await session.push([RefUpdate(branch, from: present, to: commit)]) {
        case .done: return
        case .moved(let name):
            throw EngineError.raced("another writer was faster on \(name)", hint: "run the same command again")
        case .refused(let reasons): throw EngineError.remoteRefused(reasons: reasons, unmet: [])
        }
    }
}
