import GitOpsTypes
import GitStore
import PromotionDomain

/// What is needed of Git itself, for what is judged to be what is deployed.
extension Doctor {
    /// Whether merges can be made as Git makes them.
    func gitFinding() async throws -> SetupFinding {
        guard let version = try await session.workspace.repository.mergingVersion() else {
            return SetupFinding(
                topic: "git", status: .problem, detail: "it has no `merge-tree --write-tree`, so that no merge can be judged",
                remedy: "install Git 2.38 or newer, and put it first in PATH")
        }
        return SetupFinding(topic: "git", status: .good, detail: version.displayable, remedy: nil)
    }

    /// What is the matter with the OpenSSH that signs; nil where nothing is.
    func signingFinding() async throws -> SetupFinding? {
        guard try await session.workspace.repository.signingVersion() == nil else { return nil }
        return SetupFinding(
            topic: "ssh", status: .warning, detail: "there is no OpenSSH 8.2 or newer: Git signs with its ssh-keygen",
            remedy: "install openssh-client, and put it first in PATH")
    }

    /// Whether this clone has a configuration that the target branch does not have; nil where there is nothing of the kind.
    func unpushedFinding(_ snapshot: Snapshot) async throws -> SetupFinding? {
        guard !session.workspace.remote.isItself else { return nil }
        let tip = snapshot.tip
        let isUnpushed = try await session.workspace.repository.scratch { objects in
            guard let head = try objects.commit(named: "HEAD"), try !objects.isCommit(tip, atOrAfter: head) else { return false }
            return try PolicyReader.version(at: head, objects) != PolicyReader.version(at: tip, objects)
        }
        guard isUnpushed else { return nil }
        let folder = session.workspace.repository.configurationFolder ?? PolicyReader.usualDirectory
        return SetupFinding(
            topic: "policy", status: .warning,
            detail: "\(folder)/ of what is checked out is not what \(session.workspace.targetBranch) has, and is not there yet",
            remedy: "git push, or a pull request; where approvals are asked for: promote gate")
    }

    /// Whether broken objects are kept out of a repository that people push to; nothing in a clone.
    func receivingFindings() -> [SetupFinding] {
        guard session.workspace.remote.isItself else { return [] }
        if session.workspace.examinesReceivedObjects {
            return [SetupFinding(topic: "receiving", status: .good, detail: "receive.fsckObjects is on", remedy: nil)]
        }
        return [
            SetupFinding(
                topic: "receiving", status: .problem, detail: "receive.fsckObjects is off: broken trees can be pushed",
                remedy: "git config receive.fsckObjects true")
        ]
    }

    /// Why no push is taken as long as Git does not examine what it brings; nil when it does.
    func unexaminedRefusal() -> Refusal? {
        if session.workspace.examinesReceivedObjects { return nil }
        return Refusal(
            .scope, "receive.fsckObjects is off in this repository: of broken trees, people get something else than is judged",
            hint: "on the server: git config receive.fsckObjects true (promote hook install does it)")
    }
}
