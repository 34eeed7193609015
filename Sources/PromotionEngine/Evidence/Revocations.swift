import GitOpsTypes
import GitStore
import PromotionConfiguration
import PromotionDomain
import SSHSignatures

/// When keys were revoked, by the history of the policy.
struct Revocations: Sendable {
    let session: Session

    /// The keys that `revoked_keys` lists at a commit. Of a list that cannot be read nothing is known.
    func revokedKeys(at commit: CommitID) async throws -> Set<SSHPublicKey> {
        return try await session.workspace.repository.scratch { objects in
            guard let file = PolicyReader.directory(objects).appending(PolicyLoader.revokedKeys),
                case .blob(let blob)? = try objects.entry(at: file, in: objects.tree(of: commit))
            else { return [] }
            return Self.keys(try objects.blob(blob))
        }
    }

    /// Since when those of `keys` that the policy revokes are revoked: seldom asked, so that nothing is kept of it.
    func revocations(of keys: Set<String>, _ policy: Policy, _ snapshot: Snapshot) async throws -> [String: Revocation] {
        let revoked = keys.intersection(policy.allowedSigners.revoked.map(\.fingerprint))
        guard !revoked.isEmpty else { return [:] }
        let tip = snapshot.tip
        return try await session.workspace.repository.scratch { objects in
            var result: [String: Revocation] = [:]
            guard let file = PolicyReader.directory(objects).appending(PolicyLoader.revokedKeys) else { return result }
            var listed = revoked
            var known: (blob: BlobID, keys: Set<String>)?
            var next: CommitID? = tip
            while let id = next, !listed.isEmpty {
                let commit = try objects.commit(id)
                guard case .blob(let blob)? = try objects.entry(at: file, in: commit.tree) else { break }
                if known?.blob != blob { known = (blob, Set(Self.keys(try objects.blob(blob)).map(\.fingerprint))) }
                listed.formIntersection(known?.keys ?? [])
                for key in listed { result[key] = Revocation(commit: id, at: commit.committer.time) }
                next = commit.parents.first
            }
            return result
        }
    }

    private static func keys(_ list: [UInt8]) -> Set<SSHPublicKey> {
        do {
            return try AllowedSigners.revokedKeys(String(decoding: list, as: UTF8.self))
        } catch {
            return []
        }
    }
}
