import AsyncHTTPClient
import Foundation
import GitOpsTypes
public import HTTPExchange
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// HTTP by async-http-client: connections kept, certificates verified, proxies as the environment says.
public final class HTTPClientTransport: HTTPTransport {
    private let direct: HTTPClient
    /// For hosts that are reached through a proxy; nil where none is configured.
    private let proxied: HTTPClient?
    private let proxies: ProxySettings

    /// What is wrong with the settings, in words.
    public struct SettingsFailure: Error, Sendable {
        public let message: String
    }

    /// - Parameter environment: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in capitals or not, and `PROMOTE_CA_FILE`: PEM
    ///   certificates that are trusted besides the system's.
    /// - Throws: `SettingsFailure`.
    public init(environment: [String: String]) throws(SettingsFailure) {
        proxies = try ProxySettings(environment)
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(10))
        configuration.httpVersion = .http1Only
        // The caller retries, knowing what for.
        configuration.connectionPool.retryConnectionEstablishment = false
        if let file = environment["PROMOTE_CA_FILE"], !file.isEmpty {
            var tls = TLSConfiguration.makeClientConfiguration()
            do {
                tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(file))]
            } catch {
                throw SettingsFailure(message: "PROMOTE_CA_FILE “\(file.displayable)” holds no certificates in PEM form")
            }
            configuration.tlsConfiguration = tls
        }
        direct = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        if let proxy = proxies.proxy {
            configuration.proxy =
                if let user = proxy.user {
                    .server(
                        host: proxy.host, port: proxy.port,
                        authorization: .basic(username: user, password: proxy.password ?? ""))
                } else {
                    .server(host: proxy.host, port: proxy.port)
                }
            proxied = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        } else {
            proxied = nil
        }
    }

    deinit {
        // Nothing waits: connections that are left end with the process.
        for client in [direct, proxied].compactMap(\.self) { client.shutdown { _ in } }
    }

    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let parts = URLComponents(string: request.url), let host = parts.host, (1...65535).contains(parts.port ?? 443)
        else {
            throw HTTPFailure(.unreachable, "“\(request.url.displayable)” is no address")
        }
        let client = proxies.isDirect(host) ? direct : proxied ?? direct
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = .RAW(value: request.method.rawValue)
        for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
        if let body = request.body { outgoing.body = .bytes(body) }
        do {
            let deadline = NIODeadline.now() + .seconds(Int64(request.timeout))
            let response = try await client.execute(outgoing, deadline: deadline)
            var body: [UInt8] = []
            for try await part in response.body {
                // A server that sends a little now and then would hold a command up for ever.
                guard NIODeadline.now() < deadline else { throw HTTPClientError.deadlineExceeded }
                guard body.count + part.readableBytes <= request.maximumBody else {
                    throw HTTPFailure(.tooLarge, "the answer is larger than \(request.maximumBody) bytes")
                }
                body.append(contentsOf: part.readableBytesView)
            }
            guard Self.isWhole(body, response, request) else {
                throw NIODeadline.now() < deadline ? HTTPClientError.remoteConnectionClosed : HTTPClientError.deadlineExceeded
            }
            return HTTPResponse(
                status: Int(response.status.code), headers: response.headers.map { (name: $0.name, value: $0.value) },
                body: body)
        } catch {
            throw Self.failure(error, timeout: request.timeout)
        }
    }

    /// Whether a body is as long as was announced: a stream that is given up may end like one that is done.
    private static func isWhole(_ body: [UInt8], _ response: HTTPClientResponse, _ request: HTTPRequest) -> Bool {
        guard request.method != .head, response.status != .notModified, !response.headers.contains(name: "Transfer-Encoding"),
            let length = response.headers.first(name: "Content-Length").flatMap({ Int($0) })
        else { return true }
        return body.count >= length
    }

    private static func failure(_ error: any Error, timeout: Int) -> HTTPFailure {
        switch error {
        case let failure as HTTPFailure: return failure
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout: return HTTPFailure(.unreachable, "no connection within ten seconds")
            case .deadlineExceeded, .readTimeout: return HTTPFailure(.interrupted, "no answer within \(timeout) seconds")
            case .remoteConnectionClosed: return HTTPFailure(.interrupted, "the connection was closed before the answer")
            default: return HTTPFailure(.interrupted, error.shortDescription)
            }
        case HTTPParserError.invalidEOFState:
            return HTTPFailure(.interrupted, "the connection was closed before the end of the answer")
        case let error as IOError where [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode):
            return HTTPFailure(.unreachable, "nothing answers at that address")
        case is IOError: return HTTPFailure(.interrupted, "the connection broke")
        case is NIOConnectionError: return HTTPFailure(.unreachable, "nothing answers at that address")
        case let error as NIOSSLError:
            return HTTPFailure(.unreachable, "the server's certificate is not trusted: \(error)".displayable)
        case let error as NIOSSLExtraError:
            return HTTPFailure(.unreachable, "the server's certificate is not for this host: \(error)".displayable)
        default: return HTTPFailure(.interrupted, "\(error)".displayable)
        }
    }
}
