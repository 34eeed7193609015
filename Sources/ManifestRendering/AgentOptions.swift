import GitOpsTypes

/// What an agent is told besides what it builds: each item of it is held against what a kustomization has, or rendered by itself.
enum AgentOptions {
    /// Of one list.
    static let maximumItems = 1_000
    /// Of sources, each of which is rendered.
    static let maximumSources = 50
    /// Of characters in a pattern, which is held against each name of a folder.
    static let maximumPattern = 1_000

    static func tooMany(_ field: String, in file: RepositoryPath) -> RenderingError {
        RenderingError("its \(field) are more than \(maximumItems)", in: file, hint: "write them into the kustomization")
    }
}
