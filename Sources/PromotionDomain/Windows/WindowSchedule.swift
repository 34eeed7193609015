public import GitOpsTypes

/// The windows of an environment together. An exclusion wins; where there is any allowance, changes are made within one.
public struct WindowSchedule: Hashable, Sendable {
    public let windows: [ReleaseWindow]

    public init(_ windows: [ReleaseWindow]) {
        self.windows = windows
    }

    public enum Verdict: Hashable, Sendable {
        /// Changes may be made; the window is the allowance, where one is needed.
        case open(ReleaseWindow?)
        /// In an exclusion, since a moment.
        case excluded(ReleaseWindow, since: Timestamp)
        /// Outside of every allowance.
        case notAllowed
        /// The machine does not know a zone that its windows are in, so this cannot be told here.
        case unknown(LocalTimeZone)

        public var isOpen: Bool {
            if case .open = self { true } else { false }
        }
    }

    /// The first of the zones that this machine does not know; nil where it knows them all.
    public var unknownTimeZone: LocalTimeZone? { windows.map(\.timeZone).first { !$0.isKnown } }

    public func verdict(at time: Timestamp) -> Verdict {
        if let zone = unknownTimeZone { return .unknown(zone) }
        for window in windows where window.effect == .exclude {
            if let begin = window.current(at: time.seconds) { return .excluded(window, since: Timestamp(seconds: begin)) }
        }
        let allowances = windows.filter { $0.effect == .allow }
        guard !allowances.isEmpty else { return .open(nil) }
        return allowances.first { $0.current(at: time.seconds) != nil }.map { .open($0) } ?? .notAllowed
    }

    /// So far ahead a transition is looked for.
    private static let horizonDays = 400
    /// So many beginnings and ends without a change are as good as for ever.
    private static let maximumMoments = 2000

    /// The next moment at which changes become possible, or impossible; nil when there is none in more than a year, or
    /// not for thousands of windows that join each other.
    public func nextTransition(after time: Timestamp) -> Timestamp? {
        guard unknownTimeZone == nil else { return nil }
        let isOpen = verdict(at: time).isOpen
        // Ends of windows that have begun already, and of those that begin on the way, in the order of time.
        var ends: [Int64] = windows.compactMap { window in window.current(at: time.seconds).map { $0 + window.duration } }
        var examined = 0
        for offset in -1...Self.horizonDays {
            var moments: [Int64] = []
            var dayEnd = Int64.max
            for window in windows {
                let day = window.timeZone.localDay(of: time.seconds) + offset
                let begins = window.beginnings(on: CivilDate(dayNumber: day))
                moments += begins
                ends += begins.map { $0 + window.duration }
                // What begins on later days begins after this.
                dayEnd = min(dayEnd, window.timeZone.moment(ofLocal: Int64(day + 1) * 86_400))
            }
            moments += ends.filter { $0 < dayEnd }
            ends.removeAll { $0 < dayEnd }
            for moment in moments.sorted() where moment > time.seconds {
                examined += 1
                guard examined <= Self.maximumMoments else { return nil }
                let candidate = Timestamp(seconds: moment)
                if verdict(at: candidate).isOpen != isOpen { return candidate }
            }
        }
        return nil
    }
}
