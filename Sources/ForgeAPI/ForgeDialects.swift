import GitOpsTypes
public import PromotionForge

extension ForgeSession {
    /// The forge that answers at the session's address, in its own dialect.
    public var forge: any Forge {
        switch address.kind {
        case .github: GitHubForge(self)
        case .gitlab: GitLabForge(self)
        case .gitea: GiteaForge(self)
        }
    }
}
