import ForgeAPI
import Foundation
import GitOpsTypes
import GitStore
import HTTPClientTransport
import HTTPExchange
import PromotionDomain
import PromotionEngine
import PromotionForge
import PromotionProjection
import Secrets

/// Finds forges, and what opens them: by the policy, the remote's address, the environment and Git's credential helpers.
struct ForgeDirectory: ForgeProviding {
    private let remoteAddress: String?
    private let environment: [String: String]
    private let credentials: CredentialSource
    private let store: StateStore
    private let transport: LazyTransport

    init(
        remoteAddress: String?, environment: [String: String], tokens: [String: Secret], transport: LazyTransport,
        program: GitProgram, store: StateStore
    ) {
        self.remoteAddress = remoteAddress
        self.environment = environment
        self.store = store
        self.transport = transport
        credentials = CredentialSource(
            environment: environment, tokens: tokens, program: program, transport: transport, clock: .system)
    }

    func forge(for choice: ForgeChoice) throws -> (any Forge)? {
        guard let address = try address(for: choice) else { return nil }
        return ForgeSession(
            address, credentials: { try await credentials.credential(for: address) }, transport: transport,
            cache: StoredAnswers(store: store),
            clock: .system, timeout: HTTPRequest.timeout(environment)
        ).forge
    }

    func tokenVariable(of kind: ForgeKind) -> String? { ForgeProviders.provider(of: kind).tokenVariables.first }

    /// Nil where pull requests are records in the ledger.
    private func address(for choice: ForgeChoice) throws -> ForgeAddress? {
        switch choice {
        case .local: return nil
        case .inferred: return remoteAddress.flatMap(ForgeAddress.init(inferredFrom:))
        case .hosted(let settings):
            let place = remoteAddress.flatMap(ForgeAddress.place(of:))
            guard let repository = settings.repository ?? place?.path else {
                throw EngineError.configuration(
                    "the Forge names no repository, and the remote's address does not tell it",
                    hint: "write repository: owner/name in the Forge of environments/")
            }
            guard let api = settings.api ?? place.map({ ForgeProviders.provider(of: settings.kind).api(at: $0.host) }) else {
                throw EngineError.configuration(
                    "the Forge names no api, and the remote's address does not tell it",
                    hint: "write api: https://… in the Forge of environments/")
            }
            do {
                return try ForgeAddress(kind: settings.kind, api: api, repository: repository)
            } catch {
                throw EngineError.configuration("the Forge of environments/: \(error.message)", hint: error.hint)
            }
        }
    }
}

/// The HTTP client, made with the first request: commands that need none do not wait for one.
final class LazyTransport: HTTPTransport {
    private let environment: [String: String]
    private let made = Made()

    private actor Made {
        private var client: HTTPClientTransport?

        func client(_ environment: [String: String]) throws -> HTTPClientTransport {
            if let client { return client }
            let new = try HTTPClientTransport(environment: environment)
            client = new
            return new
        }
    }

    init(environment: [String: String]) {
        self.environment = environment
    }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let client: HTTPClientTransport
        do {
            client = try await made.client(environment)
        } catch let failure as HTTPClientTransport.SettingsFailure {
            throw HTTPFailure(.unreachable, failure.message)
        }
        return try await client.send(request)
    }
}

/// Answers that were kept in the state store. A store that cannot be used costs a request more, and nothing else.
struct StoredAnswers: ConditionalCache {
    let store: StateStore

    func answer(for address: String) -> (mark: String, body: [UInt8])? {
        do { return try store.forgeNote("answer \(address)") } catch { return nil }
    }

    func keep(_ body: [UInt8], mark: String, for address: String) {
        do { try store.noteForge("answer \(address)", mark: mark, body: body) } catch {}
    }
}
