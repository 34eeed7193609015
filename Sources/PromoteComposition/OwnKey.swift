import Foundation
import GitOpsTypes
import GitStore
import PromotionDomain

/// The keys that Git's configuration knows: the person's own, and those that it trusts of others.
struct OwnKey {
    let configuration: GitConfiguration
    let homeDirectory: String?
    let directory: String

    /// A line of allowed_signers for the key that signs as `principal`; nil where there is none.
    func line(for principal: Principal) async -> String? {
        guard let signer = CommitSigner(configuration, homeDirectory: homeDirectory, directory: directory) else { return nil }
        // A key that cannot be read is as good as none: what signs says why, when it has to.
        guard let key = try? await signer.publicKey() else { return nil }
        let fields = key.split(separator: " ")
        return fields.count >= 2 ? "\(principal) \(fields[0]) \(fields[1])" : nil
    }

    /// The lines that `gpg.ssh.allowedSignersFile` has for `principals`, but for those that it has for several at once.
    func trustedLines(for principals: [Principal]) -> [String] {
        guard let path = configuration["gpg.ssh.allowedsignersfile"], !path.isEmpty else { return [] }
        let place =
            path.hasPrefix("~/") ? (homeDirectory ?? "") + path.dropFirst(1) : path.hasPrefix("/") ? path : "\(directory)/\(path)"
        guard let data = FileManager.default.contents(atPath: place) else { return [] }
        let wanted = Set(principals.map(\.text))
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init).filter { line in
            line.split(separator: " ").first.map { wanted.contains(String($0)) } ?? false
        }
    }
}
