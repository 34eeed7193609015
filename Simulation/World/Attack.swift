import GitOpsTypes
import GitStore

/// One push of the adversary.
struct Attack: Sendable, CustomStringConvertible {
    let description: String
    var updates: [RefUpdate] = []
    var commits: [BranchName: [CommitID]] = [:]
    /// Where it brings what no release is.
    var changed: [Intrusions.Place] = []
    /// Whether another line of first parents takes the place of the branch's.
    var replacesLine = false
    /// Whether the target branch loses what others merged.
    var takesBack = false

    init(_ description: String) {
        self.description = description
    }

    /// Moves a branch from where it is in `refs` to the last of `brought`, all of which are hers from then on.
    mutating func move(_ branch: BranchName, in refs: [BranchName: CommitID], by brought: [CommitID]) {
        updates.append(RefUpdate(branch, from: refs[branch], to: brought.last))
        commits[branch] = brought
    }

    mutating func delete(_ branch: BranchName, in refs: [BranchName: CommitID]) {
        updates.append(RefUpdate(branch, from: refs[branch], to: nil))
    }

    enum Kind: CaseIterable {
        case policyOfAMoment
        case policy
        case overlayOfAMoment
        case overlay
        case merge
        case foxtrot
        case orphan
        case branch
        case event
        case replay
        case rubbish
    }
}
