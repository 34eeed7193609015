import GitOpsTypes
public import Secrets

/// What a forge is shown so that it answers.
public enum ForgeCredential: Sendable {
    case token(Secret)
    /// GitLab's token of a CI job.
    case jobToken(Secret)
    case password(user: String, Secret)

    /// The header that carries it.
    ///
    /// Source: each forge's documentation of its authentication; see `docs/forges.md`.
    func header(for kind: ForgeKind) -> (name: String, value: String) {
        switch (self, kind) {
        case (.token(let secret), .github): ("Authorization", "Bearer \(secret.reveal())")
        case (.token(let secret), .gitlab): ("PRIVATE-TOKEN", secret.reveal())
        case (.token(let secret), .gitea): ("Authorization", "token \(secret.reveal())")
        case (.jobToken(let secret), .gitlab): ("JOB-TOKEN", secret.reveal())
        case (.jobToken(let secret), _): ("Authorization", "Bearer \(secret.reveal())")
        // What Git's helpers keep for a forge is a token in the place of a password.
        case (.password(_, let secret), .github): ("Authorization", "Bearer \(secret.reveal())")
        case (.password(_, let secret), .gitlab): ("PRIVATE-TOKEN", secret.reveal())
        case (.password(let user, let secret), .gitea):
            ("Authorization", "Basic \(Secret.basic(user: user, password: secret).reveal())")
        }
    }

    /// Whether it is the token of a GitHub App, which alone may write check runs.
    var isOfApp: Bool {
        if case .token(let secret) = self { secret.reveal().hasPrefix("ghs_") } else { false }
    }
}
