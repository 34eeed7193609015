import GitOpsTypes
import PromotionDomain

/// What `doctor` tells of this machine: its time zones, and the programs of the policy that it runs.
extension Doctor {
    func machineFindings(_ snapshot: Snapshot) async throws -> [SetupFinding] {
        [timeZoneFinding(snapshot), try await programFinding(snapshot)].compactMap(\.self)
    }

    /// Rules of clocks change several times a year: so long after the end of a year its data is too old to go by.
    private static let oldAge: Int64 = 180 * 86_400

    private func timeZoneFinding(_ snapshot: Snapshot) -> SetupFinding? {
        let zones = session.workspace.timeZones
        let isNeeded = snapshot.policy.environments.contains { environment in
            environment.windows.windows.contains { $0.timeZone != .utc }
        }
        func finding(_ status: SetupFinding.Status, _ detail: String, _ remedy: String? = nil) -> SetupFinding {
            SetupFinding(topic: "time zones", status: status, detail: detail, remedy: remedy)
        }
        let remedy = "install the newest tzdata (apt-get install tzdata); all who read this repository should have the same"
        guard let version = zones.version else {
            return isNeeded ? finding(.warning, "the database in \(zones.place) does not tell its version", remedy) : nil
        }
        if isNeeded, let year = Int(version.prefix(4)),
            snapshot.time.seconds - Int64(CivilDate(year: year + 1, month: 1, day: 1).dayNumber) * 86_400 > Self.oldAge
        {
            return finding(.warning, "tzdata \(version) is old: windows may be an hour off", remedy)
        }
        return finding(.good, "tzdata \(version) in \(zones.place)")
    }

    private func programFinding(_ snapshot: Snapshot) async throws -> SetupFinding? {
        let programs = try await TrustPrograms(session: session).programs(snapshot).programs
        guard !programs.isEmpty else { return nil }
        let waiting = programs.filter { !$0.isTrusted }.map(\.label)
        guard !waiting.isEmpty else {
            return SetupFinding(
                topic: "programs", status: .good, detail: "all that the policy names may be run here", remedy: nil)
        }
        return SetupFinding(
            topic: "programs", status: .warning,
            detail: "not run here, so that what needs them waits: \(waiting.joined(separator: ", "))",
            remedy: "promote trust --dry-run shows them, promote trust permits them")
    }
}
