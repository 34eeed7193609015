import GitOpsTypes

extension Rule {
    public static let windows = Rule("windows")
}

/// `windows`: the environment is not frozen, and now is a time at which it may be changed.
///
/// A rollback waits for no window, as those are there to keep what works; a freeze, which an operator placed, stops it, too.
struct WindowsRule: PromotionRule {
    var name: Rule { .windows }
    var isBypassable: Bool { true }
    var needs: RuleNeeds { .ledger(check) }

    /// Nil where the environment has no windows and is not frozen.
    private func check(_ facts: PromotionFacts) -> Check? {
        let (environment, time) = (facts.environment, facts.time)
        let operators = environment.operators.clearers
        if let freeze = facts.freezes.first(where: { $0.environment == environment.name && $0.isActive(at: time) }) {
            let end = freeze.until.map { "until \($0)" } ?? "until `promote unfreeze \(environment.name)`"
            return Check(
                .windows, .pending, "\(environment.name) is frozen \(end) by \(freeze.by): \(freeze.reason)", since: freeze.at,
                clearedBy: operators)
        }
        let schedule = environment.windows
        guard let first = schedule.windows.first else { return nil }
        if facts.isRollback { return Check(.windows, .pass, "a rollback waits for no window") }
        switch schedule.verdict(at: time) {
        case .open(let window):
            let zone = window?.timeZone ?? first.timeZone
            let end = schedule.nextTransition(after: time).map { " until \($0) (\(zone.display($0)))" } ?? ""
            return Check(.windows, .pass, "may be changed\(end)")
        case .excluded(let window, let since):
            return Check(
                .windows, .pending, "not now\(window.reason.map { " (\($0))" } ?? "")\(opening(schedule, time, window.timeZone))",
                since: since)
        case .notAllowed:
            return Check(.windows, .pending, "outside of its windows\(opening(schedule, time, first.timeZone))")
        case .unknown(let zone):
            return Check(
                .windows, .pending, "this machine's time zone database has no \(zone): install a newer tzdata to tell",
                clearedBy: ["the operator of this machine"])
        }
    }

    private func opening(_ schedule: WindowSchedule, _ time: Timestamp, _ zone: LocalTimeZone) -> String {
        guard let next = schedule.nextTransition(after: time) else { return "; no window opens within a year" }
        return "; from \(next) on (\(zone.display(next)))"
    }
}
