public import GitOpsTypes
public import PromotionDomain

/// What a person says of the set-up that is wanted.
public struct SurveyRequest: Sendable {
    /// In their order; empty for a guess.
    public var environments: [EnvironmentName] = []
    /// Where overlays are; nil for a guess.
    public var overlay: PathTemplate?
    /// The applications that are wanted; empty for all.
    public var applications: [ApplicationName] = []
    /// The images that are promoted; empty for a guess.
    public var images: [ImageName] = []
    /// Where the configuration is, which holds nothing that is promoted.
    public var directory: RepositoryPath

    public init(directory: RepositoryPath) { self.directory = directory }
}

/// What a repository's configuration could be, by what is in it; what is configured already is not among it.
public struct SetupProposal: Sendable {
    public let environments: [ProposedEnvironment]
    public let applications: [Application]
    /// Many that are alike, together.
    public let sets: [ProposedSet]
    public let guesses: [Guess]
    /// Whether the tree has anything that is deployed, recognized or not.
    public let hasManifests: Bool
    /// Whether something that could be promoted is in the configuration's own folder.
    public var isDirectoryTaken = false

    public init(
        environments: [ProposedEnvironment], applications: [Application], sets: [ProposedSet] = [], guesses: [Guess],
        hasManifests: Bool
    ) {
        self.sets = sets
        self.environments = environments
        self.applications = applications
        self.guesses = guesses
        self.hasManifests = hasManifests
    }

    /// Whether there is an application to be promoted.
    public var hasApplications: Bool { !applications.isEmpty || !sets.isEmpty }
}
