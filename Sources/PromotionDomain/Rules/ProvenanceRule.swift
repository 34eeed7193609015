extension Rule {
    public static let provenance = Rule("provenance")
}

/// `provenance`: in environments that ask for it, where the images are from is proven again, with the keys that count now.
struct ProvenanceRule: PromotionRule {
    var name: Rule { .provenance }
    var isBypassable: Bool { false }
    var needs: RuleNeeds { .content(check) }

    private func check(_ facts: PromotionFacts, _ evidence: ContentEvidence) -> Check? {
        guard facts.environment.asksProvenance else { return nil }
        guard let verdict = evidence.provenance else {
            return Check(.provenance, .pending, "is asked when a promotion is planned, shown, merged or judged")
        }
        switch verdict.outcome {
        case .passed: return Check(.provenance, .pass, verdict.output)
        case .failed(let reason): return Check(.provenance, .fail, reason)
        case .unknown(let reason): return Check(.provenance, .pending, "cannot be told: \(reason)")
        case .untrusted: return Check(.provenance, .pending, "cannot be told: what would tell it is not run here")
        }
    }
}
