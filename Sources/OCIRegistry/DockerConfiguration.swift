import Foundation
public import Secrets

/// What opens a registry.
public enum RegistryCredential: Sendable {
    case password(user: String, Secret)
    /// A token that is exchanged for others.
    case identityToken(Secret)
    /// A token that is sent as it is.
    case registryToken(Secret)
}

/// The file that `docker login` writes.
///
/// Source: Docker, "config.json" of the command line; `auths`, `credHelpers`, `credsStore`.
public struct DockerConfiguration: Sendable {
    /// Where credentials for a registry are.
    public enum Place: Sendable {
        case here(RegistryCredential)
        /// `docker-credential-<name> get`, which is given the server's name.
        case helper(name: String, server: String)
    }

    private struct File: Decodable {
        struct Entry: Decodable {
            let auth: String?
            let username: String?
            let password: String?
            let identitytoken: String?
            let registrytoken: String?
        }

        let auths: [String: Entry]?
        let credHelpers: [String: String]?
        let credsStore: String?
    }

    private let file: File

    /// Nil when it is not such a file.
    public init?(_ bytes: [UInt8]) {
        // A file that cannot be read is told about by the caller that needs it.
        guard let file = try? JSONDecoder().decode(File.self, from: Data(bytes)) else { return nil }
        self.file = file
    }

    /// - Parameter registry: as in names of images: `docker.io`, `registry.example:5000`.
    /// - Returns: nil where the file has nothing for it.
    public func place(for registry: String) -> Place? {
        let server = registry == "docker.io" ? "https://index.docker.io/v1/" : registry
        if let helper = file.credHelpers?.first(where: { Self.host(of: $0.key) == Self.host(of: server) })?.value {
            return .helper(name: helper, server: server)
        }
        // Some logins keep other things below the same host.
        let paths = ["", "v1", "v2"]
        let keys = (file.auths ?? [:]).keys.filter {
            Self.host(of: $0) == Self.host(of: server) && paths.contains(Self.path(of: $0))
        }
        let entry = (keys.contains(server) ? server : keys.sorted().first).flatMap { file.auths?[$0] }
        if let entry, let credential = Self.credential(entry) { return .here(credential) }
        return file.credsStore.flatMap { $0.isEmpty ? nil : .helper(name: $0, server: server) }
    }

    /// What a helper printed: `{"Username": …, "Secret": …}`, where the name `<token>` says that it is an identity token.
    ///
    /// Source: docker-credential-helpers.
    public static func credential(ofHelper output: [UInt8]) -> RegistryCredential? {
        struct Answer: Decodable {
            let Username: String
            let Secret: String
        }
        // What is no such answer is no credential.
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(output)), let secret = Secret(answer.Secret) else {
            return nil
        }
        return answer.Username == "<token>" ? .identityToken(secret) : .password(user: answer.Username, secret)
    }

    private static func credential(_ entry: File.Entry) -> RegistryCredential? {
        if let token = Secret(entry.registrytoken) { return .registryToken(token) }
        if let token = Secret(entry.identitytoken) { return .identityToken(token) }
        if let user = entry.username, let password = Secret(entry.password) { return .password(user: user, password) }
        guard let text = entry.auth, let bytes = Data(base64Encoded: text) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let password = Secret(String(parts[1])) else { return nil }
        return .password(user: String(parts[0]), password)
    }

    private static func path(of key: String) -> String {
        let plain = key.split(separator: "//", maxSplits: 1).last ?? ""
        return plain.split(separator: "/").dropFirst().joined(separator: "/")
    }

    /// Keys are hosts, or addresses from older times.
    private static func host(of key: String) -> String {
        let plain = key.split(separator: "//", maxSplits: 1).last ?? ""
        return plain.split(separator: "/").first?.lowercased() ?? ""
    }
}
