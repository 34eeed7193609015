import Foundation
import GitOpsTypes
import GitStore
import HTTPExchange
import ImageRegistry
import OCIRegistry
import PromotionEngine
import PromotionProjection

/// Reaches registries, with the credentials that `docker login` keeps.
struct RegistryDirectory: RegistryProviding {
    private let access: RegistryAccess

    init(environment: [String: String], transport: any HTTPTransport, store: StateStore) {
        let credentials = DockerCredentials(environment: environment)
        access = RegistryAccess(
            transport: transport, cache: StoredAnswers(store: store), clock: .system, timeout: HTTPRequest.timeout(environment)
        ) { registry in try await credentials.credential(for: registry) }
    }

    func registry(_ settings: [String: RegistrySettings]) -> any ImageRegistry {
        OCIRegistryClient(access, settings: settings)
    }
}

/// `config.json` of `DOCKER_CONFIG`, or of `~/.docker`, and the helper programs that it names.
private actor DockerCredentials {
    private let environment: [String: String]
    /// What was found a short while ago: a helper is not asked for every request, and what it gives does not last for ever.
    private var known: [String: (credential: RegistryCredential?, until: ContinuousClock.Instant)] = [:]

    init(environment: [String: String]) { self.environment = environment }

    func credential(for registry: String) async throws -> RegistryCredential? {
        if let found = known[registry], found.until > .now { return found.credential }
        let found = try await find(registry)
        known[registry] = (found, .now + .seconds(300))
        return found
    }

    private func find(_ registry: String) async throws(RegistryError) -> RegistryCredential? {
        let home = environment["HOME"].map { $0 + "/.docker" }
        guard let folder = environment["DOCKER_CONFIG"].flatMap({ $0.isEmpty ? nil : $0 }) ?? home,
            let bytes = FileManager.default.contents(atPath: folder + "/config.json")
        else { return nil }
        guard let configuration = DockerConfiguration([UInt8](bytes)) else {
            throw RegistryError.unauthorized("\(folder.displayable)/config.json is not as `docker login` writes it")
        }
        switch configuration.place(for: registry) {
        case nil: return nil
        case .here(let credential)?: return credential
        case .helper(let name, let server)?: return try await ask(name, server)
        }
    }

    /// Source: docker-credential-helpers, `get`.
    private func ask(_ name: String, _ server: String) async throws(RegistryError) -> RegistryCredential? {
        guard !name.isEmpty, name.utf8.allSatisfy({ $0.isHelperByte }) else {
            throw RegistryError.unauthorized("“\(name.displayable)” in Docker's config.json is no name of a helper")
        }
        var process = ToolProcess(program: "docker-credential-\(name)")
        process.timeout = .seconds(30)
        process.outputLimit = 1 << 20
        do {
            let output = try await process.run(["get"], input: Array((server + "\n").utf8))
            // A helper that has nothing says so by its status.
            return output.isSuccess ? DockerConfiguration.credential(ofHelper: output.standardOutput) : nil
        } catch {
            throw RegistryError.unauthorized("docker-credential-\(name) cannot be run: \(error)".displayable)
        }
    }
}

extension UInt8 {
    fileprivate var isHelperByte: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }
}
