import Foundation
import PromoteTestSupport

/// A forge on this machine: one of the dialects over a real bare repository, strict about what it is asked, and as unreliable
/// as a test wants it.
public final class ForgeServer: @unchecked Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case github
        case gitlab
        case gitea
    }

    /// What the forge enforces.
    public struct Rules: Sendable {
        /// Contexts that have to be successful before a merge.
        public var requiredStatuses: [String] = []
        public var mergeMethods: Set<String> = ["merge", "squash", "rebase"]
        /// Numbers of pull requests that listings leave out.
        public var hidden: Set<Int> = []
        /// Seconds by which the forge's clock is ahead.
        public var clockError = 0
        /// Whether accounts may know how branches are protected.
        public var showsProtection = false
        /// The accounts that may only read.
        public var readers: Set<String> = []
        /// Entries of a page at most, under what the forge allows.
        public var longestPage = 1000
        /// Logins that exist.
        public var users: Set<String> = []
    }

    /// Something that goes wrong with some of the requests.
    public struct Fault: Sendable {
        public enum Effect: Sendable {
            /// Nothing is done, and this is answered.
            case answer(status: Int, headers: [(String, String)])
            /// Nothing is done, and the connection is cut.
            case dropBefore
            /// All is done, and the connection is cut before the answer.
            case dropAfter
            /// All is done, and this is answered.
            case answerAfter(status: Int)
            /// All is done, and half of the answer is sent.
            case truncate
            /// All is done, and something else than JSON is sent.
            case garble
            /// All is done, and nothing is sent for so long.
            case stall(seconds: Int)
        }

        let method: String
        let path: String
        var times: Int
        let effect: Effect

        /// - Parameters:
        ///   - path: something that the path contains.
        ///   - times: for the next so many requests of the kind.
        public init(_ method: String, _ path: String, times: Int = 1, _ effect: Effect) {
            self.method = method
            self.path = path
            self.times = times
            self.effect = effect
        }
    }

    private let dialect: any Dialect
    private let repository: HostedRepository
    // Everything below is touched on this queue only.
    private let queue = DispatchQueue(label: "forge")
    private var tokens: [String: String] = [:]
    private var rulesInForce = Rules()
    private var faults: [Fault] = []
    private var interventions: [(method: String, path: String, body: @Sendable () -> Void)] = []
    private var unchanged = 0
    private var listener: (@Sendable (String) -> Void)?
    private var requests: [String] = []
    private var problems: [String] = []

    private var server: LoopbackServer?
    private var port: Int { server?.port ?? 0 }
    private let isSecure: Bool

    /// - Parameters:
    ///   - repository: `owner/name`.
    ///   - bareRepository: the directory of what it hosts.
    ///   - tls: certificate and key for `localhost`, as files in PEM form; nil to answer in the clear.
    public init(
        _ kind: Kind, hosting bareRepository: String, as repository: String, tls: LoopbackServer.Identity? = nil
    ) throws {
        isSecure = tls != nil
        switch kind {
        case .github: dialect = try GitHubDialect(repository: repository)
        case .gitlab: dialect = try GitLabDialect(repository: repository)
        case .gitea: dialect = try GiteaDialect(repository: repository)
        }
        self.repository = HostedRepository(bareRepository: bareRepository)
        // Not kept by what it calls.
        server = try LoopbackServer(tls: tls) { [weak self] method, uri, headers, body, done in
            guard let self else { return }
            queue.async { done(self.outcome(method, uri, headers, body)) }
        }
    }

    /// What goes into `api` of a Forge.
    public var api: String { "\(isSecure ? "https://localhost" : "http://127.0.0.1"):\(port)\(dialect.root)" }

    // MARK: What tests arrange and look at

    public func add(token: String, of user: String) { queue.sync { tokens[token] = user } }
    public var rules: Rules {
        get { queue.sync { rulesInForce } }
        set { queue.sync { rulesInForce = newValue } }
    }

    public func fail(_ fault: Fault) { queue.sync { faults.append(fault) } }

    /// Tells somebody of every request as it comes.
    public func narrate(_ listener: @escaping @Sendable (String) -> Void) { queue.sync { self.listener = listener } }

    /// Does something right before the next such request is answered.
    public func beforeNext(_ method: String, _ path: String, _ body: @escaping @Sendable () -> Void) {
        queue.sync { interventions.append((method, path, body)) }
    }

    /// Ends every fault.
    public func forgive() { queue.sync { faults = [] } }

    /// What was asked since the last time, as `GET /path`.
    public func takeRequests() -> [String] {
        queue.sync {
            defer { requests = [] }
            return requests
        }
    }

    /// Requests that were answered with nothing but that nothing changed.
    public var unchangedAnswers: Int { queue.sync { unchanged } }

    /// What was asked or answered that the contract does not allow.
    public var violations: [String] { queue.sync { problems } }

    public struct PullState: Sendable {
        public let number: Int
        public let branch: String
        public let state: String
        public let head: String
        public let title: String
        public let body: String
        public let comments: [String]
        public let labels: [String]
    }

    public var pulls: [PullState] {
        queue.sync {
            repository.refresh()
            return repository.pulls.map { pull in
                PullState(
                    number: pull.number, branch: pull.source,
                    state: pull.isOpen ? "open" : pull.merge == nil ? "closed" : "merged", head: pull.head, title: pull.title,
                    body: pull.body, comments: pull.comments.map(\.body), labels: pull.labels)
            }
        }
    }

    func withRepository<Value>(_ body: (HostedRepository) -> Value) -> Value { queue.sync { body(repository) } }

    /// The reports that apps attached to commits.
    public var reports: [String] { queue.sync { repository.checkRuns.map(\.summary) } }

    public func statuses(of commit: String) -> [String] {
        queue.sync { repository.statuses.filter { $0.commit == commit }.map { "\($0.context) \($0.state)" } }
    }

    public func approve(_ number: Int, as user: String) { review(number, as: user, .approved) }
    public func requestChanges(_ number: Int, as user: String) { review(number, as: user, .changesRequested) }
    public func remark(_ number: Int, as user: String) { review(number, as: user, .comment) }

    private func review(_ number: Int, as user: String, _ verdict: HostedRepository.Review.Verdict) {
        queue.sync {
            repository.refresh()
            _ = repository.review(number, by: user, verdict)
        }
    }

    public func dismissReviews(_ number: Int, of user: String) {
        queue.sync {
            repository.change(number) { pull in
                for index in pull.reviews.indices where pull.reviews[index].author == user {
                    pull.reviews[index].isDismissed = true
                }
            }
        }
    }

    /// Merges as somebody does who presses the button.
    public func merge(_ number: Int, as user: String, _ method: String = "merge", smuggling file: String? = nil) throws {
        try queue.sync {
            guard let method = HostedRepository.MergeMethod(rawValue: method) else { return }
            _ = try repository.merge(number, method, pin: nil, title: "by hand", by: user, smuggled: file)
        }
    }

    /// What CI reports of a commit.
    public func report(_ name: String, isSuccess: Bool, on commit: String) {
        queue.sync {
            let failure = dialect is GitLabDialect ? "failed" : "failure"
            _ = repository.report(name, isSuccess ? "success" : failure, "", on: commit, by: "ci")
        }
    }

    /// Opens a pull request as somebody does on the forge's pages.
    public func open(from branch: String, into target: String, as user: String) -> Int? {
        queue.sync { repository.open(from: branch, into: target, title: "by hand", body: "", by: user)?.number }
    }

    public func edit(_ number: Int, title: String, body: String) {
        queue.sync {
            repository.change(number) { pull in
                pull.title = title
                pull.body = body
            }
        }
    }

    public func close(_ number: Int) { queue.sync { repository.change(number) { $0.state = .closed } } }
    public func reopen(_ number: Int) { queue.sync { repository.change(number) { $0.state = .open } } }
    public func retarget(_ number: Int, to branch: String) { queue.sync { repository.change(number) { $0.target = branch } } }

    // MARK: Answering

    private func outcome(_ method: String, _ uri: String, _ headers: [String: String], _ body: [UInt8]) -> LoopbackServer.Outcome
    {
        requests.append("\(method) \(uri)")
        listener?("\(method) \(uri)")
        if let index = interventions.firstIndex(where: { $0.method == method && uri.contains($0.path) }) {
            interventions.remove(at: index).body()
        }
        repository.refresh()
        let effect = takeFault(method, uri)
        switch effect {
        case .answer(let status, let headers):
            return LoopbackServer.Outcome(
                status: status, headers: headers, body: Array("{\"message\":\"as arranged\"}".utf8), manner: .whole)
        case .dropBefore: return LoopbackServer.Outcome(status: 0, headers: [], body: [], manner: .dropped)
        default: break
        }
        var outcome = answer(method, uri, headers, body)
        switch effect {
        case .dropAfter: outcome.manner = .dropped
        case .answerAfter(let status):
            outcome.status = status
            outcome.body = Array("{\"message\":\"as arranged\"}".utf8)
        case .truncate: outcome.manner = .truncated
        case .garble: outcome.body = Array("<html>Bad gateway</html>".utf8)
        case .stall(let seconds): outcome.manner = .late(seconds: seconds)
        case .answer, .dropBefore, nil: break
        }
        return outcome
    }

    private func takeFault(_ method: String, _ uri: String) -> Fault.Effect? {
        guard
            let index = faults.firstIndex(where: { fault in
                fault.times > 0 && fault.method == method && (fault.path.isEmpty || uri.contains(fault.path))
            })
        else { return nil }
        faults[index].times -= 1
        return faults[index].effect
    }

    private func answer(_ method: String, _ uri: String, _ headers: [String: String], _ body: [UInt8]) -> LoopbackServer.Outcome {
        func plain(_ status: Int, _ message: String) -> LoopbackServer.Outcome {
            LoopbackServer.Outcome(status: status, headers: [], body: Array("{\"message\":\"\(message)\"}".utf8), manner: .whole)
        }
        do {
            guard uri.hasPrefix(dialect.root + "/") else { throw Contract.Violation("\(uri) is not of the API") }
            let parts = uri.dropFirst(dialect.root.count).split(separator: "?", maxSplits: 1)
            let (operation, parameters) = try dialect.contract.operation(method, String(parts[0]))
            let query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { pair in
                let fields = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (
                    String(fields[0]).removingPercentEncoding ?? "",
                    fields.count > 1 ? String(fields[1]).removingPercentEncoding ?? "" : ""
                )
            }
            try dialect.contract.check(query: query, of: operation)
            let json = body.isEmpty ? nil : try JSON(parsing: body)
            try dialect.contract.check(body: json, of: operation)
            if json != nil, headers["content-type"] != "application/json" {
                throw Contract.Violation("the body is not sent as JSON")
            }
            if let problem = dialect.problem(with: headers) { throw Contract.Violation(problem) }
            guard let token = dialect.token(headers), let user = tokens[token] else { return plain(401, "Bad credentials") }
            let values = Dictionary(query, uniquingKeysWith: { first, _ in first })
            let call = Call(
                method: method, operation: "/" + operation.template.joined(separator: "/"), parameters: parameters, query: values,
                body: json ?? .null, user: user)
            let reply = try dialect.answer(call, repository, rulesInForce)
            var outcome = try outcome(of: reply, operation, uri, values)
            if dialect is GitHubDialect, method == "GET", outcome.status == 200 {
                let mark =
                    "\"\(outcome.body.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 })\""
                outcome.headers.append(("ETag", mark))
                if headers["if-none-match"] == mark {
                    outcome.status = 304
                    outcome.body = []
                    unchanged += 1
                }
            }
            return outcome
        } catch let violation as Contract.Violation {
            problems.append(violation.message)
            return plain(400, "the contract does not allow it")
        } catch {
            problems.append("\(method) \(uri): \(error)")
            return plain(500, "the server failed")
        }
    }

    private func outcome(
        of reply: Reply, _ operation: Contract.Operation, _ uri: String, _ query: [String: String]
    ) throws -> LoopbackServer.Outcome {
        var body = reply.body
        let date = DateFormatter()
        date.locale = Locale(identifier: "en_US_POSIX")
        date.timeZone = TimeZone(identifier: "UTC")
        date.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        var headers: [(String, String)] = [
            ("Content-Type", "application/json"),
            ("Date", date.string(from: Date().addingTimeInterval(Double(rulesInForce.clockError)))),
        ]
        if reply.isList, var all = body?.list {
            all.removeAll { element in
                (element["number"] ?? element["iid"])?.integer.map(rulesInForce.hidden.contains) ?? false
            }
            let size = min(
                query[dialect.pageSize.name].flatMap { Int($0) } ?? dialect.pageSize.standard, dialect.pageSize.most,
                rulesInForce.longestPage)
            let page = max(1, query["page"].flatMap { Int($0) } ?? 1)
            body = .array(Array(all.dropFirst((page - 1) * size).prefix(size)))
            if page * size < all.count {
                let base = uri.split(separator: "?")[0]
                var next = query
                next["page"] = "\(page + 1)"
                let text = next.sorted { $0.key < $1.key }.map { pair in
                    "\(pair.key)=\(pair.value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
                }.joined(separator: "&")
                headers.append(
                    ("Link", "<\(isSecure ? "https://localhost" : "http://127.0.0.1"):\(port)\(base)?\(text)>; rel=\"next\""))
            }
            if !(dialect is GitHubDialect) { headers.append(("X-Total-Count", "\(all.count)")) }
        }
        body = body.map { reply.status < 300 ? dialect.contract.answer($0, status: reply.status, of: operation) : $0 }
        try dialect.contract.check(answer: body, status: reply.status, of: operation)
        return LoopbackServer.Outcome(status: reply.status, headers: headers, body: try body?.bytes ?? [], manner: .whole)
    }
}
