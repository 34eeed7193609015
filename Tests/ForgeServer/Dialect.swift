import Foundation
import PromoteTestSupport

/// One request as a dialect sees it.
struct Call {
    let method: String
    /// The operation's path in the contract: `/repos/{owner}/{repo}/pulls`.
    let operation: String
    let parameters: [String: String]
    let query: [String: String]
    let body: JSON
    /// Whose token it came with.
    let user: String

    func number(_ name: String) -> Int { parameters[name].flatMap { Int($0) } ?? 0 }
}

/// What a dialect answers, before the contract adds what it requires besides.
struct Reply {
    var status: Int
    var body: JSON?
    /// Whether the body is one page of a longer list.
    var isList = false

    static func ok(_ body: JSON) -> Reply { Reply(status: 200, body: body) }
    static func created(_ body: JSON) -> Reply { Reply(status: 201, body: body) }
    static func list(_ elements: [JSON]) -> Reply { Reply(status: 200, body: .array(elements), isList: true) }
    static func refused(_ status: Int, _ message: String) -> Reply { Reply(status: status, body: ["message": .string(message)]) }
    static let missing = refused(404, "Not Found")
}

protocol Dialect {
    var contract: Contract { get }
    /// What paths of the API begin with.
    var root: String { get }
    /// The token of a request; nil where there is none or where it is shown in another way than this forge takes.
    func token(_ headers: [String: String]) -> String?
    /// Why the headers are not those that the forge wants; nil when they are.
    func problem(with headers: [String: String]) -> String?
    var pageSize: (name: String, standard: Int, most: Int) { get }
    func answer(_ call: Call, _ repository: HostedRepository, _ rules: ForgeServer.Rules) throws -> Reply
}

extension HostedRepository.Pull {
    var isOpen: Bool { if case .open = state { true } else { false } }
    var merge: (commit: String, by: String, at: String)? {
        if case .merged(let commit, let by, let at) = state { (commit, by, at) } else { nil }
    }

    func isBlocked(_ rules: ForgeServer.Rules, _ statuses: [HostedRepository.Status]) -> String? {
        for context in rules.requiredStatuses {
            let last = statuses.last { $0.commit == head && $0.context == context }
            if last?.state != "success" { return context }
        }
        return nil
    }
}
