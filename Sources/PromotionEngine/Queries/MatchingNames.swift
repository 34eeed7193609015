import GitOpsTypes
import PromotionDomain

/// What names with `*` stand for.
struct MatchingNames: Sendable {
    let session: Session

    /// The promotions of these names: each by its id, or all open ones that match a pattern, in the order of the ledgers.
    ///
    /// - Throws: `EngineError` where a name is none, or a pattern matches nothing.
    func promotions(named names: [String]) async throws -> [PromotionID] {
        let snapshot = try await session.refresh()
        var found: [PromotionID] = []
        for name in names {
            guard name.contains("*") else {
                found.append(try snapshot.policy.promotionID(named: name))
                continue
            }
            let pattern = try Self.pattern(name)
            var matching: [PromotionID] = []
            for application in snapshot.policy.applications {
                let state = try await session.ledger(of: application.name, snapshot).state
                matching += state.promotions.filter(\.isOpen).map { PromotionID(application.name, $0.number) }.filter(
                    pattern.matches)
            }
            guard !matching.isEmpty else {
                throw EngineError.usage("no open promotion matches “\(name.displayable)”", hint: "see `promote status`")
            }
            found += matching
        }
        var seen: Set<PromotionID> = []
        return found.filter { seen.insert($0).inserted }
    }

    /// The applications that match a pattern and have all of some environments, `build` aside.
    ///
    /// - Parameter pattern: nil for all.
    func applications(_ pattern: String?, having environments: [String]) async throws -> [String] {
        let policy = try await session.refresh().policy
        let needed = try environments.filter { $0 != PromotionOrigin.build.text }.map { try policy.environment(named: $0).name }
        let wanted = try pattern.map(Self.pattern)
        let found = policy.applications.filter { application in
            needed.allSatisfy(application.has) && wanted?.matches(application.name) ?? true
        }
        if let pattern, found.isEmpty {
            throw EngineError.usage(
                "no application matches “\(pattern.displayable)” and has \(needed.map(\.text).joined(separator: " and "))",
                hint: "known: \(policy.applications.prefix(20).map(\.name.text).joined(separator: ", "))")
        }
        return found.map(\.name.text)
    }

    private static func pattern(_ text: String) throws -> NamePattern {
        guard let pattern = NamePattern(text) else {
            throw EngineError.usage(
                "“\(text.displayable)” matches no name",
                hint: "names have small letters, digits and hyphens; * stands for any of them")
        }
        return pattern
    }
}
