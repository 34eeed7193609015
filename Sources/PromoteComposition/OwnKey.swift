import Foundation
import GitOpsTypes
import GitStore
import PromotionDomain
import SSHSignatures

/// The keys that Git's configuration knows: the person's own, and those that it trusts of others.
struct OwnKey {
    let configuration: GitConfiguration
    let homeDirectory: String?
    let directory: String

    /// The key that signs as `principal`; nil where there is none.
    func listed(for principal: Principal) async -> ListedKey? {
        guard let signer = CommitSigner(configuration, homeDirectory: homeDirectory, directory: directory) else { return nil }
        // A key that cannot be read is as good as none: what signs says why, when it has to.
        guard let key = try? await signer.publicKey() else { return nil }
        let fields = key.split(separator: " ")
        return fields.count >= 2 ? ListedKey("\(principal) \(fields[0]) \(fields[1])") : nil
    }

    /// The keys that `gpg.ssh.allowedSignersFile` has for `principals`, but for those that it has for several at once.
    func trusted(for principals: [Principal]) -> [ListedKey] {
        guard let path = configuration["gpg.ssh.allowedsignersfile"], !path.isEmpty else { return [] }
        let place =
            path.hasPrefix("~/") ? (homeDirectory ?? "") + path.dropFirst(1) : path.hasPrefix("/") ? path : "\(directory)/\(path)"
        guard let data = FileManager.default.contents(atPath: place) else { return [] }
        let wanted = Set(principals.map(\.text))
        return ListedKey.all(in: String(decoding: data, as: UTF8.self)).filter { key in
            key.entry.principals.count == 1 && wanted.isSuperset(of: key.entry.principals)
        }
    }
}
