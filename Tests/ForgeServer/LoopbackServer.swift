import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// An HTTP server on a free port of this machine, for as long as somebody holds it.
public final class LoopbackServer: Sendable {
    /// Files in PEM form.
    public struct Identity: Sendable {
        let certificate: String
        let key: String

        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// What is sent, and how.
    public struct Outcome: Sendable {
        public enum Manner: Sendable {
            case whole
            case dropped
            case truncated
            case late(seconds: Int)
            /// A byte every twentieth of a second.
            case dripping
        }

        public var status: Int
        public var headers: [(String, String)]
        public var body: [UInt8]
        public var manner: Manner

        public init(status: Int, headers: [(String, String)] = [], body: [UInt8], manner: Manner = .whole) {
            self.status = status
            self.headers = headers
            self.body = body
            self.manner = manner
        }
    }

    /// Answers a request: method, path with query, headers by their names in lower case, body.
    public typealias Handler =
        @Sendable (String, String, [String: String], [UInt8], @escaping @Sendable (Outcome) -> Void) -> Void

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: any Channel
    public let port: Int

    /// - Parameter tls: to speak TLS; nil to answer in the clear.
    public init(tls: Identity? = nil, _ handler: @escaping Handler) throws {
        var secure: NIOSSLContext?
        if let tls {
            let chain = try NIOSSLCertificate.fromPEMFile(tls.certificate)
            secure = try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: chain.map { .certificate($0) },
                    privateKey: .privateKey(try NIOSSLPrivateKey(file: tls.key, format: .pem))))
        }
        let context = secure
        let bootstrap = ServerBootstrap(group: group).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                if let context { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
                try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                try channel.pipeline.syncOperations.addHandler(RequestHandler(handler))
            }
        }
        channel = try bootstrap.bind(host: "127.0.0.1", port: 0).wait()
        port = channel.localAddress?.port ?? 0
    }

    deinit {
        group.shutdownGracefully { _ in }
    }
}

/// One connection: collects a request, and sends what came of it.
private final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let handler: LoopbackServer.Handler
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ handler: @escaping LoopbackServer.Handler) {
        self.handler = handler
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part): body += part.readableBytesView
        case .end:
            guard let head else { return }
            var headers: [String: String] = [:]
            for header in head.headers { headers[header.name.lowercased()] = header.value }
            let channel = context.channel
            let loop = context.eventLoop
            handler(head.method.rawValue, head.uri, headers, body) { outcome in
                switch outcome.manner {
                case .dropped: channel.close(promise: nil)
                case .late(let seconds):
                    loop.scheduleTask(in: .seconds(Int64(seconds))) { Self.send(outcome, on: channel) }
                case .whole, .truncated: loop.execute { Self.send(outcome, on: channel) }
                case .dripping: loop.execute { Self.drip(outcome, on: channel) }
                }
            }
        }
    }

    private static func drip(_ outcome: LoopbackServer.Outcome, on channel: any Channel) {
        var headers = HTTPHeaders(outcome.headers)
        headers.add(name: "Content-Length", value: "\(outcome.body.count)")
        let head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: outcome.status), headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        for (index, byte) in outcome.body.enumerated() {
            channel.eventLoop.scheduleTask(in: .milliseconds(Int64(50 * index))) {
                channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: [byte]))), promise: nil)
            }
        }
    }

    private static func send(_ outcome: LoopbackServer.Outcome, on channel: any Channel) {
        var headers = HTTPHeaders(outcome.headers)
        headers.add(name: "Content-Length", value: "\(outcome.body.count)")
        let isTruncated = if case .truncated = outcome.manner { true } else { false }
        let body = isTruncated ? Array(outcome.body.prefix(outcome.body.count / 2)) : outcome.body
        let head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: outcome.status), headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
        if isTruncated {
            channel.flush()
            channel.close(promise: nil)
        } else {
            channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        }
    }
}
