public import Secrets

/// What a forge is shown so that it answers.
public enum ForgeCredential: Sendable {
    case token(Secret)
    /// GitLab's token of a CI job.
    case jobToken(Secret)
    case password(user: String, Secret)

    /// Whether it is the token of a GitHub App, which alone may write check runs.
    var isOfApp: Bool {
        if case .token(let secret) = self { secret.reveal().hasPrefix("ghs_") } else { false }
    }
}
