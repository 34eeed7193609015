import GitOpsTypes
import PromotionDomain

/// A source of an application, written out.
struct SourceText {
    let lines: [String]

    init(_ source: ApplicationSource) {
        lines =
            switch source {
            case .overlay(let path, let dialect):
                ["overlay: \(YAMLText.plain(path.text))"]
                    + (dialect.loading == .none ? ["loadRestrictions: none"] : [])
            case .manifests(let path): ["manifests: \(YAMLText.plain(path.text))"]
            case .chart(let chart): ["helm:"] + Self.chart(chart).map { "  " + $0 }
            case .flux(let flux):
                ["flux:", "  kustomization: \(YAMLText.plain(flux.kustomization.text))"]
                    + (flux.variables.isEmpty ? [] : ["  variables: \(Self.list(flux.variables.map(\.text)))"])
            case .argo(let argo): ["argocd:", "  application: \(YAMLText.plain(argo.application.text))"]
            case .program(let program): ["renderer: { command: \(Self.list(program.command.map(\.text))) }"]
            }
    }

    private static func list(_ texts: [String]) -> String { "[" + texts.map(YAMLText.flow).joined(separator: ", ") + "]" }

    private static func chart(_ chart: ChartSource) -> [String] {
        var lines = ["chart: \(YAMLText.plain(chart.chart.text))"]
        if !chart.values.isEmpty { lines.append("values: \(list(chart.values.map(\.text)))") }
        if let name = chart.releaseName { lines.append("releaseName: \(YAMLText.plain(name.text))") }
        if let namespace = chart.namespace { lines.append("namespace: \(YAMLText.plain(namespace.text))") }
        if !chart.images.isEmpty { lines.append("images:") }
        return lines + chart.images.map { "  - { \(fields(of: $0).joined(separator: ", ")) }" }
    }

    private static func fields(of image: ChartImage) -> [String] {
        var fields = ["name: \(YAMLText.flow(image.name.text))"]
        if let pointer = image.registry { fields.append("registry: \(YAMLText.flow(pointer.description))") }
        if let pointer = image.repository { fields.append("repository: \(YAMLText.flow(pointer.description))") }
        for (pointer, field) in image.fields.sorted(by: { Self.place(of: $0.value) < Self.place(of: $1.value) }) {
            switch field.part {
            case .whole: fields.append("reference: \(YAMLText.flow(pointer.description))")
            case .name: fields.append("repository: \(YAMLText.flow(pointer.description))")
            case .tag, .pinnedTag, .version: fields.append("tag: \(YAMLText.flow(pointer.description))")
            case .digest: fields.append("digest: \(YAMLText.flow(pointer.description))")
            }
        }
        return fields
    }

    /// In the order that they have in a reference.
    private static func place(of field: ImageField) -> Int {
        switch field.part {
        case .whole, .name: 0
        case .tag, .pinnedTag, .version: 1
        case .digest: 2
        }
    }
}

/// Texts as YAML reads them back.
enum YAMLText {
    private static let words: Set<String> = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]

    /// Inside of brackets or braces.
    static func flow(_ text: String) -> String {
        isSafe(text) && !text.contains("{") && !text.contains("}") ? text : quoted(text)
    }

    /// Behind a key, at the end of a line.
    static func plain(_ text: String) -> String { isSafe(text) && !text.hasPrefix("{") ? text : quoted(text) }

    private static func isSafe(_ text: String) -> Bool {
        guard let first = text.utf8.first, !words.contains(text.lowercased()) else { return false }
        let isLetter = (0x61...0x7A).contains(first) || (0x41...0x5A).contains(first) || first == UInt8(ascii: "/")
        return isLetter || first == UInt8(ascii: "_") || first == UInt8(ascii: "{")
            ? text.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
                    || "/._-@+{}".utf8.contains(byte)
            } : false
    }

    static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
