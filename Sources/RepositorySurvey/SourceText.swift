import GitOpsTypes
import PromotionDomain

/// A source of an application, written out.
struct SourceText {
    let lines: [String]

    private typealias Field = WrittenValue.Field

    init(_ source: ApplicationSource) {
        lines =
            switch source {
            case .overlay(let path, let dialect):
                [Field("overlay", path.text).line]
                    + (dialect.loading == .none ? [Field("loadRestrictions", "none").line] : [])
            case .manifests(let path): [Field("manifests", path.text).line]
            case .chart(let chart): ["helm:"] + Self.chart(chart).map { "  " + $0 }
            case .flux(let flux):
                ["flux:", "  " + Field("kustomization", flux.kustomization.text).line]
                    + (flux.variables.isEmpty ? [] : ["  " + Field("variables", .texts(flux.variables.map(\.text))).line])
            case .argo(let argo): ["argocd:", "  " + Field("application", argo.application.text).line]
            case .program(let program):
                [Field("renderer", .fields([Field("command", .texts(program.command.map(\.text)))])).line]
            }
    }

    private static func chart(_ chart: ChartSource) -> [String] {
        var fields = [Field("chart", chart.chart.text)]
        if !chart.values.isEmpty { fields.append(Field("values", .texts(chart.values.map(\.text)))) }
        if let name = chart.releaseName { fields.append(Field("releaseName", name.text)) }
        if let namespace = chart.namespace { fields.append(Field("namespace", namespace.text)) }
        return fields.map(\.line) + (chart.images.isEmpty ? [] : ["images:"])
            + chart.images.map { "  - \(WrittenValue.fields(Self.fields(of: $0)).inline)" }
    }

    private static func fields(of image: ChartImage) -> [Field] {
        var fields = [Field("name", image.name.text)]
        if let pointer = image.registry { fields.append(Field("registry", pointer.description)) }
        if let pointer = image.repository { fields.append(Field("repository", pointer.description)) }
        for (pointer, field) in image.fields.sorted(by: { Self.order(of: $0.key, $0.value) < Self.order(of: $1.key, $1.value) }) {
            fields.append(Field(key(of: field.part), pointer.description))
        }
        return fields
    }

    private static func key(of part: ImageField.Part) -> String {
        switch part {
        case .whole: "reference"
        case .name: "repository"
        case .tag, .pinnedTag, .version: "tag"
        case .digest: "digest"
        }
    }

    /// By the order that the parts have in a reference.
    private static func order(of pointer: JSONPointer, _ field: ImageField) -> (Int, String) {
        let place =
            switch field.part {
            case .whole, .name: 0
            case .tag, .pinnedTag, .version: 1
            case .digest: 2
            }
        return (place, pointer.description)
    }
}
