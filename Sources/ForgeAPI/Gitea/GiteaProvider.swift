import GitOpsTypes
import PromotionForge
import Secrets

/// Gitea and Forgejo, wherever they are.
struct GiteaProvider: ForgeProvider {
    let name = "Gitea"
    let aliases = ["forgejo"]

    func api(at host: String) -> String { "https://\(host)/api/v1" }

    func publicAPI(of host: String) -> String? {
        ["codeberg.org", "gitea.com"].contains(host) ? api(at: host) : nil
    }

    let exampleAPI = "https://<host>/api/v1"
    let nestsRepositories = false

    let tokenVariables = ["GITEA_TOKEN", "FORGEJO_TOKEN"]

    func header(for credential: ForgeCredential) -> (name: String, value: String) {
        switch credential {
        case .token(let secret): ("Authorization", "token \(secret.reveal())")
        case .jobToken(let secret): ("Authorization", "Bearer \(secret.reveal())")
        case .password(let user, let secret):
            ("Authorization", "Basic \(Secret.basic(user: user, password: secret).reveal())")
        }
    }

    let headers = [(name: "Accept", value: "application/json")]
    let pageSize = (name: "limit", value: "50")

    func forge(_ session: ForgeSession) -> any Forge { GiteaForge(session) }
}
