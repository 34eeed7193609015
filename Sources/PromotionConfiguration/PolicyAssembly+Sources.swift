import GitOpsTypes
import PromotionDomain
import YAMLEditing

// How applications are described: exactly one source each.
extension PolicyAssembly {
    /// The keys of an application that say how it is described.
    static let sourceFields = [
        "overlay", "kustomize", "manifests", "helm", "flux", "argocd", "renderer", "loadRestrictions", "bases",
    ]

    func source(
        _ fields: StrictDecoder.Fields, _ document: ConfigurationDocuments.Document, of name: ApplicationName, images: [ImageName]
    ) throws(ConfigurationError) -> ApplicationSource {
        let decoder = document.decoder
        let given = ["overlay", "manifests", "helm", "flux", "argocd", "renderer"].compactMap { key in
            fields[key].map { (key, $0) }
        }
        if given.count > 1 {
            throw decoder.error(
                "an application has one source, and this has \(given.map(\.0).joined(separator: " and "))", given[1].1,
                hint: "keep one of them; what is described in two ways is two applications")
        }
        if let node = fields["kustomize"], let other = given.first(where: { !["overlay", "flux", "argocd"].contains($0.0) }) {
            throw decoder.error(
                "kustomize says how an overlay is rendered, and this has \(other.0)", node, hint: "leave it out")
        }
        let kustomizing: [(key: String, sources: Set<String>)] = [
            ("loadRestrictions", ["overlay"]), ("bases", ["overlay", "flux", "argocd"]),
        ]
        for (key, sources) in kustomizing {
            guard let node = fields[key], let other = given.first(where: { !sources.contains($0.0) }) else { continue }
            throw decoder.error(
                "\(key) says how an overlay is rendered, and this has \(other.0)", node, hint: "leave it out")
        }
        if let node = fields["manifests"] {
            return .manifests(try environmentPath(node, "a manifests", decoder, example: "deploy/{environment}"))
        }
        if let node = fields["helm"] { return .chart(try chart(node, decoder, of: name, images: images)) }
        if let node = fields["flux"] { return .flux(try flux(node, fields, decoder)) }
        if let node = fields["argocd"] { return .argo(try argo(node, fields, decoder)) }
        if let node = fields["renderer"] { return .program(try program(node, decoder)) }
        let path = try fields["overlay"].map { node throws(ConfigurationError) in
            try environmentPath(node, "an overlay", decoder, example: "overlays/{environment}/{application}")
        }
        guard let standard = PathTemplate("overlays/{environment}") else { preconditionFailure("a template is one") }
        return .overlay(
            path ?? standard,
            as: KustomizeDialect(
                try kustomize(fields["kustomize"], decoder), loading: try loading(fields["loadRestrictions"], decoder),
                bases: try bases(fields["bases"], decoder)))
    }

    /// Whether kustomizations may build on other repositories.
    private func bases(_ node: YAMLNode?, _ decoder: StrictDecoder) throws(ConfigurationError) -> RemoteBases {
        guard let node else { return .refused }
        let fields = try decoder.fields(node, "bases", ["remote"])
        return try decoder.choice(decoder.required(fields, "remote"), "remote", RemoteBases.self)
    }

    /// From where kustomizations may read files: the folder that they are in, or anywhere in the repository.
    private func loading(_ node: YAMLNode?, _ decoder: StrictDecoder) throws(ConfigurationError) -> LoadRestrictions {
        try node.map { node throws(ConfigurationError) in try decoder.choice(node, "loadRestrictions", LoadRestrictions.self) }
            ?? .root
    }

    /// A path that is another in every environment.
    private func environmentPath(
        _ node: YAMLNode, _ noun: String, _ decoder: StrictDecoder, example: String
    ) throws(ConfigurationError) -> PathTemplate {
        let template = try path(node, noun, decoder, example: example)
        guard template.hasEnvironment || hasBranchPerEnvironment else {
            throw decoder.error(
                "“\(template.text.displayable)” is not \(noun) path of each environment: environments of one branch would share it",
                node,
                hint: "write a path inside the repository with {environment}, such as \(example)")
        }
        return template
    }

    private func path(
        _ node: YAMLNode, _ noun: String, _ decoder: StrictDecoder, example: String
    ) throws(ConfigurationError) -> PathTemplate {
        let text = try decoder.string(node, noun)
        guard let path = PathTemplate(text) else {
            throw decoder.error(
                "“\(text.displayable)” is not \(noun) path", node,
                hint: "write a path inside the repository with {environment}, such as \(example)")
        }
        return path
    }

    private func kustomize(_ node: YAMLNode?, _ decoder: StrictDecoder) throws(ConfigurationError) -> KustomizeVersion {
        guard let node else { return .standard }
        let text = try decoder.string(node, "kustomize")
        guard let version = KustomizeVersion(rawValue: text) else {
            let known = KustomizeVersion.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw decoder.error(
                "“\(text.displayable)” is no release of Kustomize that is known", node, hint: "write one of \(known)")
        }
        return version
    }

    private func flux(
        _ node: YAMLNode, _ application: StrictDecoder.Fields, _ decoder: StrictDecoder
    ) throws(ConfigurationError) -> FluxSource {
        let fields = try decoder.fields(node, "flux", ["kustomization", "variables"])
        let file = try decoder.required(fields, "kustomization")
        var variables: [PathTemplate] = []
        for item in try fields["variables"].map({ node throws(ConfigurationError) in try decoder.list(node, "variables") }) ?? []
        {
            variables.append(try path(item, "the variables'", decoder, example: "clusters/{environment}/vars.yaml"))
        }
        return FluxSource(
            kustomization: try environmentPath(file, "the Kustomization's", decoder, example: "clusters/{environment}/web.yaml"),
            variables: variables, kustomize: try kustomize(application["kustomize"], decoder),
            bases: try bases(application["bases"], decoder))
    }

    private func argo(
        _ node: YAMLNode, _ application: StrictDecoder.Fields, _ decoder: StrictDecoder
    ) throws(ConfigurationError) -> ArgoSource {
        let fields = try decoder.fields(node, "argocd", ["application"])
        let file = try decoder.required(fields, "application")
        return ArgoSource(
            application: try environmentPath(file, "the Application's", decoder, example: "apps/{environment}.yaml"),
            kustomize: try kustomize(application["kustomize"], decoder), bases: try bases(application["bases"], decoder))
    }

    private func program(_ node: YAMLNode, _ decoder: StrictDecoder) throws(ConfigurationError) -> ProgramSource {
        let fields = try decoder.fields(node, "renderer", ["command", "files"])
        let commandNode = try decoder.required(fields, "command")
        var command: [NameTemplate] = []
        for item in try decoder.list(commandNode, "command") {
            let text = try decoder.string(item, "the command")
            guard let word = NameTemplate(text), !text.isEmpty else {
                throw decoder.error(
                    "“\(text.displayable)” is no word of a command", item,
                    hint: "use no braces but {environment} and {application}")
            }
            command.append(word)
        }
        guard !command.isEmpty else {
            throw decoder.error("a renderer has a command", commandNode, hint: "write command: [./render, \"{environment}\"]")
        }
        var files: [PathTemplate] = []
        for item in try decoder.list(decoder.required(fields, "files"), "files") {
            files.append(try path(item, "the file's", decoder, example: "src/{environment}"))
        }
        let source = ProgramSource(command: command, files: files, definition: definition(of: decoder))
        guard files.contains(where: \.hasEnvironment) || hasBranchPerEnvironment else {
            throw decoder.error(
                "none of its files is another in each environment, so that none could be promoted", node,
                hint: "give it a file of each: files: [src, \"env/{environment}.yaml\"]")
        }
        return source
    }

    // MARK: Charts

    private func chart(
        _ node: YAMLNode, _ decoder: StrictDecoder, of application: ApplicationName, images: [ImageName]
    ) throws(ConfigurationError) -> ChartSource {
        let fields = try decoder.fields(
            node, "helm",
            [
                "chart", "values", "releaseName", "namespace", "kubeVersion", "apiVersions", "includeCRDs", "engine", "images",
            ])
        let chartNode = try decoder.required(fields, "chart")
        let chart = try path(chartNode, "the chart's", decoder, example: "charts/web")
        var values: [PathTemplate] = []
        for item in try fields["values"].map({ node throws(ConfigurationError) in try decoder.list(node, "values") }) ?? [] {
            values.append(try path(item, "the values'", decoder, example: "values/{environment}.yaml"))
        }
        guard hasBranchPerEnvironment || ([chart] + values).contains(where: \.hasEnvironment) else {
            throw decoder.error(
                "nothing of the chart is another in each environment: environments of one branch would share it",
                fields["values"] ?? chartNode, hint: "give each its values: values: [\"values/{environment}.yaml\"]")
        }
        if let node = fields["engine"] { _ = try decoder.choice(node, "engine", ChartEngine.self) }
        return ChartSource(
            chart: chart, values: values, releaseName: try template(fields["releaseName"], "releaseName", decoder),
            namespace: try template(fields["namespace"], "namespace", decoder), options: try chartOptions(fields, decoder),
            images: try chartImages(fields["images"], decoder, of: application, images: images))
    }

    /// Who renders charts; so far, there is one.
    private enum ChartEngine: String, CaseIterable {
        case program
    }

    /// A name of Kubernetes, with placeholders.
    private func template(
        _ node: YAMLNode?, _ noun: String, _ decoder: StrictDecoder
    ) throws(ConfigurationError) -> NameTemplate? {
        guard let node else { return nil }
        let text = try decoder.string(node, noun)
        let filled = text.replacing("{environment}", with: "environment").replacing("{application}", with: "application")
        guard let template = NameTemplate(text), filled.wholeMatch(of: /[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?/) != nil else {
            throw decoder.error(
                "\(noun) “\(text.displayable)” is not a name of Kubernetes", node,
                hint: "write one such as web, or web-{environment}: small letters, digits and dashes")
        }
        return template
    }

    private func chartOptions(
        _ fields: StrictDecoder.Fields, _ decoder: StrictDecoder
    ) throws(ConfigurationError) -> ChartOptions {
        var version = ChartOptions.newestKubeVersion
        if let node = fields["kubeVersion"] {
            version = try decoder.string(node, "kubeVersion")
            guard version.wholeMatch(of: /v?1\.\d{1,3}(\.\d{1,3})?/) != nil else {
                throw decoder.error(
                    "“\(version.displayable)” is not a release of Kubernetes", node, hint: "write one such as \"1.37\", in quotes"
                )
            }
        }
        var apis: [String] = []
        for item in try fields["apiVersions"].map({ node throws(ConfigurationError) in try decoder.list(node, "apiVersions") })
            ?? []
        {
            let api = try decoder.string(item, "the API")
            guard api.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9.\/-]*/) != nil else {
                throw decoder.error(
                    "“\(api.displayable)” is not a version of an API", item, hint: "write one such as monitoring.coreos.com/v1")
            }
            apis.append(api)
        }
        let includesCRDs = try fields["includeCRDs"].map { node throws(ConfigurationError) in
            try decoder.bool(node, "includeCRDs")
        }
        return ChartOptions(kubeVersion: version, apiVersions: apis, includesCRDs: includesCRDs ?? true)
    }

    private func chartImages(
        _ node: YAMLNode?, _ decoder: StrictDecoder, of application: ApplicationName, images: [ImageName]
    ) throws(ConfigurationError) -> [ChartImage] {
        var result: [ChartImage] = []
        for item in try node.map({ node throws(ConfigurationError) in try decoder.list(node, "images") }) ?? [] {
            let fields = try decoder.fields(item, "an image", ["name", "registry", "repository", "tag", "digest", "reference"])
            let nameNode = try decoder.required(fields, "name")
            let name = try decoder.value(nameNode, "the image", ImageName.self)
            guard images.contains(name) else {
                throw decoder.error(
                    "\(name) is none of the images of \(application)", nameNode,
                    hint: closestMatch(to: name.text, among: images.map(\.text)).map { "did you mean “\($0)”?" }
                        ?? "list it under the application's images")
            }
            guard !result.contains(where: { $0.name == name }) else {
                throw decoder.error("\(name) is listed twice", nameNode, hint: "keep one of them")
            }
            result.append(try chartImage(name, fields, item, decoder))
        }
        return result
    }

    private func chartImage(
        _ name: ImageName, _ fields: StrictDecoder.Fields, _ node: YAMLNode, _ decoder: StrictDecoder
    ) throws(ConfigurationError) -> ChartImage {
        func pointer(_ key: String) throws(ConfigurationError) -> JSONPointer? {
            guard let node = fields[key] else { return nil }
            let text = try decoder.string(node, key)
            guard let pointer = JSONPointer(text) else {
                throw decoder.error("“\(text.displayable)” is no JSON pointer", node, hint: "write one such as /image/\(key)")
            }
            return pointer
        }
        var places: [JSONPointer: ImageField] = [:]
        let digest = try pointer("digest")
        let tag = try pointer("tag")
        if let digest { places[digest] = ImageField(image: name, part: .digest) }
        // Without a value for a digest, the tag has both.
        if let tag { places[tag] = ImageField(image: name, part: digest == nil ? .pinnedTag : .tag) }
        if let reference = try pointer("reference") { places[reference] = ImageField(image: name, part: .whole) }
        guard places.values.contains(where: \.part.isPinning) else {
            throw decoder.error(
                "nothing says where the values have the digest of \(name)", node,
                hint: "write digest: /image/digest; for a chart that has only a tag, tag: /image/tag")
        }
        return ChartImage(
            name: name, fields: places, registry: try pointer("registry"), repository: try pointer("repository"))
    }
}
