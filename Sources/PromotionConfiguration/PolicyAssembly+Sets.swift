import GitOpsTypes
import PromotionDomain
import YAMLEditing

// Many applications in one document: what they have in common, with `{application}` where they differ.
extension PolicyAssembly {
    func applicationSet(
        _ document: ConfigurationDocuments.Document, _ teams: Teams
    ) throws(ConfigurationError) -> ApplicationSet {
        let decoder = document.decoder
        _ = try decoder.value(document.nameNode, "the set's name", ApplicationName.self)
        let fields = try decoder.fields(document.spec, "an ApplicationSet's spec", Self.applicationFields + ["exclude"])
        var document = document
        document.decoder.application = ApplicationSet.placeholder.text
        let model = try application(ApplicationSet.placeholder, document, fields, teams)
        guard let set = ApplicationSet(document.name, of: model, excluding: try excluded(fields["exclude"], decoder)) else {
            throw decoder.error(
                "all applications of \(document.name) would be in one place", document.spec,
                hint: "write {application} where their names are in the path: overlay: apps/{application}/{environment}")
        }
        if case .program = model.source {
            throw decoder.error(
                "a renderer is permitted for each application by itself", document.spec,
                hint: "write an Application for each, or another source")
        }
        return set
    }

    private func excluded(_ node: YAMLNode?, _ decoder: StrictDecoder) throws(ConfigurationError) -> [NamePattern] {
        var patterns: [NamePattern] = []
        for item in try node.map({ node throws(ConfigurationError) in try decoder.list(node, "exclude") }) ?? [] {
            let text = try decoder.string(item, "exclude")
            guard let pattern = NamePattern(text) else {
                throw decoder.error(
                    "“\(text.displayable)” matches no application", item,
                    hint: "write a name, with * for any characters: sandbox-*")
            }
            patterns.append(pattern)
        }
        return patterns
    }
}
