import GitOpsTypes
import GitStore
import PromotionDomain

/// Commits that people consent to: named by what they are, never by a name that may stand for another commit tomorrow.
struct CommitNames: Sendable {
    let session: Session

    /// - Parameter text: an id, or as much of one as no other object has.
    /// - Throws: `Refusal` by `approved` for any other name.
    func commit(withID text: String) async throws -> CommitID {
        guard let abbreviation = CommitAbbreviation(text) else { throw try await notAnID(text) }
        switch try await session.workspace.repository.scratch({ try $0.commit(abbreviation) }) {
        case .found(let commit): return commit
        case .nothing:
            throw EngineError.usage(
                "no commit here has an id that begins with “\(text)”",
                hint: "an approval names a commit by its id, never a branch or a tag: git fetch, and see `git log`")
        case .several:
            throw EngineError.usage(
                "several objects here have an id that begins with “\(text)”",
                hint: "give all of its digits, as `git log` prints them")
        }
    }

    private func notAnID(_ text: String) async throws -> any Error {
        let named = try await session.workspace.repository.scratch { try $0.commit(named: text) }
        guard let named else {
            return EngineError.usage(
                "“\(text.displayable)” is no commit's id", hint: "give its digits, at least seven; see `git log`")
        }
        return Refusal(
            .approved,
            "“\(text.displayable)” is a name, which may stand for another commit tomorrow: an approval names a commit by its id",
            hint: "review it, and name it: promote approve --change \(named.hex)")
    }

    /// Whether `text` is the id of `commit`, or as much of it as no other object has.
    func isID(_ text: String, of commit: CommitID) async throws -> Bool {
        guard let abbreviation = CommitAbbreviation(text), commit.hex.hasPrefix(abbreviation.digits) else { return false }
        if abbreviation.digits == commit.hex { return true }
        return try await session.workspace.repository.scratch { try $0.commit(abbreviation) } == .found(commit)
    }
}
