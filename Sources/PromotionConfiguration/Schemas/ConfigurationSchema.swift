/// The JSON Schema of documents in the configuration's folder: `promote schema`.
///
/// Editors take it by a first line `# yaml-language-server: $schema=<file>`. What it says of keys is what `PolicyLoader` takes; what
/// holds between documents only the loader knows.
public struct ConfigurationSchema: Sendable, Encodable {
    /// Of one document, or of any of them.
    let document: SchemaNode
    private let title: String

    /// The names of all kinds.
    public static var kinds: [String] { ConfigurationDocuments.Kind.allCases.map(\.rawValue) }

    /// The schema of a document of any kind.
    public static let ofAnyKind = ConfigurationSchema(
        title: "A document of promote's configuration",
        document: .anyOf("One document of the configuration.", ConfigurationDocuments.Kind.allCases.map { $0.document }))

    /// The schema of one kind; nil where there is no such kind.
    public init?(ofKind name: String) {
        guard let kind = ConfigurationDocuments.Kind(rawValue: name) else { return nil }
        self.init(title: "\(name) of promote's configuration", document: kind.document)
    }

    private init(title: String, document: SchemaNode) {
        self.title = title
        self.document = document
    }

    private enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case title
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("https://json-schema.org/draft/2020-12/schema", forKey: .schema)
        try container.encode(title, forKey: .title)
        try document.encode(to: encoder)
    }
}

extension ConfigurationDocuments.Kind {
    /// The schema of a document of this kind.
    var document: SchemaNode {
        .object(
            "A document of kind \(rawValue).",
            [
                ("apiVersion", .choice("The version of the configuration.", [ConfigurationDocuments.apiVersion])),
                ("kind", .choice("What the document describes.", [rawValue])),
                (
                    "metadata",
                    .object("How it is called.", [("name", .string("Its name, once for each kind."))], required: ["name"])
                ),
                ("spec", spec),
            ], required: ["apiVersion", "kind", "metadata", "spec"])
    }

    private var spec: SchemaNode {
        switch self {
        case .application: .application
        case .applicationSet: .applicationSet
        case .environment: .environment
        case .team: .team
        case .forge: .forge
        case .registry: .registry
        }
    }
}

extension SchemaNode {
    static func texts(_ description: String, of item: String, atLeast least: Int = 0) -> SchemaNode {
        .list(description, of: .string(item), atLeast: least)
    }

    static func people(_ description: String) -> SchemaNode {
        texts(description, of: "A principal of allowed_signers, or a team.")
    }

    static func duration(_ description: String) -> SchemaNode { .string(description, pattern: "^([0-9]+[smhd])+$") }

    static let team: SchemaNode = .object(
        "People, under one name.", [("members", .texts("Principals; no teams.", of: "A principal, as in allowed_signers."))],
        required: ["members"])

    static let forge: SchemaNode = .object(
        "Where pull requests are.",
        [
            (
                "type",
                .choice(
                    "What it is; local: pull requests are records in the ledger.",
                    ["local", "github", "gitlab", "gitea", "forgejo"])
            ),
            ("api", .string("The address of its API.")),
            ("repository", .string("The repository's name there, such as acme/config.")),
            ("identities", .map("Accounts there, and whose they are.", of: .string("A principal."))),
            ("attestors", .people("Who may record what the forge says.")),
        ], required: ["type"])

    static let registry: SchemaNode = .object(
        "How a registry is reached.",
        [
            ("mirrors", .texts("Registries with the same images.", of: "A host, perhaps with a port.")),
            ("plainHTTP", .bool("Whether it speaks HTTP without TLS.")),
        ])
}
