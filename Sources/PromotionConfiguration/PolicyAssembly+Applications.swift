import GitOpsTypes
import ImageSelection
import PromotionDomain
import YAMLEditing

// What is deployed as a unit, and where it is.
extension PolicyAssembly {
    func application(_ document: ConfigurationDocuments.Document, _ teams: Teams) throws(ConfigurationError) -> Application {
        let name = try document.decoder.value(document.nameNode, "the application's name", ApplicationName.self)
        return try application(
            name, document, try document.decoder.fields(document.spec, "an Application's spec", Self.applicationFields), teams)
    }

    static let applicationFields = ["images", "charts", "files", "builders", "environments"] + sourceFields

    /// - Parameter fields: of the document's spec; others than an application's are left alone.
    func application(
        _ name: ApplicationName, _ document: ConfigurationDocuments.Document, _ fields: StrictDecoder.Fields, _ teams: Teams
    ) throws(ConfigurationError) -> Application {
        let decoder = document.decoder
        let charts = try fields["charts"].map { node throws(ConfigurationError) in try self.charts(node, decoder) } ?? []
        let imagesNode = try charts.isEmpty ? decoder.required(fields, "images") : fields["images"]
        var images: [ImageName] = []
        var selections: [ImageName: ImageSelection] = [:]
        var provenance: [ImageName: ProvenanceRules] = [:]
        var policies: [String: ImageName] = [:]
        for item in try imagesNode.map({ node throws(ConfigurationError) in try decoder.list(node, "images") }) ?? [] {
            let image = try decoder.fields(item, "an image", ["name", "select", "verify", "policies"])
            let node = try decoder.required(image, "name")
            let imageName = try decoder.value(node, "the image", ImageName.self)
            guard !images.contains(imageName) else {
                throw decoder.error("\(imageName) is listed twice", node, hint: "keep one of them")
            }
            images.append(imageName)
            if let node = image["select"] { selections[imageName] = try selection(node, decoder) }
            for policy in try image["policies"].map({ node throws(ConfigurationError) in try self.policies(node, decoder) }) ?? []
            {
                guard policies.updateValue(imageName, forKey: policy) == nil else {
                    throw decoder.error("the policy \(policy) stands for two images", node, hint: "keep it with one of them")
                }
            }
            if let node = image["verify"] { provenance[imageName] = try provenanceRules(node, decoder) }
        }
        guard !images.isEmpty || !charts.isEmpty else {
            throw decoder.error(
                "an application needs at least one image", imagesNode ?? document.nameNode,
                hint: "write images: [{ name: registry.example/web }]")
        }
        for chart in charts {
            guard !images.contains(chart.name) else {
                throw decoder.error(
                    "\(chart.name) is listed twice, as an image and as a chart", chart.node, hint: "keep it where it belongs")
            }
            if let selection = chart.selection { selections[chart.name] = selection }
            if let rules = chart.provenance { provenance[chart.name] = rules }
        }
        let chartNames = Set(charts.map(\.name))
        return Application(
            name: name, images: images + charts.map(\.name), source: try source(fields, document, of: name, images: images),
            builders: try role(fields["builders"], "builders", decoder, teams),
            selections: selections, provenance: provenance, policies: policies,
            files: try files(fields["files"], decoder, of: name, images: images + charts.map(\.name), charts: chartNames),
            environments: try fields["environments"].map { node throws(ConfigurationError) in
                try ownEnvironments(node, decoder)
            }, charts: chartNames)
    }

    /// Those of the policy's environments that an application has.
    private func ownEnvironments(_ node: YAMLNode, _ decoder: StrictDecoder) throws(ConfigurationError) -> Set<EnvironmentName> {
        let known = documents[.environment].map(\.name)
        var own: Set<EnvironmentName> = []
        for item in try decoder.list(node, "environments") {
            let text = try decoder.string(item, "environments")
            guard known.contains(text), let name = EnvironmentName(text) else {
                throw decoder.error(
                    "there is no environment “\(text.displayable)”", item,
                    hint: closestMatch(to: text, among: known.sorted()).map { "did you mean “\($0)”?" }
                        ?? "known: \(known.sorted().joined(separator: ", "))")
            }
            guard own.insert(name).inserted else {
                throw decoder.error("\(name) is listed twice", item, hint: "keep one of them")
            }
        }
        guard !own.isEmpty else {
            throw decoder.error(
                "an application has at least one environment", node, hint: "list some, or leave environments out for all of them")
        }
        return own
    }

    /// What Flux calls an image.
    private func policies(_ node: YAMLNode, _ decoder: StrictDecoder) throws(ConfigurationError) -> Set<String> {
        var names: Set<String> = []
        for item in try decoder.list(node, "policies") {
            let text = try decoder.name(item, "the policy")
            guard Application.isPolicyName(text) else {
                throw decoder.error(
                    "“\(text.displayable)” is no name of an ImagePolicy", item, hint: "write <name>, or <namespace>:<name>")
            }
            guard names.insert(text).inserted else {
                throw decoder.error("\(text) is given twice", item, hint: "keep it with one of the images")
            }
        }
        return names
    }

    // MARK: Files

    /// `terraform/{environment}.tfvars`, or `{path: …, values: {/web/digest: "web:digest"}}`.
    private func files(
        _ node: YAMLNode?, _ decoder: StrictDecoder, of application: ApplicationName, images: [ImageName],
        charts: Set<ImageName>
    ) throws(ConfigurationError) -> [PromotedFile] {
        guard let node else { return [] }
        var files: [PromotedFile] = []
        for item in try decoder.list(node, "files") {
            var pathNode = item
            var values: [JSONPointer: ImageField] = [:]
            if item.mapping != nil {
                let fields = try decoder.fields(item, "a file", ["path", "values"])
                pathNode = try decoder.required(fields, "path")
                if let node = fields["values"] {
                    values = try self.values(node, decoder, of: application) {
                        ImageField($0, of: application, images: images, charts: charts)
                    }
                }
            }
            let text = try decoder.string(pathNode, "the file")
            guard let path = PathTemplate(text), path.hasEnvironment else {
                throw decoder.error(
                    "“\(text.displayable)” is not the path of a file of every environment", pathNode,
                    hint: "write a path inside the repository with {environment}, such as terraform/{environment}.tfvars")
            }
            guard !files.contains(where: { $0.path == path }) else {
                throw decoder.error(
                    "\(text.displayable) is listed twice", pathNode, hint: "keep one of them, with the values of both")
            }
            files.append(PromotedFile(path: path, values: values))
        }
        return files
    }

    private func values(
        _ node: YAMLNode, _ decoder: StrictDecoder, of application: ApplicationName, _ field: (String) -> ImageField?
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
            let text = try decoder.name(entry.value, "the value")
            guard let field = field(text) else {
                throw decoder.error(
                    "“\(text.displayable)” names no image of \(application)", entry.value,
                    hint: "write <image>, or <image>:name, :tag or :digest; of a chart, :version")
            }
            guard values.updateValue(field, forKey: pointer) == nil else {
                throw decoder.error("\(place.displayable) is given twice", entry.key, hint: "keep one of them")
            }
        }
        return values
    }
}
