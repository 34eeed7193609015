import Foundation

/// An event as somebody's own program would write it, with whatever they like in it.
public struct RawEvent {
    /// As the ledger has it: keys in order, no white space.
    public let text: String

    /// - Parameters:
    ///   - actor: who it says it is by.
    ///   - policy: the commit whose policy it says it was decided by.
    ///   - payload: JSON in canonical form.
    ///   - time: when it says it was; default: now.
    public init(_ type: String, by actor: String, policy: String, _ payload: String, at time: String? = nil) throws {
        let id = "00" + UUID().uuidString.replacing("-", with: "").prefix(24)
        let time = try time ?? Tool("date", in: "/").succeed("-u", "+%Y-%m-%dT%H:%M:%SZ")
        text =
            #"{"actor":"\#(actor)","id":"\#(id)","payload":\#(payload),"policyCommit":"\#(policy)","time":"\#(time)","#
            + #""type":"\#(type)","version":1}"#
    }
}

extension Person {
    /// A commit with an event, signed with this person's key, that follows the last one of a ledger; it is not pushed.
    ///
    /// - Parameter ledger: the ref; its first event is made where the remote has none.
    public func commit(_ event: RawEvent, to ledger: String) throws -> String {
        let head = try git.succeed("ls-remote", "origin", ledger).prefix { $0 != "\t" }
        if !head.isEmpty { try git.succeed("fetch", "-q", "origin", ledger) }
        let blob = try git.succeed("hash-object", "-w", "--stdin", input: event.text)
        let tree = try git.succeed("mktree", input: "100644 blob \(blob)\tevent.json\n")
        return try git.succeed(
            ["commit-tree", tree, "-S", "-m", "an event"] + (head.isEmpty ? [] : ["-p", String(head)]))
    }

    /// Changes a file on top of the remote's main branch, and commits that; it is not pushed.
    ///
    /// - Parameter change: is given what the file has, or nothing where there is none.
    /// - Returns: the commit.
    @discardableResult
    public func change(
        _ path: String, signed: Bool = true, _ change: (String) throws -> String
    ) throws -> String {
        try git.succeed("fetch", "-q", "origin")
        try git.succeed("checkout", "-q", "-B", "work", "origin/main")
        let file = URL(filePath: directory).appending(path: path)
        let old = FileManager.default.contents(atPath: file.path) ?? Data()
        try Data(try change(String(decoding: old, as: UTF8.self)).utf8).write(to: file)
        try git.succeed("add", "-A")
        try git.succeed("commit", "-q", signed ? "-S" : "--no-gpg-sign", "-m", "A change of \(path)")
        return try git.succeed("rev-parse", "HEAD")
    }
}
