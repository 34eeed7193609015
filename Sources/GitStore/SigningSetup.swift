/// How Git is set up to sign.
///
/// Source: git-config(1), `gpg.format`, `user.signingKey`, `gpg.ssh.defaultKeyCommand`.
public enum SigningSetup: Hashable, Sendable {
    case ssh
    /// With a format whose signatures do not count here; nil where Git's default, OpenPGP, was never changed.
    case otherFormat(String?)
    /// With SSH keys, and with none in particular.
    case noKey

    public init(_ configuration: GitConfiguration) {
        guard let format = configuration["gpg.format"], format == "ssh" else {
            self = .otherFormat(configuration["gpg.format"])
            return
        }
        let isKnown = ["user.signingkey", "gpg.ssh.defaultkeycommand"].contains { configuration[$0]?.isEmpty == false }
        self = isKnown ? .ssh : .noKey
    }
}
