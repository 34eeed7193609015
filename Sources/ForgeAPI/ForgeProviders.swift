public import GitOpsTypes
public import PromotionForge

/// The forges that there are.
public enum ForgeProviders {
    public static func provider(of kind: ForgeKind) -> any ForgeProvider {
        switch kind {
        case .github: GitHubProvider()
        case .gitlab: GitLabProvider()
        case .gitea: GiteaProvider()
        }
    }

    /// The kind and the API of the public server that a remote at `host` is on; nil where the host is none of these.
    static func publicServer(_ host: String) -> (kind: ForgeKind, api: String)? {
        for kind in ForgeKind.allCases {
            if let api = provider(of: kind).publicAPI(of: host) { return (kind, api) }
        }
        return nil
    }
}

extension ForgeSession {
    /// The forge that answers at the session's address.
    public var forge: any Forge { provider.forge(self) }
}
