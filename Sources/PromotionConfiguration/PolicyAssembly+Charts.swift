import GitOpsTypes
import ImageSelection
import PromotionDomain
import YAMLEditing

// The charts that releases of an application pin besides images.
extension PolicyAssembly {
    /// A chart as the configuration has it.
    struct Chart {
        let name: ImageName
        let node: YAMLNode
        let selection: ImageSelection?
        let provenance: ProvenanceRules?
    }

    func charts(_ node: YAMLNode, _ decoder: StrictDecoder) throws(ConfigurationError) -> [Chart] {
        var charts: [Chart] = []
        for item in try decoder.list(node, "charts") {
            let fields = try decoder.fields(item, "a chart", ["name", "select", "verify"])
            let node = try decoder.required(fields, "name")
            let text = try decoder.name(node, "the chart")
            guard !text.hasPrefix("oci://") else {
                throw decoder.error(
                    "a chart is named without a scheme", node,
                    hint: "write \(text.dropFirst("oci://".count).description.displayable)")
            }
            let name = try decoder.value(node, "the chart", ImageName.self)
            guard !charts.contains(where: { $0.name == name }) else {
                throw decoder.error("\(name) is listed twice", node, hint: "keep one of them")
            }
            charts.append(
                Chart(
                    name: name, node: node,
                    selection: try fields["select"].map { node throws(ConfigurationError) in try selection(node, decoder) },
                    provenance: try fields["verify"].map { node throws(ConfigurationError) in
                        try provenanceRules(node, decoder)
                    }))
        }
        return charts
    }
}
