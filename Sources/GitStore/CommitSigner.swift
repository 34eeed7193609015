import Foundation
import GitOpsTypes

/// Signs commits in the name of the actor.
public protocol CommitSigning: Sendable {
    /// The public key that will sign, as `ssh-ed25519 AAAA…`; nil when only signing itself would tell.
    func publicKey() async throws -> String?

    /// The armored signature of `content` in the namespace `git`.
    ///
    /// - Throws: `GitError.signing` with what the signing program said.
    func sign(_ content: [UInt8]) async throws -> String
}

/// Signs commits as Git does with `gpg.format=ssh`: by `ssh-keygen -Y sign`, so that agents, hardware keys and passphrases
/// work.
public struct CommitSigner: CommitSigning {
    /// A private or public key file, or a public key written out whose private half an agent holds.
    enum Key: Hashable, Sendable {
        case file(String)
        case literal(String)

        /// Source: git-config(1), `user.signingKey`: `key::` or `ssh-` in front of a key that is written out.
        init?(literal text: String) {
            if text.hasPrefix("key::") {
                self = .literal(String(text.dropFirst("key::".count)))
            } else if text.hasPrefix("ssh-") {
                self = .literal(text)
            } else {
                return nil
            }
        }
    }

    private let source: SigningKeySource
    private let process: ToolProcess

    /// Nil when Git is not set up to sign with SSH keys.
    ///
    /// Source: git-config(1), `gpg.format`, `user.signingKey`, `gpg.ssh.program`, `gpg.ssh.defaultKeyCommand`.
    public init?(_ configuration: GitConfiguration, homeDirectory: String?, directory: String) {
        guard SigningSetup(configuration) == .ssh else { return nil }
        let text = configuration["user.signingkey"] ?? ""
        if text.isEmpty {
            source = SigningKeySource(command: configuration["gpg.ssh.defaultkeycommand"] ?? "", directory: directory)
        } else if let key = Key(literal: text) {
            source = SigningKeySource(key)
        } else if text.hasPrefix("~/"), let homeDirectory {
            source = SigningKeySource(.file(homeDirectory + text.dropFirst(1)))
        } else {
            // As for ssh-keygen, which runs there.
            source = SigningKeySource(.file(text.hasPrefix("/") ? text : "\(directory)/\(text)"))
        }
        process = ToolProcess(program: configuration["gpg.ssh.program"] ?? "ssh-keygen", directory: directory)
    }

    public func publicKey() async throws -> String? {
        switch try await source.key() {
        case .literal(let text): return text
        case .file(let path):
            for candidate in [path, path + ".pub"] {
                guard let data = FileManager.default.contents(atPath: candidate) else { continue }
                let text = String(decoding: data, as: UTF8.self)
                if text.hasPrefix("ssh-") || text.hasPrefix("ecdsa-") || text.hasPrefix("sk-") { return text.firstLine }
            }
            // An unencrypted private key says what its public half is.
            let output = try await process.run(["-y", "-P", "", "-f", path])
            return output.isSuccess ? String(decoding: output.standardOutput, as: UTF8.self).firstLine : nil
        }
    }

    public func sign(_ content: [UInt8]) async throws -> String {
        switch try await source.key() {
        case .file(let path): return try await sign(content, keyFile: path, throughAgent: false)
        case .literal(let text):
            let file = FileManager.default.temporaryDirectory.appending(component: "promote-\(UUID().uuidString).pub")
            try Data((text + "\n").utf8).write(to: file, options: .withoutOverwriting)
            defer {
                // Best effort: the file holds a public key only.
                try? FileManager.default.removeItem(at: file)
            }
            return try await sign(content, keyFile: file.path, throughAgent: true)
        }
    }

    private func sign(_ content: [UInt8], keyFile: String, throughAgent: Bool) async throws -> String {
        let output = try await process.run(
            ["-Y", "sign", "-n", "git", "-f", keyFile] + (throughAgent ? ["-U"] : []), input: content)
        guard output.isSuccess else {
            throw GitError(
                .signing, "sign a commit with \(keyFile)", output.standardError.lastLines.displayable,
                hint: "check user.signingkey and that the key is in your agent")
        }
        // Without the last line break, which would become an empty line of the commit's header.
        return String(decoding: output.standardOutput, as: UTF8.self).split(separator: "\n").joined(separator: "\n")
    }
}
