import Foundation
import GitOpsTypes
public import HTTPExchange
import ImageRegistry
import Secrets

/// What the client needs of the world.
public struct RegistryAccess: Sendable {
    let exchange: RetryingExchange
    /// What opens a registry, by its name; nil where nothing is known, and what is public is seen all the same.
    let credential: @Sendable (_ registry: String) async throws -> RegistryCredential?
    /// Lists that were read before.
    let cache: any ConditionalCache
    /// Seconds that an answer may take.
    let timeout: Int

    public init(
        transport: any HTTPTransport, cache: any ConditionalCache, clock: RetryClock, timeout: Int,
        credential: @escaping @Sendable (_ registry: String) async throws -> RegistryCredential?
    ) {
        exchange = RetryingExchange(transport: transport, clock: clock)
        self.cache = cache
        self.timeout = timeout
        self.credential = credential
    }
}

/// Asks one registry: authentication, redirects that lead nowhere bad, and bounds on everything.
actor RegistrySession {
    let endpoint: RegistryEndpoint
    private let access: RegistryAccess
    nonisolated var cache: any ConditionalCache { access.cache }
    /// What opened it before, by scope.
    private var authorizations: [String: String] = [:]

    private static let maximumRedirects = 5

    init(_ endpoint: RegistryEndpoint, _ access: RegistryAccess) {
        self.endpoint = endpoint
        self.access = access
    }

    /// The answer to a request for something of a repository, of status 200, 304 or 404.
    ///
    /// - Parameters:
    ///   - path: from the server's root, with its query.
    ///   - statuses: others that are an answer, too.
    func get(
        _ path: String, of repository: String, method: HTTPRequest.Method = .get,
        headers: [(name: String, value: String)] = [], limit: Int, accepting statuses: Set<Int> = []
    ) async throws(RegistryError) -> HTTPResponse {
        let scope = "repository:\(repository):pull"
        var url = path.hasPrefix("http") ? path : endpoint.origin + path
        var redirects = 0
        var isChallenged = false
        while true {
            var sent = headers + [(name: "User-Agent", value: "promote")]
            // A secret goes to the registry itself, and to no server that it points to.
            let isAtHome = RegistryEndpoint.origin(of: url) == endpoint.origin
            if isAtHome, let authorization = authorizations[scope] { sent.append((name: "Authorization", value: authorization)) }
            let response = try await send(
                HTTPRequest(method, url, headers: sent, timeout: access.timeout, maximumBody: limit))
            switch response.status {
            case 200, 304, 404: return response
            case let status where statuses.contains(status): return response
            case 401 where isAtHome && !isChallenged:
                isChallenged = true
                authorizations[scope] = try await authorize(response, scope: scope)
            case 301, 302, 303, 307, 308:
                redirects += 1
                url = try redirect(response, from: url, count: redirects)
            default: throw error(response)
            }
        }
    }

    private func send(_ request: HTTPRequest) async throws(RegistryError) -> HTTPResponse {
        do throws(RetryingExchange.Failure) {
            return try await access.exchange.send(request, isRepeatable: true)
        } catch {
            switch error {
            case .rateLimited(let seconds): throw RegistryError.rateLimited(endpoint.host, seconds: seconds)
            case .broken(let response): throw RegistryError.unavailable("\(endpoint.host) answered \(response.status)")
            case .failed(let failure) where failure.kind == .tooLarge:
                throw RegistryError.malformed("\(endpoint.host): \(failure.detail)")
            case .failed(let failure): throw RegistryError.unavailable("\(endpoint.host): \(failure.detail)")
            case .stopped(let reason): throw RegistryError.unavailable("\(endpoint.host): \(reason)")
            }
        }
    }

    private func redirect(_ response: HTTPResponse, from url: String, count: Int) throws(RegistryError) -> String {
        guard count <= Self.maximumRedirects else {
            throw RegistryError.untrustworthy("\(endpoint.host) sends from address to address without end")
        }
        guard let location = response["Location"],
            let target = URL(string: location, relativeTo: URL(string: url))?.absoluteURL.absoluteString
        else { throw RegistryError.malformed("\(endpoint.host) answered \(response.status) and does not say where to go") }
        if let problem = endpoint.problem(withRedirectTo: target) {
            let place = URLComponents(string: target)?.host ?? location
            throw RegistryError.untrustworthy("\(endpoint.host) sends to \(place.displayable): \(problem), which is not followed")
        }
        return target
    }

    private func error(_ response: HTTPResponse) -> RegistryError {
        let words = words(response).map { ": \($0)" } ?? ""
        switch response.status {
        case 401: return .unauthorized("\(endpoint.host) does not accept the credentials, or has no such repository\(words)")
        case 403: return .unauthorized("\(endpoint.host) does not permit it\(words)")
        default: return .malformed("\(endpoint.host) answered \(response.status)\(words)")
        }
    }

    /// Source: OCI distribution specification 1.1, "Error Codes".
    private func words(_ response: HTTPResponse) -> String? {
        struct Body: Decodable {
            struct Reason: Decodable {
                let code: String?
                let message: String?
            }
            let errors: [Reason]
        }
        // What is no such body has no words.
        guard let body = try? JSONDecoder().decode(Body.self, from: Data(response.body)) else { return nil }
        let text = body.errors.prefix(3).compactMap { $0.message ?? $0.code }.joined(separator: "; ")
        let tokens = authorizations.values.compactMap { $0.split(separator: " ").last.map(String.init) }
        return text.isEmpty ? nil : Redaction.hide(in: String(text.prefix(300)), and: tokens).displayable
    }

    // MARK: Authentication

    private func authorize(_ response: HTTPResponse, scope: String) async throws(RegistryError) -> String {
        let challenges = response.headers.filter { $0.name.lowercased() == "www-authenticate" }
        guard let challenge = challenges.lazy.compactMap({ RegistryChallenge($0.value) }).first else {
            throw RegistryError.unauthorized("\(endpoint.host) wants credentials of a kind that is not known here")
        }
        let credential = try await credential()
        if credential != nil, endpoint.isExposed {
            throw RegistryError.untrustworthy(
                "\(endpoint.host) wants credentials and is asked without TLS (plainHTTP), where none are sent")
        }
        if case .registryToken(let token)? = credential { return "Bearer \(token.reveal())" }
        switch challenge {
        case .basic:
            guard case .password(let user, let password)? = credential else {
                throw RegistryError.unauthorized("\(endpoint.host) wants a name and a password, and none are known")
            }
            return Self.basic(user, password)
        case .bearer(let realm, let service, let wanted):
            if let problem = endpoint.problem(withRealm: realm) {
                throw RegistryError.untrustworthy(
                    "\(endpoint.host) wants a token from \(realm.displayable): \(problem), where no credentials are sent")
            }
            return "Bearer \(try await token(from: realm, service: service, scope: wanted ?? scope, credential))"
        }
    }

    private func credential() async throws(RegistryError) -> RegistryCredential? {
        do { return try await access.credential(endpoint.host) } catch let error as RegistryError { throw error } catch {
            throw RegistryError.unauthorized("the credentials for \(endpoint.host) cannot be had: \(error)".displayable)
        }
    }

    private func token(
        from realm: String, service: String?, scope: String, _ credential: RegistryCredential?
    ) async throws(RegistryError) -> String {
        var headers = [(name: "User-Agent", value: "promote")]
        var fields = [("service", service), ("scope", scope)]
        let request: HTTPRequest
        if case .identityToken(let token)? = credential {
            fields += [("grant_type", "refresh_token"), ("client_id", "promote"), ("refresh_token", token.reveal())]
            headers.append((name: "Content-Type", value: "application/x-www-form-urlencoded"))
            request = HTTPRequest(
                .post, realm, headers: headers, body: Array(Self.form(fields).utf8), timeout: access.timeout,
                maximumBody: 1 << 20)
        } else {
            if case .password(let user, let password)? = credential {
                headers.append((name: "Authorization", value: Self.basic(user, password)))
            }
            let separator = realm.contains("?") ? "&" : "?"
            request = HTTPRequest(
                .get, realm + separator + Self.form(fields), headers: headers, timeout: access.timeout, maximumBody: 1 << 20)
        }
        let response = try await send(request)
        guard response.status == 200 else {
            throw RegistryError.unauthorized("the token server of \(endpoint.host) answered \(response.status)")
        }
        struct Answer: Decodable {
            let token: String?
            let access_token: String?
        }
        // What is no such answer has no token.
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body))
        guard let token = answer?.token ?? answer?.access_token, !token.isEmpty,
            token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw RegistryError.malformed("the token server of \(endpoint.host) gives no token") }
        return token
    }

    private static func basic(_ user: String, _ password: Secret) -> String {
        "Basic \(Secret.basic(user: user, password: password).reveal())"
    }

    private static func form(_ fields: [(String, String?)]) -> String {
        fields.compactMap { name, value in value.map { "\(name)=\($0.percentEncoded())" } }.joined(separator: "&")
    }
}
