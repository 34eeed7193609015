import ArgumentParser
import PromoteReports
import PromotionDomain
import PromotionEngine

/// `--wait [merged|verified]`: goes on until a promotion is so far, or cannot get there any more.
struct Waiting: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Wait until it is merged (also without a word behind it), or verified; ends with 77 where it cannot get there any more, and with 75 after --timeout.",
            valueName: "state"))
    var wait: WaitState?

    @Option(help: ArgumentHelp("How long to wait, such as 10m (default: 1h).", valueName: "duration"))
    var timeout: WaitDuration?

    func validate() throws {
        if timeout != nil, wait == nil { throw ValidationError("--timeout goes with --wait.") }
    }

    /// Seconds between two looks at the remote.
    private static let interval = 5

    /// The promotion as it is once it got there.
    ///
    /// - Throws: `Refusal` where it cannot get there any more, `EngineError` where it has not in time.
    func report(
        _ first: PromotionReport, _ engine: PromotionEngine, _ terminal: Terminal
    ) async throws -> PromotionReport {
        guard let wait, let id = first.id else { return first }
        let line = WaitingLine(terminal)
        defer { line?.change(to: nil) }
        var left = timeout?.seconds ?? 3600
        var report = first
        while true {
            switch wait.standing(of: report.phase) {
            case .reached: return report
            case .missed(let why):
                throw Refusal(
                    wait == .verified ? .verifiedUpstream : .oneOpenPromotion,
                    "\(id) is \(why): it will not be \(wait.rawValue) any more", hint: "see `promote show \(id)`")
            case .ahead: break
            }
            guard left > 0 else {
                throw EngineError.raced("\(id) is not \(wait.rawValue) yet", hint: "see `promote explain \(id)`")
            }
            line?.change(to: "\(id) to be \(wait.rawValue)")
            try await engine.pause(seconds: min(Self.interval, left))
            left -= Self.interval
            let found = try await Patience(interval: Self.interval).result(terminal) {
                // What was merged on the forge or by Git is in the ledger once it was looked for.
                _ = try await engine.sync()
                return try await engine.show(id.description)
            }
            if case .promotion(let next)? = found { report = next }
        }
    }

    /// `--wait` alone means merged.
    static func completed(_ arguments: [String]) -> [String] {
        var completed: [String] = []
        for (index, argument) in arguments.enumerated() {
            completed.append(argument)
            let next = arguments.indices.contains(index + 1) ? arguments[index + 1] : ""
            if argument == "--wait", WaitState(rawValue: next) == nil { completed.append(WaitState.merged.rawValue) }
        }
        return completed
    }
}

/// How far a promotion is waited for.
enum WaitState: String, ExpressibleByArgument, CaseIterable {
    case open
    case merged
    case verified

    enum Standing {
        case reached
        case ahead
        /// With what it is instead.
        case missed(String)
    }

    func standing(of phase: PromotionReport.Phase) -> Standing {
        guard case .recorded(let phase) = phase else { return .ahead }
        switch phase {
        case .requested: return .ahead
        case .open: return self == .open ? .reached : .ahead
        case .merged: return self == .verified ? .ahead : .reached
        case .verified: return .reached
        case .failed: return self == .verified ? .missed(phase.rawValue) : .reached
        case .closed, .superseded: return .missed(phase.rawValue)
        }
    }
}

/// `90s`, `10m`, `2h`: a time to wait.
struct WaitDuration: ExpressibleByArgument {
    let seconds: Int

    init?(argument: String) {
        let units = ["s": 1, "m": 60, "h": 3600]
        guard let unit = argument.last.flatMap({ units[String($0)] }), let count = Int(argument.dropLast()),
            (1...86_400).contains(count), count * unit <= 7 * 86_400
        else { return nil }
        seconds = count * unit
    }
}
