import GitOpsTypes
import Secrets

extension GitProgram {
    /// The branch that HEAD of the remote names; nil when it names none, or the remote refuses to talk.
    ///
    /// - Throws: `GitError.remoteSilent`.
    public func defaultBranch(of remote: String) async throws -> String? {
        let output = try await ask(remote, ["ls-remote", "--symref", remote, "HEAD"], "read the branches of \(remote)")
        guard output.isSuccess else { return nil }
        let prefix = "ref: refs/heads/"
        return String(decoding: output.standardOutput, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix(prefix) && $0.hasSuffix("\tHEAD") }
            .map { String($0.dropFirst(prefix.count).dropLast("\tHEAD".count)) }
    }

    /// Writes nothing but the refs: no tags, no FETCH_HEAD.
    public func fetch(_ remote: String, _ mappings: [RefMapping]) async throws {
        let output = try await ask(
            remote,
            [
                "fetch", "--quiet", "--no-tags", "--prune", "--no-write-fetch-head", "--no-auto-maintenance",
                "--no-recurse-submodules", "--refmap=", remote,
            ] + mappings.map { "+\($0.remotePrefix)*:\($0.localPrefix)*" }, "fetch from \(remote)")
        guard output.isSuccess else {
            throw GitError(
                .remoteUnavailable, "fetch from \(remote)", output.standardError.lastLines.displayable,
                hint: "check the network and `git fetch \(remote)`, or use --offline to see what is known here")
        }
    }

    public func push(_ remote: String, _ updates: [RefUpdate]) async throws -> PushOutcome {
        var arguments = ["push", "--porcelain", "--atomic", "--no-verify", "--no-follow-tags", "--recurse-submodules=no"]
        for update in updates {
            arguments.append("--force-with-lease=\(update.branch.ref):\(update.expected?.hex ?? "")")
        }
        arguments.append(remote)
        for update in updates { arguments.append("\(update.new?.hex ?? ""):\(update.branch.ref)") }
        // Once: whether the remote took it is for the caller to find out.
        let output = try await ask(remote, arguments, "push to \(remote)", tries: [patience.first])
        if output.isSuccess { return .accepted }
        let rejected = String(decoding: output.standardOutput, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("!\t") }
            .map { $0.dropFirst(2).split(separator: "\t").joined(separator: " ").quotable }
        // Without a porcelain line per ref, the remote was never asked: a transport that failed.
        guard !rejected.isEmpty else {
            throw GitError(
                .remoteUnavailable, "push to \(remote)", output.standardError.lastLines.displayable,
                hint: "check the network and your right to push")
        }
        let explanation = output.standardError.split(separator: "\n").filter { $0.hasPrefix("remote:") }
            .map { $0.dropFirst("remote:".count).trimmingSpaces.displayable }.filter { !$0.isEmpty }
        return .rejected(reasons: explanation.isEmpty ? rejected : explanation)
    }

    /// Runs a command of Git's that talks to `remote`, and gives the remote up when nothing is heard of it: on the first
    /// connection, and on a second one.
    ///
    /// - Throws: `GitError.remoteSilent`.
    func ask(
        _ remote: String, _ arguments: [String], _ operation: String, tries: [Duration]? = nil,
        environment: [String: String] = [:]
    ) async throws -> ToolProcess.Output {
        var process = process
        // Of a remote that says something, any number of bytes may be fetched.
        process.timeout = .seconds(24 * 3600)
        process.environment.merge(environment) { $1 }
        return try await patience.waiting(for: remote) {
            for silence in tries ?? [patience.first, patience.second] {
                process.silence = silence
                do {
                    return try await process.run(arguments)
                } catch is ToolProcess.FellSilent {
                    continue
                }
            }
            throw GitError(
                .remoteSilent, operation, "the remote takes the connection and does not answer",
                hint:
                    "check the network, a proxy, and `git ls-remote \(remote)`; git config \(TransportPatience.configurationKey) <seconds> lets it take longer than \(patience.silence.components.seconds) s, and --offline shows what is known here"
            )
        }
    }
}
