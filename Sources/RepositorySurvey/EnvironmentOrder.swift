import GitOpsTypes
public import PromotionDomain

/// An environment that is proposed.
public struct ProposedEnvironment: Hashable, Sendable {
    public let name: EnvironmentName
    /// Whence it takes releases; empty for builds.
    public let sources: [EnvironmentName]
    /// The branch that it is kept on; nil for the target branch.
    public let branch: String?
    /// Whether people use it, so that promoting into it is for a team.
    public let isProduction: Bool
    /// For how many seconds a release has to be verified before it comes here.
    public var soak: Int64 = 0

    public init(name: EnvironmentName, sources: [EnvironmentName], branch: String?, isProduction: Bool) {
        self.name = name
        self.sources = sources
        self.branch = branch
        self.isProduction = isProduction
    }
}

/// Another program's word on which environment comes after which.
struct OrderHint: Hashable {
    let from: EnvironmentName
    let to: EnvironmentName
    /// For how many seconds a release has to be verified on the way.
    var soak: Int64 = 0
    let because: String
}

/// The order in which releases go through environments.
struct EnvironmentOrder {
    let lexicon: EnvironmentLexicon
    let hints: [OrderHint]
    /// Environments whose order is set already.
    let known: Set<EnvironmentName>
    let trail: VersionTrail

    /// Environments of one rank beside each other, from builds to production.
    func tiers(of environments: Set<EnvironmentName>) -> [[EnvironmentName]] {
        let ranks = Dictionary(grouping: environments.union(known), by: lexicon.rank).sorted { $0.key < $1.key }
        return ranks.flatMap { rank, names -> [[EnvironmentName]] in
            // What no word tells may be told by what runs there.
            if rank == .unknown, let order = trail.order(of: names) { return order.map { [$0] } }
            return [names.sorted()]
        }
    }

    /// Where each takes releases from; those of a hint where there is one.
    func sources(of environments: Set<EnvironmentName>) -> [EnvironmentName: [EnvironmentName]] {
        var result: [EnvironmentName: [EnvironmentName]] = [:]
        var before: [EnvironmentName] = []
        for tier in tiers(of: environments) {
            for environment in tier where environments.contains(environment) {
                result[environment] = hinted(environment, among: environments) ?? Self.nearest(to: environment, in: before)
            }
            before = tier
        }
        guard Self.hasCircle(result), !hints.isEmpty else { return result }
        return EnvironmentOrder(lexicon: lexicon, hints: [], known: known, trail: trail).sources(of: environments)
    }

    /// For how many seconds a release has to be verified in its sources before it comes into an environment.
    func soak(of environment: EnvironmentName, from sources: [EnvironmentName]) -> Int64 {
        guard lexicon.given.isEmpty else { return 0 }
        return hints.filter { $0.to == environment && sources.contains($0.from) }.map(\.soak).max() ?? 0
    }

    private func hinted(_ environment: EnvironmentName, among environments: Set<EnvironmentName>) -> [EnvironmentName]? {
        guard lexicon.given.isEmpty else { return nil }
        let sources = Set(hints.filter { $0.to == environment && environments.contains($0.from) }.map(\.from))
        if !sources.isEmpty { return sources.sorted() }
        // What others come after, and what comes after nothing, is where a hinted order begins.
        let isFirst = hints.contains { $0.from == environment && environments.contains($0.to) }
        return isFirst ? [] : nil
    }

    /// Of those one rank before, the ones of the same region where there are such, and all of them otherwise.
    private static func nearest(to environment: EnvironmentName, in before: [EnvironmentName]) -> [EnvironmentName] {
        func regions(_ name: EnvironmentName) -> Set<String> {
            Set(name.text.split(separator: "-").map(String.init).filter { EnvironmentLexicon.isRegion($0) })
        }
        let own = regions(environment)
        let same = before.filter { !own.isEmpty && regions($0) == own }
        return same.isEmpty ? before : same
    }

    private static func hasCircle(_ sources: [EnvironmentName: [EnvironmentName]]) -> Bool {
        var rest = sources
        while !rest.isEmpty {
            let ready = rest.filter { $0.value.allSatisfy { rest[$0] == nil } }.map(\.key)
            if ready.isEmpty { return true }
            for name in ready { rest[name] = nil }
        }
        return false
    }
}
