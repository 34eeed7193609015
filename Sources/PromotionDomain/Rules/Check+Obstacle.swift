extension Check {
    /// How it stands in the way, in words with the rule's name behind them: waits for approvals (`approved`).
    public var obstacle: String { "\(words) (`\(rule)`)" }

    private var words: String {
        if rule.description.hasPrefix("gate/") { return status == .pending ? "waits for a gate" : "stopped by a gate" }
        let words = Self.words[rule]
        return (status == .pending ? words?.waiting : words?.stopped) ?? (status == .pending ? "waits" : "stopped")
    }

    private static let words: [Rule: (stopped: String, waiting: String)] = [
        .builtOnce: ("not built as it has to be", "waits for its build"),
        .notYanked: ("quarantined", "quarantined"),
        .notHeld: ("on hold", "on hold"),
        .verifiedUpstream: ("not verified upstream", "waits for verification upstream"),
        .notTainted: ("tainted upstream", "tainted upstream"),
        .noSilentDowngrade: ("older than what runs", "older than what runs"),
        .oneOpenPromotion: ("decided already", "decided already"),
        .scope: ("changes more than was planned", "changes more than was planned"),
        .mergeable: ("not mergeable", "not mergeable yet"),
        .digestExact: ("not what was built", "not known to be what was built"),
        .provenance: ("origin not proven", "waits for proof of its origin"),
        .soak: ("not verified long enough", "waits for its soak time"),
        .windows: ("not now", "waits for a window"),
        .approved: ("objected to", "waits for approvals"),
        .authorizedMerge: ("not for you to merge", "not for you to merge"),
        .authorized: ("not for you", "not for you"),
        .ledgerIntact: ("the ledger is damaged", "the ledger is damaged"),
        .policyFromTarget: ("not permitted by the policy", "waits for approvals"),
    ]
}
