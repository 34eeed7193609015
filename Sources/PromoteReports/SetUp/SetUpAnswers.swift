import PromotionDomain

/// The hook of a bare repository.
struct HookAnswer: Encodable, Sendable {
    let hook: String
    let created: Bool

    enum CodingKeys: String, CodingKey {
        case hook
        case created
    }
}

/// The ledgers that were read into the state store again.
struct StateAnswer: Encodable, Sendable {
    let applications: [Ledger]

    enum CodingKeys: String, CodingKey {
        case applications
    }

    struct Ledger: Encodable, Sendable {
        @Text var name: ApplicationName
        let events: Int

        enum CodingKeys: String, CodingKey {
            case name
            case events
        }
    }
}
