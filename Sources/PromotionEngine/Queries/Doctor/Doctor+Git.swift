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
