import GitOpsTypes
import PromotionDomain
import YAMLEditing

extension PolicyAssembly {
    func forge(_ teams: Teams) throws(ConfigurationError) -> ForgeChoice {
        guard let document = documents[.forge].first else { return .inferred }
        if documents[.forge].count > 1 {
            let second = documents[.forge][1]
            throw second.decoder.error(
                "there is more than one Forge: \(document.name) and \(second.name)", second.nameNode, hint: "remove one of them")
        }
        let decoder = document.decoder
        let fields = try decoder.fields(
            document.spec, "a Forge's spec", ["type", "api", "repository", "identities", "attestors"])
        let kind: ForgeKind
        switch try decoder.choice(decoder.required(fields, "type"), "type", ForgeType.self) {
        case .local: return .local
        case .github: kind = .github
        case .gitlab: kind = .gitlab
        case .gitea, .forgejo: kind = .gitea
        }
        return .hosted(
            ForgeSettings(
                kind: kind,
                api: try fields["api"].map { node throws(ConfigurationError) in try decoder.string(node, "api") },
                repository: try fields["repository"].map { node throws(ConfigurationError) in
                    try decoder.string(node, "repository")
                }, identities: try identities(fields["identities"], decoder),
                attestors: try fields["attestors"].map { node throws(ConfigurationError) in
                    try role(node, "attestors", decoder, teams)
                }))
    }

    private enum ForgeType: String, CaseIterable {
        case local
        case github
        case gitlab
        case gitea
        case forgejo
    }

    /// Accounts of the forge and whose they are.
    private func identities(_ node: YAMLNode?, _ decoder: StrictDecoder) throws(ConfigurationError) -> [String: Principal] {
        guard let node else { return [:] }
        var identities: [String: Principal] = [:]
        for (key, value) in try decoder.pairs(node, "identities") {
            let login = try decoder.string(key, "the login")
            // Forges take A for a.
            guard identities[login.lowercased()] == nil else {
                throw decoder.error(
                    "\(login) is listed twice", key, hint: "keep one of them; forges take no notice of upper and lower case")
            }
            let principal = try decoder.value(value, "the principal of \(login)", Principal.self)
            if documents.has(.team, named: principal.text) {
                throw decoder.error(
                    "\(principal) is a team, and an account is of one person", value, hint: "write the principal of that person")
            }
            identities[login.lowercased()] = principal
        }
        return identities
    }
}
