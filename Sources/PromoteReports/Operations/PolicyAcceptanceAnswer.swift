import GitOpsTypes
public import PromotionEngine

/// A change of the policy that does not count.
struct PolicyViolationAnswer: Encodable, Sendable {
    @Text var commit: CommitID
    let detail: String

    enum CodingKeys: String, CodingKey {
        case commit
        case detail
    }

    init(_ violation: PolicyViolation) {
        commit = violation.commit
        detail = violation.detail.displayable
    }
}

/// The changes of the policy that do not count and that an operator has seen.
struct PolicyAcceptanceAnswer: Encodable, Sendable {
    let accepted: [PolicyViolationAnswer]
    @TextOrNull var uncounted: CommitID?

    enum CodingKeys: String, CodingKey {
        case accepted
        case uncounted
    }

    init(_ acceptance: PolicyAcceptance) {
        accepted = acceptance.violations.map(PolicyViolationAnswer.init)
        uncounted = acceptance.uncountedTip
    }
}

extension Answer {
    /// `promote accept --policy`
    public init(_ acceptance: PolicyAcceptance) {
        self.init(json: PolicyAcceptanceAnswer(acceptance), text: PolicyViolationText.text(of: acceptance))
    }
}

/// Changes of the policy that do not count, for people.
enum PolicyViolationText {
    /// The newest of them, and what to do.
    static func lines(_ violations: [PolicyViolation]) -> [String] {
        guard let newest = violations.last else { return [] }
        var lines = violations.suffix(3).map { violation in
            "VIOLATION  environments/ by \(violation.commit.short) does not count: \(violation.detail.displayable)"
        }
        if violations.count > 3 { lines.append("           and \(violations.count - 3) earlier ones") }
        return lines + [
            "           the policy before it goes on counting; next: \(newest.nextStep)",
            "           to be told no more: promote accept --policy --reason …",
        ]
    }

    static func text(of acceptance: PolicyAcceptance) -> String {
        var lines = [
            acceptance.violations.isEmpty
                ? "Nothing to do: every change of the policy counts, or was accepted"
                : "Accepted that these changes of the policy do not count:"
        ]
        lines += acceptance.violations.map { "  \($0.commit.short)  \($0.detail.displayable)" }
        if acceptance.uncountedTip != nil {
            lines += ["", "environments/ is still another version than the one that counts."]
            if let uncounted = acceptance.uncounted { lines.append("next: \(uncounted.nextStep)") }
        } else {
            lines += ["", "next: promote status"]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
