public import GitOpsTypes

/// Where pull requests are.
public enum ForgeChoice: Hashable, Sendable {
    /// The policy does not say: the remote's address tells, and where it does not, pull requests are records in the ledger.
    case inferred
    /// Pull requests are records in the ledger.
    case local
    case hosted(ForgeSettings)

    /// What the policy says of the forge; what it does not say is empty.
    public var settings: ForgeSettings? {
        if case .hosted(let settings) = self { settings } else { nil }
    }
}

/// What a policy says of its forge.
public struct ForgeSettings: Hashable, Sendable {
    public let kind: ForgeKind
    /// The API's address; nil to take it from the remote's.
    public let api: String?
    /// `owner/name`; nil to take it from the remote's address.
    public let repository: String?
    /// Whose account is whose, by login in lower case: forges compare logins so.
    public let identities: [String: Principal]
    /// Whose word counts for what people did on the forge; nil for those who may merge into the environment.
    public let attestors: Role?

    public init(
        kind: ForgeKind, api: String?, repository: String?, identities: [String: Principal], attestors: Role?
    ) {
        self.kind = kind
        self.api = api
        self.repository = repository
        self.identities = Dictionary(
            identities.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first })
        self.attestors = attestors
    }

    public func principal(of login: String) -> Principal? { identities[login.lowercased()] }

    /// The accounts of a principal, sorted.
    public func logins(of principal: Principal) -> [String] {
        identities.filter { $0.value == principal }.map(\.key).sorted()
    }
}
