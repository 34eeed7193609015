import GitOpsTypes
import ImageProvenance
import ImageSelection
import PromotionModel
import SSHSignatures
import YAMLEditing

/// Turns documents into a policy, resolving names between them.
struct PolicyAssembly {
    let documents: ConfigurationDocuments
    let signers: AllowedSigners
    /// All files of the directory, by name, for what documents name.
    let files: [String: [UInt8]]

    /// Environments may not be named like a command, as `promote status prod` would then mean two things.
    static let commandNames: Set<String> = [
        "accept", "approve", "audit", "build", "close", "diff", "discover", "doctor", "drift", "explain", "freeze", "gate",
        "help",
        "history", "hold", "hook", "images", "init", "merge", "plan", "reconcile", "register", "reject", "render", "resume",
        "revoke",
        "rollback", "run", "schema", "serve", "show", "state", "status", "sync", "unfreeze", "verify", "yank",
    ]

    func policy() throws(ConfigurationError) -> Policy {
        let teams = try teams()
        var applications: [Application] = []
        for document in documents[.application] { applications.append(try application(document, teams)) }
        let environments = try environments(teams)
        return Policy(
            applications: applications.sorted { $0.name < $1.name }, environments: environments, allowedSigners: signers,
            forge: try forge(teams), registries: try registries())
    }

    // MARK: Teams and roles

    typealias Teams = [String: Set<Principal>]

    private func teams() throws(ConfigurationError) -> Teams {
        var teams: Teams = [:]
        for document in documents[.team] {
            let decoder = document.decoder
            if signers.hasKeys(for: document.name) {
                throw decoder.error(
                    "“\(document.name)” is a team here and a principal in allowed_signers", document.nameNode,
                    hint: "rename the team")
            }
            let fields = try decoder.fields(document.spec, "a Team's spec", ["members"])
            var members: Set<Principal> = []
            for node in try decoder.list(decoder.required(fields, "members"), "members") {
                let member = try decoder.value(node, "the member", Principal.self)
                guard members.insert(member).inserted else { throw decoder.error("\(member) is listed twice", node) }
                if documents[.team].contains(where: { $0.name == member.text }) {
                    throw decoder.error("\(member) is a team; teams have people as members", node)
                }
            }
            teams[document.name] = members
        }
        return teams
    }

    func role(
        _ node: YAMLNode?, _ noun: String, _ decoder: StrictDecoder, _ teams: Teams, default fallback: Role = .anyone
    ) throws(ConfigurationError) -> Role {
        guard let node else { return fallback }
        var names: [String] = []
        var principals: Set<Principal> = []
        for item in try decoder.list(node, noun) {
            let text = try decoder.string(item, noun)
            if let members = teams[text] {
                principals.formUnion(members)
            } else {
                let principal = try decoder.value(item, "the entry of \(noun)", Principal.self)
                if !signers.hasKeys(for: text), let team = closestMatch(to: text, among: teams.keys.sorted()), !text.contains("@")
                {
                    throw decoder.error(
                        "“\(text)” is neither a team nor a principal of allowed_signers", item, hint: "did you mean “\(team)”?")
                }
                principals.insert(principal)
            }
            names.append(text)
        }
        return .members(Role.Members(names: names, principals: principals))
    }

    // MARK: Applications

    private func application(_ document: ConfigurationDocuments.Document, _ teams: Teams) throws(ConfigurationError)
        -> Application
    {
        let decoder = document.decoder
        let name = try decoder.value(document.nameNode, "the application's name", ApplicationName.self)
        let fields = try decoder.fields(document.spec, "an Application's spec", ["images", "overlay", "files", "builders"])
        let imagesNode = try decoder.required(fields, "images")
        var images: [ImageName] = []
        var selections: [ImageName: ImageSelection] = [:]
        var provenance: [ImageName: ProvenanceRules] = [:]
        var policies: [String: ImageName] = [:]
        for item in try decoder.list(imagesNode, "images") {
            let image = try decoder.fields(item, "an image", ["name", "select", "verify", "policies"])
            let node = try decoder.required(image, "name")
            let imageName = try decoder.value(node, "the image", ImageName.self)
            guard !images.contains(imageName) else { throw decoder.error("\(imageName) is listed twice", node) }
            images.append(imageName)
            if let node = image["select"] { selections[imageName] = try selection(node, decoder) }
            for item in try image["policies"].map({ node throws(ConfigurationError) in try decoder.list(node, "policies") }) ?? []
            {
                let text = try decoder.string(item, "the policy")
                guard text.wholeMatch(of: /([a-z0-9.-]+:)?[a-z0-9.-]+/) != nil else {
                    throw decoder.error(
                        "“\(text.displayable)” is no name of an ImagePolicy", item, hint: "write <name>, or <namespace>:<name>")
                }
                guard policies.updateValue(imageName, forKey: text) == nil else {
                    throw decoder.error("\(text) is given twice", item)
                }
            }
            if let node = image["verify"] { provenance[imageName] = try provenanceRules(node, decoder) }
        }
        guard !images.isEmpty else { throw decoder.error("an application needs at least one image", imagesNode) }
        let text =
            try fields["overlay"].map { node throws(ConfigurationError) in try decoder.string(node, "overlay") }
            ?? "overlays/{environment}"
        guard let overlay = OverlayTemplate(text) else {
            throw decoder.error(
                "“\(text.displayable)” is not an overlay path", fields["overlay"] ?? document.spec,
                hint: "write a path inside the repository with {environment}, such as overlays/{environment}/{application}")
        }
        return Application(
            name: name, images: images, overlay: overlay, builders: try role(fields["builders"], "builders", decoder, teams),
            selections: selections, provenance: provenance, policies: policies,
            files: try files(fields["files"], decoder, of: name, images: images))
    }

    /// `terraform/{environment}.tfvars`, or `{path: …, values: {/web/digest: "web:digest"}}`.
    private func files(
        _ node: YAMLNode?, _ decoder: StrictDecoder, of application: ApplicationName, images: [ImageName]
    ) throws(ConfigurationError) -> [PromotedFile] {
        guard let node else { return [] }
        var files: [PromotedFile] = []
        for item in try decoder.list(node, "files") {
            var pathNode = item
            var values: [JSONPointer: ImageField] = [:]
            if item.mapping != nil {
                let fields = try decoder.fields(item, "a file", ["path", "values"])
                pathNode = try decoder.required(fields, "path")
                if let node = fields["values"] { values = try self.values(node, decoder, of: application, images: images) }
            }
            let text = try decoder.string(pathNode, "the file")
            guard let path = OverlayTemplate(text) else {
                throw decoder.error(
                    "“\(text.displayable)” is not the path of a file of every environment", pathNode,
                    hint: "write a path inside the repository with {environment}, such as terraform/{environment}.tfvars")
            }
            guard !files.contains(where: { $0.path == path }) else {
                throw decoder.error("\(text.displayable) is listed twice", pathNode)
            }
            files.append(PromotedFile(path: path, values: values))
        }
        return files
    }

    private func values(
        _ node: YAMLNode, _ decoder: StrictDecoder, of application: ApplicationName, images: [ImageName]
    ) throws(ConfigurationError) -> [JSONPointer: ImageField] {
        guard let entries = node.mapping else {
            throw decoder.error("values is a mapping", node, hint: "write values: {/web/digest: \"web:digest\"}")
        }
        var values: [JSONPointer: ImageField] = [:]
        for entry in entries {
            let place = try decoder.string(entry.key, "the place of a value")
            guard let pointer = JSONPointer(place) else {
                throw decoder.error(
                    "“\(place.displayable)” is no JSON pointer", entry.key, hint: "write one such as /web/digest or /images/0/tag"
                )
            }
            let text = try decoder.string(entry.value, "the value")
            guard let field = ImageField(text, of: application, images: images) else {
                throw decoder.error(
                    "“\(text.displayable)” names no image of \(application)", entry.value,
                    hint: "write <image>, or <image>:name, :tag or :digest")
            }
            guard values.updateValue(field, forKey: pointer) == nil else {
                throw decoder.error("\(place.displayable) is given twice", entry.key)
            }
        }
        return values
    }
}
