import GitOpsTypes
import PromotionForge
import Secrets

/// GitLab, public or on a server of one's own.
struct GitLabProvider: ForgeProvider {
    let name = "GitLab"
    let aliases: [String] = []

    func api(at host: String) -> String { "https://\(host)/api/v4" }

    func publicAPI(of host: String) -> String? {
        ["gitlab.com", "altssh.gitlab.com"].contains(host) ? "https://gitlab.com/api/v4" : nil
    }

    let exampleAPI = "https://<host>/api/v4"
    let nestsRepositories = true

    let tokenVariables = ["GITLAB_TOKEN", "CI_JOB_TOKEN"]

    func header(for credential: ForgeCredential) -> (name: String, value: String) {
        switch credential {
        // What Git's helpers keep is a token in the place of a password.
        case .token(let secret), .password(_, let secret): ("PRIVATE-TOKEN", secret.reveal())
        case .jobToken(let secret): ("JOB-TOKEN", secret.reveal())
        }
    }

    let headers = [(name: "Accept", value: "application/json")]
    let pageSize = (name: "per_page", value: "100")

    func forge(_ session: ForgeSession) -> any Forge { GitLabForge(session) }
}
