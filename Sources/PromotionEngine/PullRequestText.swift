import GitOpsTypes
import PromotionGates
import PromotionModel
import PromotionPlanning

/// The title and body of a promotion's pull request: what changes, the checks, the rendered diff, what to type.
struct PullRequestText {
    let id: PromotionID
    let release: Release
    let replaced: ReleaseID?
    let origin: PromotionOrigin
    let environment: EnvironmentName
    let plan: PromotionPlan
    let checks: [Check]
    /// Why it goes back; nil for a promotion forward.
    let reason: String?
    /// Why what only delays is passed over; nil in ordinary times.
    let emergency: String?

    /// A body is an event in a ledger for ever: long diffs are cut here and stay readable with `promote plan`.
    private static let maximumDiffLines = 200

    var title: String {
        (emergency == nil ? "" : "EMERGENCY: ") + kind
    }

    private var kind: String {
        reason == nil
            ? "Promote \(id.application) to \(environment): \(release.id)"
            : "Roll \(id.application) in \(environment) back to \(release.id)"
    }

    var body: String {
        let move =
            reason == nil
            ? "moves \(release.id) from \(origin) into \(environment)" : "rolls \(environment) back to \(release.id)"
        var lines = ["\(id) \(move)" + (replaced.map { ", in place of \($0)." } ?? ".")]
        if let emergency { lines += ["", "**EMERGENCY**: \(emergency.displayable)"] }
        if let reason { lines += ["", "Reason: \(reason.displayable)"] }
        lines += ["", "| image | tag | digest |", "|---|---|---|"]
        lines += release.images.map { "| \($0.name) | \($0.tag?.text ?? "") | \($0.digest) |" }
        let origin = [
            release.build.commit.map { "commit \($0)" }, release.build.source.map { "of \($0)" },
            release.build.run.map { "built by \($0)" },
        ].compactMap(\.self)
        if !origin.isEmpty { lines += ["", origin.joined(separator: ", ").displayable] }
        lines += ["", "| check | status | |", "|---|---|---|"]
        lines += checks.map { "| \($0.rule) | \($0.status.rawValue) | \($0.detail.displayable) |" }
        for edit in plan.edits {
            lines += ["", "```diff", "# \(edit.path)"] + edit.lines + ["```"]
        }
        let diff = plan.diff.lines
        lines += ["", "Rendered:", "", "```"] + diff.prefix(Self.maximumDiffLines)
        if diff.count > Self.maximumDiffLines { lines.append("… and \(diff.count - Self.maximumDiffLines) lines more") }
        lines += ["```", "", "`promote approve \(id)`, then `promote merge \(id)`"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// The message of the promotion commit, with what it is about as trailers.
    var commitMessage: String {
        let images = release.images.map { "Image: \($0.name)@\($0.digest)\n" }.joined()
        return "\(title)\n\nPromotion: \(id)\nRelease: \(release.id)\n\(images)From: \(origin)\nTo: \(environment)\n"
    }

    /// The message of the merge commit.
    static func mergeMessage(_ id: PromotionID, _ promotion: Promotion) -> String {
        "Merge promotion \(id): \(promotion.release) into \(promotion.environment)\n\n"
            + "Promotion: \(id)\nRelease: \(promotion.release)\nEnvironment: \(promotion.environment)\n"
    }
}
