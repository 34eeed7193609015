import GitOpsTypes

extension Rule {
    public static let soak = Rule("soak")
}

/// `soak`: the release has been verified upstream for long enough, on the ledger's clock.
struct SoakRule: PromotionRule {
    var name: Rule { .soak }
    var isBypassable: Bool { true }
    var needs: RuleNeeds { .ledger(check) }

    private func check(_ facts: PromotionFacts) -> Check? {
        let soak = facts.environment.soak
        guard soak > 0, !facts.isRollback else { return nil }
        guard let since = VerifiedUpstreamRule().verifiedSince(facts) else {
            return Check(.soak, .pending, "\(duration(soak)) count from the first verification upstream, which is missing")
        }
        let end = Timestamp(seconds: since).adding(seconds: soak)
        guard facts.time >= end else {
            return Check(
                .soak, .pending, "verified upstream since \(Timestamp(seconds: since)); \(duration(soak)) are over at \(end)",
                since: Timestamp(seconds: since))
        }
        return Check(.soak, .pass, "verified upstream since \(Timestamp(seconds: since)), over \(duration(soak))")
    }

    /// `2h`, `1d 12h`, `90s`.
    private func duration(_ seconds: Int64) -> String {
        let units: [(Int64, String)] = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")]
        var rest = seconds
        var parts: [String] = []
        for (size, name) in units where rest >= size {
            parts.append("\(rest / size)\(name)")
            rest %= size
        }
        return parts.joined(separator: " ")
    }
}
