/// What a gate of the policy said.
public struct ExternalVerdict: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        case passed
        /// With a word how it said so: an exit status, a state.
        case failed(String)
        /// It said nothing that counts: it is missing, or took too long.
        case unknown(String)
        /// It was not run: nobody here has said that the programs of this policy may be.
        case untrusted(in: Place)
    }

    /// Where it would have been run.
    public enum Place: Hashable, Sendable {
        /// In a person's clone, or in CI.
        case clone
        /// In the repository that people push to.
        case server
    }

    public let outcome: Outcome
    /// What it printed, in some lines at most.
    public let output: String
    /// What a program printed, line by line, for those who look closer; nil where none was run.
    public let transcript: String?

    public init(_ outcome: Outcome, output: String, transcript: String? = nil) {
        self.outcome = outcome
        self.output = output
        self.transcript = transcript
    }
}

/// `gate/<name>`: what programs of the policy say of what would be rendered. What is unknown is never taken for good.
enum ExternalGateCheck {
    static func checks(_ question: PromotionQuestion, _ evidence: ContentEvidence) -> [Check] {
        question.environment.gates.map { gate in
            let rule = Rule.gate(gate.name)
            guard let verdict = evidence.verdicts[gate.name] else {
                return Check(rule, .pending, "is asked when a promotion is planned, shown, merged or judged")
            }
            let transcript = verdict.transcript.flatMap { $0.isEmpty ? nil : $0 }
            let said = verdict.output.isEmpty ? "" : ": \(verdict.output)"
            switch verdict.outcome {
            case .passed: return Check(rule, .pass, "\(gate.noun) lets it through", output: transcript)
            case .failed(let how):
                return Check(rule, .fail, "\(gate.noun) refuses it (\(how))\(said)", output: transcript)
            case .untrusted(let place): return untrusted(gate, place)
            case .unknown(let why): return Check(rule, .pending, "\(gate.noun) gave no verdict: \(why)\(said)")
            }
        }
    }

    private static func untrusted(_ gate: ExternalGate, _ place: ExternalVerdict.Place) -> Check {
        let rule = Rule.gate(gate.name)
        switch place {
        case .clone:
            return Check(
                rule, .pending,
                "\(gate.noun) is a program of the policy, and is not run here before `promote trust` says that it may be",
                clearedBy: ["you: promote trust --dry-run, and then promote trust", "CI: --run-gates"])
        case .server:
            return Check(
                rule, .pending,
                "\(gate.noun) is a program of the policy, and is not run on this server before its operator says that it may be",
                clearedBy: [
                    "the server's operator: promote hook install --run-gates --bare <repository>, or, for this version alone, "
                        + "promote -C <repository> trust"
                ])
        }
    }
}
