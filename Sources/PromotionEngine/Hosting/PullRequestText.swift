import GitOpsTypes
import Kustomize
import PromotionDomain
import PromotionPlanning

/// The title and body of a promotion's pull request: what changes, the checks, the rendered diff, what to type.
struct PullRequestText {
    let id: PromotionID
    let release: Release
    /// What runs there now; nil before the first promotion.
    let replaced: ReleaseID?
    var replacedBuild: BuildOrigin?
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
    /// Forges take bodies of some tens of thousands of characters.
    private static let maximumDiffBytes = 30_000

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
        lines += release.images.ofContainers.map { "| \($0.name) | \($0.tag?.text ?? "") | \($0.digest) |" }
        let charts = release.images.charts
        if !charts.isEmpty {
            lines += ["", "| chart | version | digest |", "|---|---|---|"]
            lines += charts.map { "| \($0.name) | \($0.chartVersion?.text ?? $0.tag?.text ?? "") | \($0.digest) |" }
        }
        let origin = [
            release.build.commit.map { "commit \($0)" }, release.build.source.map { "of \($0)" },
            release.build.run.map { "built by \($0)" },
        ].compactMap(\.self)
        if !origin.isEmpty { lines += ["", origin.joined(separator: ", ").displayable] }
        if let commits { lines += ["", "Commits: \(commits)"] }
        lines += ["", "| check | status | |", "|---|---|---|"]
        lines += checks.map { "| \($0.rule) | \($0.status.rawValue) | \($0.detail.displayable.replacing("|", with: "\\|")) |" }
        for edit in plan.edits {
            lines += [""] + Self.fenced(["# \(edit.path)"] + edit.lines, as: "diff")
        }
        let bases = plan.manifests.repositories
        if !bases.isEmpty { lines += ["", "Built on:", ""] + Self.fenced(bases.map { "\($0.address) at \($0.commit)" }, as: "") }
        lines += ["", "<details><summary>What it renders to</summary>", ""] + Self.fenced(Self.bounded(plan.diff.lines), as: "")
        lines += ["", "</details>", "", "`promote approve \(id)`, then `promote merge \(id)`"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// Where the commits between what runs and what comes can be read; nil where the builds do not tell.
    private var commits: String? {
        guard let source = release.build.source, source.hasPrefix("https://"),
            source.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F && !"()[]<>`|\"".unicodeScalars.contains($0) }),
            let new = release.build.commit?.text,
            let old = replacedBuild?.commit?.text, replacedBuild?.source == release.build.source
        else { return nil }
        let root = source.hasSuffix(".git") ? String(source.dropLast(4)) : source
        let way = root.contains("gitlab") ? "/-/compare/" : "/compare/"
        return "[\(old.prefix(12)) to \(new.prefix(12))](\(root)\(way)\(old)...\(new))"
    }

    /// Code that shows as it is: a fence is longer than any that the text has.
    private static func fenced(_ lines: [String], as language: String) -> [String] {
        var longest = 2
        for line in lines {
            var run = 0
            for character in line {
                run = character == "`" ? run + 1 : 0
                longest = max(longest, run)
            }
        }
        let fence = String(repeating: "`", count: longest + 1)
        return [fence + language] + lines + [fence]
    }

    private static func bounded(_ lines: [String]) -> [String] {
        var kept: [String] = []
        var size = 0
        for line in lines.prefix(maximumDiffLines) {
            size += line.utf8.count + 1
            guard size <= maximumDiffBytes else { break }
            kept.append(line)
        }
        return kept.count < lines.count ? kept + ["… and \(lines.count - kept.count) lines more"] : kept
    }

    /// The message of the promotion commit, with what it is about as trailers.
    var commitMessage: String {
        let images = release.images.map { image in
            let key = image.kind == .chart ? "Chart" : "Image"
            return "\(key): \(image.name)@\(image.digest)\n"
        }.joined()
        return "\(title)\n\nPromotion: \(id)\nRelease: \(release.id)\n\(images)From: \(origin)\nTo: \(environment)\n"
    }

    /// The message of the merge commit.
    static func mergeMessage(_ id: PromotionID, _ promotion: Promotion) -> String {
        "Merge promotion \(id): \(promotion.release) into \(promotion.environment)\n\n"
            + "Promotion: \(id)\nRelease: \(promotion.release)\nEnvironment: \(promotion.environment)\n"
    }
}
