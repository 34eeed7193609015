import Foundation
public import GitOpsTypes
import GitStore
public import PromotionDomain
import PromotionEngine
public import SSHSignatures

/// The key that a person signs with, and Git set up to use it.
public struct SigningKeySetup: Sendable {
    public let principal: Principal
    public let key: SSHPublicKey
    /// The public half's file; nil where Git knows the key in another way.
    public let file: String?
    /// Whether it was made for this.
    public let isNew: Bool
    /// The settings of the repository that were changed, as Git writes them.
    public let settings: [String]
    /// The list of keys in the configuration.
    public let list: RepositoryPath

    /// Files that hold a person's key by custom, the best first.
    ///
    /// Source: ssh-keygen(1), FILES.
    private static let customary = ["id_ed25519", "id_ecdsa", "id_ed25519_sk", "id_ecdsa_sk", "id_rsa"]

    /// Finds the key of the person whom Git knows, or makes one, and has Git sign with it in this repository.
    ///
    /// - Parameter path: of a key's file; nil for the one that Git signs with, or a customary one.
    /// - Throws: `EngineError` where Git does not know the person, or there is no such key.
    public static func own(in directory: String, key path: String?) async throws -> SigningKeySetup {
        let environment = ProcessInfo.processInfo.environment
        let list = try await list(in: directory)
        let found = try await FoundRepository(at: directory)
        guard let principal = found.configuration["user.email"].flatMap(Principal.init) else {
            throw EngineError.configuration("Git does not know who you are", hint: "git config user.email <you>")
        }
        if path == nil, let signer = CommitSigner(found.configuration, homeDirectory: environment["HOME"], directory: directory) {
            guard let text = try await signer.publicKey(), let key = key(in: text) else {
                throw EngineError.configuration(
                    "the key that Git signs with cannot be read", hint: "name its public half: promote keys add --key <file>.pub")
            }
            let file = found.configuration["user.signingkey"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("~/") ? $0 : nil }
            return SigningKeySetup(
                principal: principal, key: key, file: file, isNew: false,
                settings: try await set([("commit.gpgsign", "true")], in: directory, found.configuration), list: list)
        }
        let (file, isNew): (String, Bool)
        if let path {
            (file, isNew) = (try publicHalf(of: path, in: directory), false)
        } else {
            (file, isNew) = try await customaryKey(environment, principal)
        }
        // Nothing is set for what is no key.
        let key = try key(at: file)
        let settings = try await set(
            [("gpg.format", "ssh"), ("user.signingkey", file), ("commit.gpgsign", "true")], in: directory, found.configuration)
        return SigningKeySetup(principal: principal, key: key, file: file, isNew: isNew, settings: settings, list: list)
    }

    /// Another person's key, which changes nothing of how this repository signs.
    ///
    /// - Parameter path: of its file, or the key itself as it stands there.
    public static func other(_ principal: Principal, key path: String, in directory: String) async throws -> SigningKeySetup {
        let list = try await list(in: directory)
        if let key = key(in: path) {
            return SigningKeySetup(principal: principal, key: key, file: nil, isNew: false, settings: [], list: list)
        }
        let file = try publicHalf(of: path, in: directory)
        return SigningKeySetup(
            principal: principal, key: try key(at: file), file: file, isNew: false, settings: [], list: list)
    }

    // MARK: Keys

    private static func key(in text: String) -> SSHPublicKey? {
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count >= 2, let key = SSHPublicKey(base64: fields[1]), key.type == fields[0],
            SSHPublicKey.knownTypes.contains(key.type)
        else { return nil }
        return key
    }

    private static func key(at file: String) throws -> SSHPublicKey {
        guard let data = FileManager.default.contents(atPath: file), data.count < 1 << 16,
            let key = key(in: String(decoding: data, as: UTF8.self))
        else {
            throw EngineError.usage(
                "\(file.displayable) is no public key of OpenSSH",
                hint: "name the file that ends in .pub, as ssh-keygen writes it")
        }
        return key
    }

    /// The absolute path of the public half, whichever is named.
    private static func publicHalf(of path: String, in directory: String) throws -> String {
        let home = ProcessInfo.processInfo.environment["HOME"] ?? ""
        let absolute =
            path.hasPrefix("/")
            ? path : path.hasPrefix("~/") ? home + path.dropFirst(1) : URL(filePath: path).standardizedFileURL.path
        for candidate in absolute.hasSuffix(".pub") ? [absolute] : [absolute + ".pub", absolute] {
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
        }
        throw EngineError.usage(
            "there is no file \(absolute.displayable)", hint: "name a public key: --key ~/.ssh/id_ed25519.pub")
    }

    private static func customaryKey(_ environment: [String: String], _ principal: Principal) async throws -> (String, Bool) {
        guard let home = environment["HOME"], !home.isEmpty else {
            throw EngineError.configuration("HOME is not set, so that no key is found", hint: "name one: --key <file>.pub")
        }
        let folder = home + "/.ssh"
        for name in customary {
            let file = "\(folder)/\(name).pub"
            if FileManager.default.fileExists(atPath: file) { return (file, false) }
        }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let file = folder + "/id_ed25519"
        let output = try await ToolProcess(program: "ssh-keygen", directory: folder).run([
            "-q", "-t", "ed25519", "-N", "", "-C", principal.text, "-f", file,
        ])
        guard output.isSuccess else {
            throw EngineError.configuration(
                "ssh-keygen made no key in \(folder): \(String(output.standardError.prefix(200)).displayable)",
                hint: "make one yourself: ssh-keygen -t ed25519")
        }
        return (file + ".pub", true)
    }

    // MARK: Git

    /// - Returns: those that were another value before.
    private static func set(
        _ wanted: [(key: String, value: String)], in directory: String, _ configuration: GitConfiguration
    ) async throws -> [String] {
        let program = GitProgram(directory: directory)
        var changed: [String] = []
        for (key, value) in wanted where configuration[key] != value {
            try await program.set(key, to: value)
            changed.append("\(key)=\(value)")
        }
        return changed
    }

    // MARK: The first configuration

    /// The folder of the work tree that has the configuration.
    ///
    /// - Throws: `EngineError.configuration` where there is none.
    private static func configurationFolder(in directory: String) async throws -> ConfigurationFolder {
        let program = GitProgram(directory: directory)
        let named = try RepositoryShape(configuration: try await program.configuration()).configurationFolder()
        let folder = ConfigurationFolder(
            root: try await program.workTree(), path: named ?? RepositoryShape.usualConfigurationFolder)
        let elsewhere = try ConfigurationSearch.remedy(in: FolderFiles(root: folder.root), besides: folder.path)
        guard try folder.exists(), elsewhere == nil else {
            throw EngineError.configuration(
                "there is no configuration in \("\(folder.root)/\(folder.path)".displayable) that could list a key",
                hint: elsewhere ?? "promote init; or check out the branch that has it")
        }
        return folder
    }

    /// Writes the key into the configuration in the work tree, which is not on the target branch yet.
    ///
    /// - Returns: false where it is there already.
    /// - Throws: `EngineError.configuration` where the list is no plain file, or none that can be read.
    public func listInWorkTree(of directory: String) async throws -> Bool {
        let folder = try await Self.configurationFolder(in: directory)
        let present = try folder.file(list.name) ?? []
        do throws(AllowedSigners.Failure) {
            let signers = try AllowedSigners(String(decoding: present, as: UTF8.self))
            if signers.lists(fingerprint: key.fingerprint, for: principal.text) { return false }
        } catch {
            throw EngineError.configuration(
                "\(list), line \(error.line): \(error.message)", hint: "correct the line, or take it out")
        }
        try folder.write(AllowedSigners.text(present, adding: "\(principal) \(key.line)"), to: list.name)
        return true
    }

    private static func list(in directory: String) async throws -> RepositoryPath {
        let folder = try await configurationFolder(in: directory).path
        guard let list = folder.appending("allowed_signers") else { preconditionFailure("allowed_signers is a name of a file") }
        return list
    }
}
