import GitOpsTypes
import GitStore

// What a repository lacks before anything can be promoted, and the next step from what is here of it.
extension Session {
    /// That the target branch is not there.
    func unknownTarget() async throws -> EngineError {
        let (branch, remote) = (workspace.targetBranch, workspace.remote)
        if remote.isItself {
            return .configuration(
                "there is no remote, and no branch \(branch) here",
                hint: "git remote add origin <address>; a repository that is a server itself needs none: push \(branch) to it")
        }
        let problem = "the branch \(branch) of \(remote.name) is not known here"
        if workspace.isOffline { return .configuration(problem, hint: "run the command once without --offline") }
        let remedy =
            "`promote init` begins an empty repository; then push it, or name another branch: git config promote.branch <name>"
        return .configuration(problem, hint: try await unpublishedRemedy(nil) ?? remedy)
    }

    /// That what the target branch has at its tip can be read.
    func requireReadable(at tip: CommitID) async throws {
        try await policies.requireReadable(at: tip) {
            try await unpublishedRemedy(tip)
                ?? "`promote init` writes one from what the repository has; then commit it, and push it to that branch"
        }
    }

    /// How the configuration of this clone gets to the target branch; nil where the clone has none either.
    private func unpublishedRemedy(_ tip: CommitID?) async throws -> String? {
        let remote = workspace.remote
        let folder = workspace.repository.configurationFolder ?? PolicyReader.usualDirectory
        let push = "git push \(remote.name) HEAD:\(workspace.targetBranch)"
        let (isBegun, isCommitted) = try await workspace.repository.scratch { objects in
            guard let head = try objects.commit(named: "HEAD") else { return (false, false) }
            if let tip, try objects.isCommit(tip, atOrAfter: head) { return (true, false) }
            return (true, try PolicyReader.version(at: head, objects) != nil)
        }
        if isCommitted, !remote.isItself { return "\(folder)/ is committed here and not pushed: \(push)" }
        guard try await workspace.isCheckedOut(folder) else { return nil }
        // What begins a repository is all of it, with what the configuration names.
        return "\(folder)/ is here and not committed: git add \(isBegun ? folder.description : ".") && "
            + "git commit -m \"Start promoting\"" + (remote.isItself ? "" : " && \(push)")
    }
}
