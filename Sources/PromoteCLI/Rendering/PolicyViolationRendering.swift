import GitOpsTypes
import PromotionEngine

/// Changes of the policy that do not count, as text and as JSON.
enum PolicyViolationRendering {
    static func json(_ violation: PolicyViolation) -> JSONValue {
        .object(["commit": .text(violation.commit), "detail": .string(violation.detail.displayable)])
    }

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

    static func answer(_ acceptance: PolicyAcceptance) -> Answer {
        let json = JSONValue.object([
            "accepted": .array(acceptance.violations.map(json)), "uncounted": .text(acceptance.uncountedTip),
        ])
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
        return Answer(json: json, text: lines.joined(separator: "\n") + "\n")
    }
}
