public import GitOpsTypes
public import ImageRegistry
public import SSHSignatures

/// The configuration of a repository at one commit: applications, environments, and who may do what.
public struct Policy: Hashable, Sendable {
    /// Sorted by name: those that have a document, and of those that are in sets the ones that were found.
    public private(set) var applications: [Application]
    /// Sorted by name.
    public let sets: [ApplicationSet]
    /// Every environment after those it takes releases from.
    public let environments: [Environment]
    public private(set) var allowedSigners: AllowedSigners
    public let forge: ForgeChoice
    /// How registries are reached, by their names in names of images.
    public let registries: [String: RegistrySettings]
    /// What Git calls the content of `environments/` that it was read from; nil where it is from elsewhere. The same version has the
    /// same applications and environments.
    public var version: TreeID?

    public init(
        applications: [Application], sets: [ApplicationSet] = [], environments: [Environment], allowedSigners: AllowedSigners,
        forge: ForgeChoice = .inferred, registries: [String: RegistrySettings] = [:]
    ) {
        self.sets = sets.sorted { $0.name < $1.name }
        self.registries = registries
        self.forge = forge
        self.applications = applications.sorted { $0.name < $1.name }
        self.environments = environments
        self.allowedSigners = allowedSigners
    }

    /// Two are the same that say the same, in whatever version they say it.
    public static func == (left: Policy, right: Policy) -> Bool {
        left.applications == right.applications && left.sets == right.sets && left.environments == right.environments
            && left.allowedSigners == right.allowedSigners && left.forge == right.forge && left.registries == right.registries
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(applications)
        hasher.combine(sets)
        hasher.combine(environments)
        hasher.combine(allowedSigners)
        hasher.combine(forge)
        hasher.combine(registries)
    }

    /// The same, with these keys revoked besides.
    public func revoking(_ keys: Set<SSHPublicKey>) -> Policy {
        if keys.isSubset(of: allowedSigners.revoked) { return self }
        var policy = self
        policy.allowedSigners = AllowedSigners(entries: allowedSigners.entries, revoked: allowedSigners.revoked.union(keys))
        return policy
    }

    /// Whether this machine cannot tell when some environment may be changed.
    public var hasUnknownTimeZone: Bool { environments.contains { $0.windows.unknownTimeZone != nil } }

    /// Found in a few steps, however many there are.
    public func application(_ name: ApplicationName) -> Application? {
        var (low, high) = (0, applications.count)
        while low < high {
            let middle = (low + high) / 2
            if applications[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return low < applications.count && applications[low].name == name ? applications[low] : nil
    }

    /// The application of that name, whether anything of it is there or not: what its ledger says is judged by a set, too, that it
    /// would be in.
    public func anyApplication(_ name: ApplicationName) -> Application? {
        application(name) ?? sets.lazy.compactMap { $0.application(name) }.first
    }

    /// The same with applications that were found, for each set that has some. Those that are there already stay as they are, and
    /// of two sets that have the same application, the first has it.
    public func adding(_ found: [String: [ApplicationName]]) -> Policy {
        var known = Set(applications.map(\.name))
        var policy = self
        for set in sets {
            for name in found[set.name] ?? [] where known.insert(name).inserted {
                if let application = set.application(name) { policy.applications.append(application) }
            }
        }
        policy.applications.sort { $0.name < $1.name }
        return policy
    }

    public func environment(_ name: EnvironmentName) -> Environment? {
        environments.first { $0.name == name }
    }
}
