/// The kinds of forges, which host pull requests.
public enum ForgeKind: String, Hashable, Sendable, Codable, CaseIterable {
    case github
    case gitlab
    /// Forgejo, too.
    case gitea

    /// As people write it.
    public var name: String {
        switch self {
        case .github: "GitHub"
        case .gitlab: "GitLab"
        case .gitea: "Gitea"
        }
    }
}
