import GitOpsTypes
import PromotionDomain

/// The versions that environments run: what comes later in the order has the older ones.
struct VersionTrail {
    private let versions: [EnvironmentName: [ImageName: [Int]]]
    private let tags: [EnvironmentName: [ImageName: String]]

    init(_ tags: [EnvironmentName: [ImageName: String]]) {
        self.tags = tags
        versions = tags.mapValues { $0.compactMapValues(Self.version) }
    }

    /// `v1.4.2` as numbers; nil for what is no version.
    private static func version(_ tag: String) -> [Int]? {
        let parts = tag.drop { $0 == "v" }.split(separator: ".")
        let numbers = parts.compactMap { Int($0) }
        return parts.count > 1 && numbers.count == parts.count ? numbers : nil
    }

    /// Whether one environment has nothing older than another, and something newer.
    private func isAhead(_ one: EnvironmentName, of other: EnvironmentName) -> Bool {
        guard let own = versions[one], let others = versions[other] else { return false }
        let pairs = own.compactMap { image, version in others[image].map { (version, $0) } }
        return pairs.allSatisfy { !$0.lexicographicallyPrecedes($1) } && pairs.contains { $0 != $1 }
    }

    /// Environments in the order of their versions, newest first; nil where that does not tell all of them apart.
    func order(of environments: [EnvironmentName]) -> [EnvironmentName]? {
        let sorted = environments.sorted { one, other in
            environments.filter { isAhead(one, of: $0) }.count > environments.filter { isAhead(other, of: $0) }.count
        }
        return zip(sorted, sorted.dropFirst()).allSatisfy { isAhead($0, of: $1) } ? sorted : nil
    }

    /// `web has 1.5.0 in dev, 1.4.0 in prod`, where the versions of an image get older along an order; nil where none do.
    func evidence(along order: [EnvironmentName]) -> String? {
        let images = Set(versions.values.flatMap(\.keys)).sorted()
        for image in images {
            let seen = order.compactMap { environment in versions[environment]?[image].map { (environment, $0) } }
            guard let first = seen.first, seen.contains(where: { $0.1 != first.1 }),
                zip(seen, seen.dropFirst()).allSatisfy({ !$0.1.lexicographicallyPrecedes($1.1) })
            else { continue }
            let told = seen.map { "\(tags[$0.0]?[image] ?? "") in \($0.0)" }
            return "\(image) has \(told.joined(separator: ", "))"
        }
        return nil
    }
}
