/// `provenance`: in environments that ask for it, where the images are from is proven again, with the keys that count now.
enum ProvenanceGate {
    static func check(_ question: PromotionQuestion, _ evidence: ContentEvidence) -> Check? {
        guard question.environment.asksProvenance else { return nil }
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
