extension Rule {
    /// A gate of the configuration, by its name.
    public static func gate(_ name: String) -> Rule { Rule("gate/\(name)") }
}

/// `gate/<name>`: what programs of the policy say of what would be rendered. What is unknown is never taken for good.
struct ExternalGateRule: PromotionRule {
    let gate: ExternalGate

    var name: Rule { .gate(gate.name) }
    var isBypassable: Bool { true }
    var needs: RuleNeeds { .content(check) }

    private func check(_ facts: PromotionFacts, _ evidence: ContentEvidence) -> Check {
        guard let verdict = evidence.verdicts[gate.name] else {
            return Check(name, .pending, "is asked when a promotion is planned, shown, merged or judged")
        }
        let transcript = verdict.transcript.flatMap { $0.isEmpty ? nil : $0 }
        let said = verdict.output.isEmpty ? "" : ": \(verdict.output)"
        switch verdict.outcome {
        case .passed: return Check(name, .pass, "\(gate.noun) lets it through", output: transcript)
        case .failed(let how): return Check(name, .fail, "\(gate.noun) refuses it (\(how))\(said)", output: transcript)
        case .untrusted(let place): return untrusted(place)
        case .unknown(let why): return Check(name, .pending, "\(gate.noun) gave no verdict: \(why)\(said)")
        }
    }

    private func untrusted(_ place: ExternalVerdict.Place) -> Check {
        switch place {
        case .clone:
            Check(
                name, .pending,
                "\(gate.noun) is a program of the policy, and is not run here before `promote trust` says that it may be",
                clearedBy: ["you: promote trust --dry-run, and then promote trust", "CI: --run-gates"])
        case .server:
            Check(
                name, .pending,
                "\(gate.noun) is a program of the policy, and is not run on this server before its operator says that it may be",
                clearedBy: [
                    "the server's operator: promote hook install --run-gates --bare <repository>, or, for this version alone, "
                        + "promote -C <repository> trust"
                ])
        }
    }
}
