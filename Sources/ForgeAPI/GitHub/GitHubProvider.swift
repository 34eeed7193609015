import GitOpsTypes
import PromotionForge
import Secrets

/// GitHub, public or on a server of one's own.
struct GitHubProvider: ForgeProvider {
    let name = "GitHub"
    let aliases: [String] = []

    func api(at host: String) -> String { publicAPI(of: host) ?? "https://\(host)/api/v3" }

    func publicAPI(of host: String) -> String? {
        ["github.com", "ssh.github.com"].contains(host) ? "https://api.github.com" : nil
    }

    let exampleAPI = "https://api.github.com, or https://<host>/api/v3"
    let nestsRepositories = false

    let tokenVariables = ["GITHUB_TOKEN", "GH_TOKEN"]

    func header(for credential: ForgeCredential) -> (name: String, value: String) {
        switch credential {
        // What Git's helpers keep is a token in the place of a password.
        case .token(let secret), .jobToken(let secret), .password(_, let secret):
            ("Authorization", "Bearer \(secret.reveal())")
        }
    }

    let headers = [
        (name: "Accept", value: "application/vnd.github+json"), (name: "X-GitHub-Api-Version", value: "2022-11-28"),
    ]
    let pageSize = (name: "per_page", value: "100")

    func forge(_ session: ForgeSession) -> any Forge { GitHubForge(session) }
}
