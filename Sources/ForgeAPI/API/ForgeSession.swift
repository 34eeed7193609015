import Foundation
import GitOpsTypes
public import HTTPExchange
import PromotionForge
import Secrets

/// The plumbing that all dialects share: authentication, retries within a budget, rate limits, pages to the end.
public struct ForgeSession: Sendable {
    let address: ForgeAddress
    let provider: any ForgeProvider
    private let credentials: @Sendable () async throws -> ForgeCredential?
    private let retrying: RetryingExchange
    private let cache: any ConditionalCache
    /// Seconds that an answer may take.
    private let timeout: Int

    /// More pages than any listing of ours can have.
    private static let maximumPages = 1000

    public init(
        _ address: ForgeAddress, credentials: @escaping @Sendable () async throws -> ForgeCredential?,
        transport: any HTTPTransport, cache: any ConditionalCache,
        clock: RetryClock, timeout: Int
    ) {
        self.address = address
        provider = ForgeProviders.provider(of: address.kind)
        self.credentials = credentials
        retrying = RetryingExchange(transport: transport, clock: clock)
        self.cache = cache
        self.timeout = timeout
    }

    typealias Query = [(name: String, value: String)]

    // MARK: One answer

    func get<Value: Decodable>(_ type: Value.Type, _ path: String, _ query: Query = []) async throws(ForgeError) -> Value {
        try decode(type, await call(.get, path, query))
    }

    /// The answer, whatever its status, after what may be tried again was.
    ///
    /// - Parameter isRepeatable: whether doing it twice is as good as once; nil to go by the method.
    /// - Throws: `ForgeError.unavailable` and `.rateLimited`.
    func exchange(
        _ method: HTTPRequest.Method, _ url: String, body: JSONBody? = nil, headers extra: Query = [],
        isRepeatable: Bool? = nil
    ) async throws(ForgeError) -> HTTPResponse {
        let isRepeatable = isRepeatable ?? method.isIdempotent
        var headers = [(name: "User-Agent", value: "promote")] + provider.headers + extra
        if let credential = try await credential() { headers.append(provider.header(for: credential)) }
        if body != nil { headers.append((name: "Content-Type", value: "application/json")) }
        let request = HTTPRequest(method, url, headers: headers, body: try body.map(Self.encode), timeout: timeout)
        do throws(RetryingExchange.Failure) {
            // A 403 may be a rate limit, and where no header says so it is a refusal.
            let response = try await retrying.send(request, isRepeatable: isRepeatable) { $0 == 429 || $0 == 403 }
            // What we showed to a server is not kept or told because the server says it back.
            return HTTPResponse(
                status: response.status,
                headers: response.headers.map { (name: $0.name, value: Redaction.hide(inOwnWords: $0.value)) },
                body: Redaction.hide(inBody: response.body))
        } catch {
            switch error {
            case .rateLimited(let seconds): throw ForgeError.rateLimited(seconds: seconds)
            case .broken(let response):
                let detail = "\(place) answered \(response.status)\(Self.words(response).map { ": \($0)" } ?? "")"
                throw ForgeError.unavailable(detail, isUncertain: !isRepeatable)
            case .failed(let failure):
                throw ForgeError.unavailable(
                    "\(place): \(failure.detail)", isUncertain: failure.kind != .unreachable && !isRepeatable)
            case .stopped(let reason): throw ForgeError.unavailable("\(place): \(reason)", isUncertain: true)
            }
        }
    }

    func credential() async throws(ForgeError) -> ForgeCredential? {
        do { return try await credentials() } catch let error as ForgeError {
            throw error
        } catch let error as GitHubApp.KeyFailure {
            throw ForgeError.unauthorized(error.message)
        } catch {
            throw ForgeError.unauthorized("the token for \(place) cannot be had: \(error)".displayable)
        }
    }

    /// A successful answer.
    func call(
        _ method: HTTPRequest.Method, _ path: String, _ query: Query = [], body: JSONBody? = nil,
        isRepeatable: Bool? = nil
    ) async throws(ForgeError) -> HTTPResponse {
        let response = try await exchange(method, url(path, query), body: body, isRepeatable: isRepeatable)
        if let error = error(response) { throw error }
        return response
    }

    /// What GitHub and Gitea say of a collaborator's permission; an account that they do not know has none.
    func permission(_ path: String) async throws(ForgeError) -> ForgePermission {
        struct Answer: Decodable {
            let permission: String
        }
        let answer: Answer
        do throws(ForgeError) {
            answer = try decode(Answer.self, try await call(.get, path))
        } catch .notFound {
            return .none
        }
        switch answer.permission {
        case "none": return .none
        case "read": return .read
        case "write": return .write
        case "admin", "owner": return .administration
        default: throw ForgeError.malformed("\(place) tells of a permission “\(answer.permission.displayable)”")
        }
    }

    // MARK: Listings

    /// Every element of a listing, page after page.
    ///
    /// - Parameter enough: given what was read so far, whether the rest is not needed.
    /// - Throws: `ForgeError.malformed` when the forge tells of more than it gives: a part is never taken for the whole.
    func list<Element: Decodable>(
        _ type: Element.Type, _ path: String, _ query: Query = [], isRemembered: Bool = false,
        enough: ([Element]) -> Bool = { _ in false }
    ) async throws(ForgeError) -> [Element] {
        var next: String? = url(path, query + [provider.pageSize])
        var elements: [Element] = []
        var visited: Set<String> = []
        while let page = next {
            guard visited.insert(page).inserted, visited.count <= Self.maximumPages else {
                throw ForgeError.malformed("\(place) sends from page to page in a circle")
            }
            let (response, body) = try await fetch(page, isRemembered: isRemembered && visited.count == 1)
            elements += try decode([Element].self, body, of: response)
            if enough(elements) { return elements }
            next = try self.next(after: response, page: page)
            if next == nil, let total = response["X-Total-Count"] ?? response["X-Total"], let count = Int(total),
                count > elements.count
            {
                throw ForgeError.malformed("\(place) tells of \(count) entries and gives \(elements.count)")
            }
        }
        return elements
    }

    private func fetch(
        _ address: String, isRemembered: Bool
    ) async throws(ForgeError) -> (HTTPResponse, body: [UInt8]) {
        let kept = isRemembered ? cache.answer(for: address) : nil
        let response = try await exchange(.get, address, headers: kept.map { [(name: "If-None-Match", value: $0.mark)] } ?? [])
        if response.status == 304, let kept { return (response, kept.body) }
        if let error = error(response) { throw error }
        if isRemembered, let mark = response["ETag"] { cache.keep(response.body, mark: mark, for: address) }
        return (response, response.body)
    }

    /// The address of the page after this one, never on another server.
    ///
    /// Source: RFC 8288, `Link` with `rel="next"`.
    private func next(after response: HTTPResponse, page: String) throws(ForgeError) -> String? {
        guard let header = response["Link"] else { return nil }
        for link in header.split(separator: ",") {
            let parts = link.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            guard let target = parts.first, target.hasPrefix("<"), target.hasSuffix(">"),
                parts.dropFirst().contains(where: { $0 == "rel=\"next\"" || $0 == "rel=next" })
            else { continue }
            guard let base = URL(string: page), let url = URL(string: String(target.dropFirst().dropLast()), relativeTo: base),
                url.scheme == base.scheme, url.host == base.host, url.port == base.port
            else { throw ForgeError.malformed("\(place) sends to another server for the next page") }
            return url.absoluteString
        }
        return nil
    }

    // MARK: Reading answers

    func decode<Value: Decodable>(_ type: Value.Type, _ response: HTTPResponse) throws(ForgeError) -> Value {
        try decode(type, response.body, of: response)
    }

    private func decode<Value: Decodable>(
        _ type: Value.Type, _ body: [UInt8], of response: HTTPResponse
    ) throws(ForgeError) -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: Data(body))
        } catch {
            throw ForgeError.malformed("\(place) answered \(response.status) with something that is not what it documents")
        }
    }

    private static func encode(_ body: JSONBody) throws(ForgeError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        do { return Array(try encoder.encode(body)) } catch {
            throw ForgeError.malformed("the request cannot be written as JSON: \(error)")
        }
    }

    /// What a failed answer means; nil for a success.
    func error(_ response: HTTPResponse) -> ForgeError? {
        let words = Self.words(response) ?? "no reason given"
        return switch response.status {
        case 200..<300: nil
        case 300..<400: .rejected(status: response.status, "the repository is elsewhere now: change `repository` of the Forge")
        case 401: .unauthorized("\(place) does not accept the token: \(words)")
        case 403: .unauthorized("\(place) does not permit it: \(words)")
        case 404: .notFound("\(place) has no such thing, or does not show it to this token: \(words)")
        default: .rejected(status: response.status, words)
        }
    }

    /// The reason that a forge gives, in whichever of its ways; short and without control characters.
    static func words(_ response: HTTPResponse) -> String? {
        // What is no JSON is read as text below.
        guard let json = try? JSONDecoder().decode(ReasonBody.self, from: Data(response.body)) else {
            // No JSON: what a proxy says, in its first words.
            let text = String(decoding: response.body.prefix(200), as: UTF8.self)
            return text.isEmpty || text.contains("<") ? nil : text.quotable
        }
        let text = ([json.message?.text ?? json.error?.text] + (json.errors ?? []).map(\.text)).compactMap(\.self)
            .joined(separator: "; ")
        return text.isEmpty ? nil : String(text.prefix(500)).quotable
    }

    // MARK: Addresses

    /// How people know the server.
    var place: String { "\(provider.name) at \(URLComponents(string: address.api)?.host ?? address.api)" }

    func url(_ path: String, _ query: Query = []) -> String {
        let pairs = query.map { "\($0.name)=\($0.value.percentEncoded())" }
        return address.api + path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }
}

/// The ways in which forges say why not.
private struct ReasonBody: Decodable {
    let message: Words?
    let error: Words?
    let errors: [Words]?

    /// A sentence, a list of them, or an object that has one.
    struct Words: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            // One of the three shapes is tried after the other; what is none of them says nothing.
            if let text = try? container.decode(String.self) {
                self.text = text
            } else if let list = try? container.decode([Words].self) {
                text = list.map(\.text).joined(separator: "; ")
            } else if let object = try? container.decode([String: Words].self) {
                text =
                    object["message"]?.text
                    ?? object.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }.joined(separator: "; ")
            } else {
                text = ""
            }
        }
    }
}
