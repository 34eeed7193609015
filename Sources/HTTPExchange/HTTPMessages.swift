/// One request of ours.
public struct HTTPRequest: Sendable {
    public enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"

        /// Whether doing it twice is as good as once, so that it may be tried again when the answer was lost.
        ///
        /// Source: RFC 9110, 9.2.2; `PATCH` is taken as not idempotent.
        public var isIdempotent: Bool {
            switch self {
            case .get, .head, .put, .delete: true
            case .post, .patch: false
            }
        }
    }

    public var method: Method
    /// Absolute, without user information or fragment.
    public var url: String
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]?
    /// Seconds until the whole answer has to be there.
    public var timeout: Int
    /// Bytes of the answer's body that are read at most.
    public var maximumBody: Int

    public init(
        _ method: Method, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        timeout: Int = 30, maximumBody: Int = 16 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.maximumBody = maximumBody
    }
}

public struct HTTPResponse: Sendable {
    public let status: Int
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, whatever its case.
    public subscript(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Why there is no answer. The request may have been carried out all the same.
public struct HTTPFailure: Error, Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Nothing was sent: no connection, or none that can be trusted.
        case unreachable
        /// Nothing came back in time, or the connection broke.
        case interrupted
        /// The answer is larger than was asked for.
        case tooLarge
    }

    public let kind: Kind
    /// In words, without secrets.
    public let detail: String

    public init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }
}

/// Sends requests. Redirects are answers like others: a token is not carried to wherever a server points.
public protocol HTTPTransport: Sendable {
    /// - Throws: `HTTPFailure`.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse
}
