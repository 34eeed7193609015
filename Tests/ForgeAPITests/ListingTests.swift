import GitOpsTypes
import HTTPExchange
import PromotionForge
import Secrets
import Synchronization
import Testing

@testable import ForgeAPI

/// A part of a listing is never taken for the whole.
@Suite struct ListingTests {
    /// Answers by path and query, in order, and then with a failure.
    private final class Script: HTTPTransport {
        private let answers: [String: HTTPResponse]
        private let asked = Mutex<[String]>([])

        init(_ answers: [String: HTTPResponse]) { self.answers = answers }

        func send(_ request: HTTPRequest) async throws -> HTTPResponse {
            asked.withLock { $0.append(request.url) }
            let path = request.url.replacing("https://git.example.org/api/v1", with: "")
            guard let answer = answers[path] else { throw HTTPFailure(.interrupted, "nothing is there") }
            return answer
        }
    }

    private struct Nothing: ConditionalCache {
        func answer(for address: String) -> (mark: String, body: [UInt8])? { nil }
        func keep(_ body: [UInt8], mark: String, for address: String) {}
    }

    private func list(_ answers: [String: HTTPResponse]) async throws -> [Int] {
        let address = try ForgeAddress(kind: .gitea, api: "https://git.example.org/api/v1", repository: "acme/config")
        let session = ForgeSession(
            address, credentials: { nil }, transport: Script(answers), cache: Nothing(),
            clock: RetryClock(pause: { _ in }, now: { Timestamp(seconds: 0) }, jitter: { _ in 0 }), timeout: 1)
        return try await session.list(Int.self, "/things")
    }

    private func page(_ body: String, next: String? = nil, total: Int? = nil) -> HTTPResponse {
        var headers: [(name: String, value: String)] = []
        if let next { headers.append((name: "Link", value: "<\(next)>; rel=\"next\", <x>; rel=\"last\"")) }
        if let total { headers.append((name: "X-Total-Count", value: "\(total)")) }
        return HTTPResponse(status: 200, headers: headers, body: Array(body.utf8))
    }

    private static let first = "/things?limit=50"
    private static let second = "https://git.example.org/api/v1/things?page=2"

    @Test func `Pages are followed to the end`() async throws {
        let all = try await list([
            Self.first: page("[1,2]", next: Self.second, total: 3), "/things?page=2": page("[3]", total: 3),
        ])
        #expect(all == [1, 2, 3])
    }

    @Test func `A page that does not come is an error`() async throws {
        await #expect(throws: ForgeError.self) { try await list([Self.first: page("[1,2]", next: Self.second)]) }
        let missing = HTTPResponse(status: 404, headers: [], body: [])
        await #expect(throws: ForgeError.self) {
            try await list([Self.first: page("[1,2]", next: Self.second), "/things?page=2": missing])
        }
    }

    @Test func `Less than the forge tells of is an error`() async throws {
        await #expect(throws: ForgeError.malformed("Gitea at git.example.org tells of 3 entries and gives 2")) {
            try await list([Self.first: page("[1,2]", total: 3)])
        }
    }

    @Test(arguments: [
        "https://evil.example/things?page=2", "http://git.example.org/api/v1/things?page=2", "https://git.example.org:444/x",
    ])
    func `A token goes to no other server for the next page`(_ next: String) async throws {
        await #expect(throws: ForgeError.self) { try await list([Self.first: page("[1]", next: next)]) }
    }

    @Test func `Pages in a circle end`() async throws {
        await #expect(throws: ForgeError.malformed("Gitea at git.example.org sends from page to page in a circle")) {
            try await list([
                Self.first: page("[1]", next: Self.second), "/things?page=2": page("[2]", next: Self.second),
            ])
        }
    }

    @Test(arguments: ["", "[1,", "{}", "[\"a\"]", "<html>"])
    func `What is not what was documented is an error`(_ body: String) async throws {
        await #expect(throws: ForgeError.self) { try await list([Self.first: page(body)]) }
    }

    @Test func `A secret prints as hidden, whatever prints it`() throws {
        let secret = try #require(Secret("s3cret"))
        #expect("\(String(describing: secret)) \(String(reflecting: secret))".contains("s3cret") == false)
        var dumped = ""
        dump(ForgeCredential.password(user: "u", secret), to: &dumped)
        #expect(!dumped.contains("s3cret"))
    }
}
