/// A rule in words, as docs/rules.md has it.
struct RuleHelp: Sendable {
    /// `verified-upstream`
    let name: String
    /// Whether an emergency passes it.
    let isBypassable: Bool
    let asks: String
    /// When it fails or waits.
    let fails: String
    /// Who can clear it, and how.
    let clears: String

    /// In the order of docs/rules.md.
    static let all = [
        RuleHelp(
            name: "built-once", isBypassable: false,
            asks:
                "the release is registered, by a key that counts; one digest of an image for one source commit, and of a chart for one version",
            fails: "it is not registered; its key was revoked or expired; the commit was built again with another digest",
            clears: "builders: `promote register`"),
        RuleHelp(
            name: "not-yanked", isBypassable: false,
            asks: "the release is not quarantined",
            fails: "an operator yanked it",
            clears: "a yank is not lifted; builders register a new build"),
        RuleHelp(
            name: "not-held", isBypassable: true,
            asks: "the environment is not held for the application",
            fails: "an operator placed a hold, or a rollback did",
            clears: "operators: `promote resume`"),
        RuleHelp(
            name: "verified-upstream", isBypassable: true,
            asks:
                "the release was deployed upstream and its last verification there passed; everywhere upstream, or anywhere with `require: any`",
            fails: "it was never deployed there, is not verified yet, or failed; an environment would be skipped",
            clears: "verifiers: `promote verify`"),
        RuleHelp(
            name: "not-tainted", isBypassable: true,
            asks: "nothing that was not permitted is in the environments upstream",
            fails: "a violation is open there",
            clears: "operators: `promote accept`"),
        RuleHelp(
            name: "no-silent-downgrade", isBypassable: false,
            asks: "the release is not older than what the environment runs; a rollback goes to what ran there and did not fail",
            fails: "it is older, or never ran there",
            clears: "`promote rollback`"),
        RuleHelp(
            name: "one-open-promotion", isBypassable: false,
            asks: "the promotion is open, and the only one into its environment",
            fails: "it was merged, closed or superseded",
            clears: "a new promotion, which supersedes an open one"),
        RuleHelp(
            name: "scope", isBypassable: false,
            asks: "the branch changes what the plan said and nothing else",
            fails: "anything else changed on it",
            clears: "close it, promote again"),
        RuleHelp(
            name: "mergeable", isBypassable: false,
            asks: "merged into the target branch as it is now, it renders what was proposed",
            fails: "a conflict, or another result",
            clears: "promote again"),
        RuleHelp(
            name: "digest-exact", isBypassable: false,
            asks:
                "after the edit every container, image volume and marked value of the application's images has exactly the release's digest, and every object that takes one of its charts that chart's digest, or its version where no digest can stand, which is told; what is not rendered here is told",
            fails:
                "another digest, a tag, or no place at all; the environment has `unrendered: refuse`, and something is not rendered here",
            clears: "the maintainers of the manifests"),
        RuleHelp(
            name: "provenance", isBypassable: false,
            asks: "where the environment or the image asks for it: signatures and attestations by keys that count now",
            fails: "not proven (fails), or the registry cannot be asked (pending)",
            clears: "sign it, register again"),
        RuleHelp(
            name: "gate/<name>", isBypassable: true,
            asks: "the environment's own programs, statuses of the forge",
            fails: "a program refuses (fails), gives no verdict or may not be run here (pending)",
            clears: "what it says; `promote trust`"),
        RuleHelp(
            name: "soak", isBypassable: true,
            asks: "the release has been verified upstream for so long",
            fails: "not yet (pending)",
            clears: "time"),
        RuleHelp(
            name: "windows", isBypassable: true,
            asks: "the environment is not frozen, and it is a time to change it",
            fails: "a freeze, outside the windows (pending)",
            clears: "operators: `promote unfreeze`; time"),
        RuleHelp(
            name: "approved", isBypassable: true,
            asks: "so many distinct approvers consent to exactly this head and rendering; four eyes; none expired",
            fails: "too few (pending); a rejection, or changes requested",
            clears: "approvers: `promote approve`; who rejected: `promote revoke`"),
        RuleHelp(
            name: "authorized-merge", isBypassable: false,
            asks: "who merges is a merger, proven by a key",
            fails: "they are not, or not proven",
            clears: "mergers"),
        RuleHelp(
            name: "policy-from-target", isBypassable: false,
            asks: "`environments/` changes only as the policy before permits",
            fails: "approvals are missing (pending); the change does not count then",
            clears: "approvers: `promote approve --change`"),
        RuleHelp(
            name: "authorized", isBypassable: false,
            asks: "the actor has the role, proven by a key where keys are listed",
            fails: "no role, no key, a key that ended",
            clears: "who is listed"),
        RuleHelp(
            name: "ledger-intact", isBypassable: false,
            asks: "ledgers only grow, and only by events that count",
            fails: "an event that does not count was pushed or is in the way, a ledger was rewound",
            clears: "the hint has the command"),
    ]

    /// The row of docs/rules.md.
    var row: String { "| `\(name)`\(isBypassable ? " †" : "") | \(asks) | \(fails) | \(clears) |" }

    var text: String {
        var lines = [name, "", "  asks:   \(asks)", "  fails:  \(fails)", "  clears: \(clears)"]
        if isBypassable {
            lines.append("  An emergency passes it (--emergency, for those that the environment's `emergency` lists).")
        }
        return (lines + ["", "next: promote explain <environment>, for what it says of your next promotion"]).joined(
            separator: "\n") + "\n"
    }
}
