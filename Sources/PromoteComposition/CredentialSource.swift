import ForgeAPI
import Foundation
import GitOpsTypes
import GitStore
import HTTPExchange
import PromotionForge
import Secrets

/// Where tokens come from. They are kept in memory, sent to the forge's own address, and shown nowhere.
actor CredentialSource {
    private let environment: [String: String]
    private let tokens: [String: Secret]
    private let program: GitProgram
    private let transport: any HTTPTransport
    private let clock: RetryClock
    /// What was found before: a helper is asked once.
    private var known: [ForgeAddress: ForgeCredential?] = [:]

    init(
        environment: [String: String], tokens: [String: Secret], program: GitProgram, transport: any HTTPTransport,
        clock: RetryClock
    ) {
        self.tokens = tokens
        self.transport = transport
        self.clock = clock
        self.environment = environment
        self.program = program
    }

    /// - Returns: nil where none is to be had; a forge may show what is public all the same.
    func credential(for address: ForgeAddress) async throws -> ForgeCredential? {
        if let found = known[address] { return found }
        let found = try await find(address)
        known[address] = .some(found)
        return found
    }

    private func find(_ address: ForgeAddress) async throws -> ForgeCredential? {
        if let token = tokens["PROMOTE_TOKEN"] { return .token(token) }
        // Before the token that a CI system gives to every job.
        if let token = try await appToken(address) { return .token(token) }
        for name in ForgeProviders.provider(of: address.kind).tokenVariables {
            guard let token = tokens[name] else { continue }
            return name == "CI_JOB_TOKEN" ? .jobToken(token) : .token(token)
        }
        guard let host = URLComponents(string: address.api) else { return nil }
        let filled = try await program.credential(
            scheme: host.scheme ?? "https", host: (host.host ?? "") + (host.port.map { ":\($0)" } ?? ""),
            path: address.repository)
        guard let filled, let password = Secret(filled.password) else { return nil }
        return .password(user: filled.user, password)
    }

    /// Of a GitHub App, by its id and the file with its key.
    private func appToken(_ address: ForgeAddress) async throws -> Secret? {
        guard address.kind == .github, let id = environment["PROMOTE_GITHUB_APP_ID"], !id.isEmpty,
            let file = environment["PROMOTE_GITHUB_APP_KEY"], !file.isEmpty
        else { return nil }
        guard let key = FileManager.default.contents(atPath: file) else {
            throw GitHubApp.KeyFailure(message: "PROMOTE_GITHUB_APP_KEY names no file that can be read")
        }
        return try await GitHubApp(id: id, key: String(decoding: key, as: UTF8.self)).token(
            for: address, transport: transport, clock: clock, timeout: 30)
    }
}
