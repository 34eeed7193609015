public import GitOpsTypes
public import PromotionDomain
import SSHSignatures
import YAMLEditing

/// Reads `environments/`: applications, environments, teams and keys, all checked against each other.
public struct PolicyLoader {
    /// The usual directory in a configuration repository.
    public static let directory = "environments"
    /// OpenSSH's list of keys, in that directory.
    public static let allowedSigners = "allowed_signers"
    /// Keys that count no more, in that directory: public keys, one a line.
    public static let revokedKeys = "revoked_keys"

    /// What every document of a configuration begins with.
    public static let apiVersion = ConfigurationDocuments.apiVersion

    /// Environments may not be named like a command, as `promote status prod` would then mean two things.
    public static let commandNames: Set<String> = [
        "accept", "adopt", "agent", "approve", "audit", "board", "build", "close", "diff", "discover", "doctor", "drift",
        "explain",
        "fetch-base", "freeze", "gate", "help", "history", "hold", "hook", "images", "init", "keys", "merge", "metrics", "plan",
        "reconcile", "register", "reject", "releases", "render", "resume",
        "revoke",
        "rollback", "run", "schema", "serve", "show", "state", "status", "sync", "trust", "unfreeze", "verify", "yank",
    ]

    private let zones: any TimeZoneDatabase
    private let requiresZones: Bool
    private let directory: String

    /// Whether a file of the directory is read for its documents, by its name.
    public static func hasDocuments(_ name: String) -> Bool { name.hasSuffix(".yaml") || name.hasSuffix(".yml") }

    /// - Parameters:
    ///   - zones: this machine's.
    ///   - requiresZones: whether a zone that this machine does not know is an error. It is none in a policy of the past, which
    ///     counts for all readers alike, whatever they have installed: then only nothing is said of its windows.
    ///   - directory: where the files are in the repository, for messages and for what they name of each other.
    public init(
        zones: any TimeZoneDatabase, requiresZones: Bool = true, directory: String = PolicyLoader.directory
    ) {
        self.directory = directory
        self.zones = zones
        self.requiresZones = requiresZones
    }

    /// - Parameter files: the files of the directory by name, in any order. Those that are neither YAML nor
    ///   `allowed_signers` are left alone.
    /// - Parameter versions: what Git calls the content of each, for those that it has.
    /// - Throws: `ConfigurationError`, for the first thing that is wrong.
    public func load(_ files: [String: [UInt8]], versions: [String: BlobID] = [:]) throws(ConfigurationError) -> Policy {
        try read(files, versions).policy
    }

    /// The same, with what is needed to load it again from a few of the files.
    public func outlined(
        _ files: [String: [UInt8]], versions: [String: BlobID]
    ) throws(ConfigurationError) -> (policy: Policy, outline: PolicyOutline) {
        let (policy, documents) = try read(files, versions)
        return (policy, PolicyOutline(of: policy, files: versions, alone: documents.applicationsAlone))
    }

    /// Loads again what was loaded before.
    ///
    /// - Parameter files: those of the outline, by name.
    /// - Returns: nil where the outline is not of these files.
    public func load(_ outline: PolicyOutline, _ files: [String: [UInt8]]) throws(ConfigurationError) -> Policy? {
        outline.completed(try load(files, versions: outline.files))
    }

    private func read(
        _ files: [String: [UInt8]], _ versions: [String: BlobID]
    ) throws(ConfigurationError) -> (policy: Policy, documents: ConfigurationDocuments) {
        var documents = ConfigurationDocuments()
        for (name, bytes) in files.sorted(by: { $0.key < $1.key }) where Self.hasDocuments(name) {
            try documents.read(bytes, path: try path(name))
        }
        let signers = try signers(files[Self.allowedSigners], revoked: files[Self.revokedKeys])
        var paths: [RepositoryPath: BlobID] = [:]
        for (name, version) in versions { paths[try path(name)] = version }
        var assembly = PolicyAssembly(
            documents: documents, signers: signers, files: files, versions: paths, zones: zones, requiresZones: requiresZones)
        return (try assembly.policy(), documents)
    }

    private func path(_ name: String) throws(ConfigurationError) -> RepositoryPath {
        guard let path = RepositoryPath("\(directory)/\(name)") else {
            throw ConfigurationError(
                "the file name “\(name.displayable)” cannot be read", in: .root,
                hint: "rename it, to letters, digits, dots and dashes")
        }
        return path
    }

    private func signers(_ listed: [UInt8]?, revoked: [UInt8]?) throws(ConfigurationError) -> AllowedSigners {
        let signers = try listed.map { bytes throws(ConfigurationError) in
            try read(bytes, Self.allowedSigners) { text throws(AllowedSigners.Failure) in try AllowedSigners(text) }
        }
        let keys = try revoked.map { bytes throws(ConfigurationError) in
            try read(bytes, Self.revokedKeys) { text throws(AllowedSigners.Failure) in
                try AllowedSigners.revokedKeys(text)
            }
        }
        return AllowedSigners(entries: signers?.entries ?? [], revoked: keys ?? [])
    }

    private func read<Value>(
        _ bytes: [UInt8], _ name: String, _ body: (String) throws(AllowedSigners.Failure) -> Value
    ) throws(ConfigurationError) -> Value {
        let path = try path(name)
        guard !LargeFilePointer.isOne(bytes) else {
            throw ConfigurationError(LargeFilePointer.problem, in: path, hint: LargeFilePointer.remedy(for: path))
        }
        guard let text = String(validating: bytes, as: UTF8.self), !text.hasPrefix("SSHKRL") else {
            throw ConfigurationError(
                "the file is not text", in: path, hint: "list public keys, one a line; a binary KRL is not read")
        }
        do {
            return try body(text)
        } catch {
            throw ConfigurationError(
                error.message, in: path, at: SourcePosition(line: error.line, column: 1),
                hint: "write <principal> <key type> <key> on one line, or take the line out")
        }
    }
}

/// The configuration's documents by kind, not yet checked against each other.
struct ConfigurationDocuments {
    /// A document's spec, with its decoder for places.
    struct Document {
        let name: String
        let nameNode: YAMLNode
        let spec: YAMLNode
        var decoder: StrictDecoder
    }

    enum Kind: String, CaseIterable {
        case application = "Application"
        case applicationSet = "ApplicationSet"
        case environment = "Environment"
        case team = "Team"
        case forge = "Forge"
        case registry = "Registry"
    }

    static let apiVersion = "promote/v1alpha1"

    private(set) var byKind: [Kind: [Document]] = [:]
    /// The applications of those files that have nothing else in them, by the files' names.
    private(set) var applicationsAlone: [String: [String]] = [:]
    private var names: [Kind: Set<String>] = [:]

    mutating func read(_ bytes: [UInt8], path: RepositoryPath) throws(ConfigurationError) {
        guard !LargeFilePointer.isOne(bytes) else {
            throw ConfigurationError(LargeFilePointer.problem, in: path, hint: LargeFilePointer.remedy(for: path))
        }
        let decoder = try StrictDecoder(bytes, path: path)
        var found: [(kind: Kind, name: String)] = []
        for document in decoder.file.documents {
            let fields = try decoder.fields(document, "the document", ["apiVersion", "kind", "metadata", "spec"])
            let version = try decoder.required(fields, "apiVersion")
            guard try decoder.string(version, "apiVersion") == Self.apiVersion else {
                throw decoder.error("apiVersion is not \(Self.apiVersion)", version, hint: "write \(Self.apiVersion)")
            }
            let kind = try decoder.choice(decoder.required(fields, "kind"), "kind", Kind.self)
            let metadata = try decoder.fields(decoder.required(fields, "metadata"), "metadata", ["name"])
            let nameNode = try decoder.required(metadata, "name")
            let name = try decoder.string(nameNode, "name")
            guard names[kind, default: []].insert(name).inserted else {
                throw decoder.error(
                    "there is another \(kind.rawValue) “\(name.displayable)”", nameNode,
                    hint: "give it another name, or remove one")
            }
            byKind[kind, default: []].append(
                Document(name: name, nameNode: nameNode, spec: try decoder.required(fields, "spec"), decoder: decoder))
            found.append((kind, name))
        }
        if found.allSatisfy({ $0.kind == .application }) { applicationsAlone[path.name] = found.map(\.name) }
    }

    subscript(kind: Kind) -> [Document] { byKind[kind] ?? [] }

    func has(_ kind: Kind, named name: String) -> Bool { names[kind]?.contains(name) == true }
}
