import GitOpsTypes
public import PromotionForge

/// One kind of forge: where it answers, what opens it, and how it is spoken with.
///
/// A new one is a case of `ForgeKind`, its line in `ForgeProviders`, and a folder like those of the others.
public protocol ForgeProvider: Sendable {
    /// As people write it.
    var name: String { get }
    /// What the configuration may call it, besides its kind.
    var aliases: [String] { get }

    // MARK: Addresses

    /// The API of a server of its own at `host`.
    func api(at host: String) -> String
    /// The API of the public server that a remote at `host` is on; nil for any other host.
    func publicAPI(of host: String) -> String?
    /// How the address of an API is written, for people.
    var exampleAPI: String { get }
    /// Whether a repository may be in groups of groups.
    var nestsRepositories: Bool { get }

    // MARK: Requests

    /// The variables that may hold a token, in the order in which they are asked.
    var tokenVariables: [String] { get }
    /// The header that carries a credential.
    ///
    /// Source: each forge's documentation of its authentication; see `docs/forges.md`.
    func header(for credential: ForgeCredential) -> (name: String, value: String)
    /// What every request says of the version of the API.
    var headers: [(name: String, value: String)] { get }
    /// The parameter that says how many entries a page has, with the most there can be.
    var pageSize: (name: String, value: String) { get }

    /// The forge that answers in a session.
    func forge(_ session: ForgeSession) -> any Forge
}
