import CryptoExtras
import Foundation
import GitOpsTypes
public import HTTPExchange
import PromotionForge
public import Secrets

/// A GitHub App, which gets a token of an hour for the one repository that it is used for.
///
/// Source: GitHub, "Authenticating as a GitHub App installation"; RFC 7519 and RFC 7518 (RS256).
public struct GitHubApp: Sendable {
    private let id: String
    private let key: _RSA.Signing.PrivateKey

    /// What is wrong with the key, in words without any of it.
    public struct KeyFailure: Error, Sendable {
        public let message: String

        public init(message: String) { self.message = message }
    }

    /// - Parameters:
    ///   - id: the App's id, or its client id.
    ///   - key: its private key in PEM form.
    /// - Throws: `KeyFailure`.
    public init(id: String, key: String) throws(KeyFailure) {
        do {
            self.key = try _RSA.Signing.PrivateKey(pemRepresentation: key)
        } catch {
            throw KeyFailure(message: "the key of the GitHub App is no RSA key in PEM form")
        }
        self.id = id
    }

    private struct Installation: Decodable {
        let id: Int
    }

    private struct Token: Decodable {
        let token: String
    }

    /// A token for the repository of `address`.
    ///
    /// - Throws: `ForgeError`.
    public func token(
        for address: ForgeAddress, transport: any HTTPTransport, clock: RetryClock, timeout: Int
    ) async throws -> Secret? {
        let assertion = try assertion(at: clock.now())
        let session = ForgeSession(
            address, credentials: { Secret(assertion).map(ForgeCredential.token) }, transport: transport, cache: NoCache(),
            clock: clock, timeout: timeout)
        let path = "/repos/\(address.repository.percentEncoded(keeping: "/"))/installation"
        let installation = try await session.get(Installation.self, path)
        let name = address.repository.split(separator: "/").last.map(String.init) ?? ""
        let response = try await session.call(
            .post, "/app/installations/\(installation.id)/access_tokens", body: ["repositories": [.string(name)]],
            isRepeatable: true)
        return Secret(try session.decode(Token.self, response).token)
    }

    /// What proves that we are the App, for ten minutes at most; a minute back, for clocks that differ.
    private func assertion(at time: Timestamp) throws -> String {
        let header = #"{"alg":"RS256","typ":"JWT"}"#
        let issuer = String(decoding: try JSONEncoder().encode(id), as: UTF8.self)
        let claims = #"{"exp":\#(time.seconds + 540),"iat":\#(time.seconds - 60),"iss":\#(issuer)}"#
        let signed = Self.encoded(Data(header.utf8)) + "." + Self.encoded(Data(claims.utf8))
        let signature = try key.signature(for: Data(signed.utf8), padding: .insecurePKCS1v1_5)
        return signed + "." + Self.encoded(signature.rawRepresentation)
    }

    private static func encoded(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

private struct NoCache: ConditionalCache {
    func answer(for address: String) -> (mark: String, body: [UInt8])? { nil }
    func keep(_ body: [UInt8], mark: String, for address: String) {}
}
