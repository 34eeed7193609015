import Foundation
import GitOpsTypes
import PromoteTestSupport
import PromotionDomain
import Testing
import YAMLEditing

@testable import PromotionConfiguration

/// The schemas of the configuration, held against what the loader takes.
@Suite struct SchemaTests {
    /// A document with a key that there is nowhere, and the place of the mapping that it is in.
    struct Place: Sendable, CustomTestStringConvertible {
        let kind: String
        let path: [String]
        /// The spec, with `HERE` where the key goes.
        let spec: String

        var testDescription: String { "\(kind) \(path.joined(separator: "/"))" }
    }

    static let places: [Place] = {
        func place(_ kind: String, _ path: String, _ spec: String) -> Place {
            Place(kind: kind, path: path.split(separator: "/").map(String.init), spec: spec)
        }
        let images = "images: [{name: registry.example/web}]"
        let environment = "promotesFrom: [build]"
        return [
            place("Application", "", "{HERE}"), place("ApplicationSet", "", "{HERE}"), place("Environment", "", "{HERE}"),
            place("Team", "", "{HERE}"), place("Forge", "", "{HERE}"), place("Registry", "", "{HERE}"),
            place("Application", "images/0", "{images: [{HERE}]}"),
            place("Application", "images/0/select", "{images: [{name: registry.example/web, select: {HERE}}]}"),
            place(
                "Application", "images/0/select/filter",
                "{images: [{name: registry.example/web, select: {newest: true, filter: {HERE}}}]}"),
            place("Application", "images/0/verify", "{images: [{name: registry.example/web, verify: {HERE}}]}"),
            place("Application", "images/0/verify/keys/0", "{images: [{name: registry.example/web, verify: {keys: [{HERE}]}}]}"),
            place(
                "Application", "images/0/verify/keyless", "{images: [{name: registry.example/web, verify: {keyless: {HERE}}}]}"),
            place("Application", "charts/0", "{charts: [{HERE}]}"),
            place("Application", "files/0", "{\(images), overlay: 'o/{environment}', files: [{HERE}]}"),
            place("Application", "helm", "{\(images), helm: {HERE}}"),
            place("Application", "helm/images/0", "{\(images), helm: {chart: 'c/{environment}', images: [{HERE}]}}"),
            place("Application", "flux", "{\(images), flux: {HERE}}"),
            place("Application", "argocd", "{\(images), argocd: {HERE}}"),
            place("Application", "renderer", "{\(images), renderer: {HERE}}"),
            place("Application", "bases", "{\(images), overlay: 'o/{environment}', bases: {HERE}}"),
            place("Environment", "delivery", "{\(environment), delivery: {HERE}}"),
            place("Environment", "approvals", "{\(environment), approvals: {HERE}}"),
            place("Environment", "rollback", "{\(environment), rollback: {HERE}}"),
            place("Environment", "rollback/approvals", "{\(environment), rollback: {approvals: {HERE}}}"),
            place("Environment", "windows/0", "{\(environment), windows: [{HERE}]}"),
            place("Environment", "windows/0/allow", "{\(environment), windows: [{allow: {HERE}}]}"),
            place("Environment", "gates/0", "{\(environment), gates: [{HERE}]}"),
        ]
    }()

    @Test(arguments: places)
    func `A mapping has the keys in the schema that the loader knows`(_ place: Place) throws {
        let schema = try #require(ConfigurationSchema(ofKind: place.kind)).document
        var node: SchemaNode? = schema.node("spec")
        for key in place.path { node = node?.node(key) }
        let keys = try #require(node?.keys, "the schema has no mapping at \(place.path)")
        let text =
            "apiVersion: promote/v1alpha1\nkind: \(place.kind)\nmetadata: {name: \(place.kind == "Registry" ? "a.example" : "web")}\nspec: "
            + place.spec.replacing("HERE", with: "zzzzzzzzzzzz: 1") + "\n"
        let error = #expect(throws: ConfigurationError.self) {
            try PolicyLoader(zones: NoTimeZones()).load(["a.yaml": Array(text.utf8)])
        }
        let hint = error?.hint ?? ""
        #expect(error?.message.contains("unknown key “zzzzzzzzzzzz”") == true, "\(error?.description ?? "")")
        #expect(Set(hint.replacing("known here: ", with: "").components(separatedBy: ", ")) == Set(keys))
    }

    /// All mappings of a schema, by their paths.
    private static func mappings(_ node: SchemaNode, at path: [String]) -> [[String]] {
        switch node {
        case .object(_, let fields, _): [path] + fields.flatMap { mappings($0.value, at: path + [$0.key]) }
        case .list(_, let item, _): mappings(item, at: path + ["0"])
        case .anyOf(_, let nodes): nodes.flatMap { mappings($0, at: path) }
        case .map, .string, .choice, .bool, .integer: []
        }
    }

    @Test func `Every mapping of every schema is held against the loader`() throws {
        // A trust root has to be read before its identities.
        let unreachable = ["images/0/verify/keyless/identities/0"]
        for kind in ConfigurationSchema.kinds {
            let spec = try #require(ConfigurationSchema(ofKind: kind)?.document.node("spec"))
            let tried = Set(Self.places.filter { $0.kind == kind }.map { $0.path.joined(separator: "/") })
            for path in Self.mappings(spec, at: []).map({ $0.joined(separator: "/") }) {
                // What has an equal twin is tried there.
                let isTwin =
                    path.hasPrefix("charts/0/") || path.hasSuffix("/exclude") || kind == "ApplicationSet"
                    || unreachable.contains(path)
                #expect(tried.contains(path) || isTwin, "\(kind) \(path)")
            }
        }
    }

    @Test func `Configurations of this repository are what the schemas say`() throws {
        let root = Playground.repositoryRoot
        let folders =
            ["environments"]
            + (try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "examples").path)).map {
                "examples/\($0)/environments"
            }
        let schema = try JSON(parsing: Array(try JSONEncoder().encode(ConfigurationSchema.ofAnyKind)))
        var count = 0
        for folder in folders {
            let url = root.appending(path: folder)
            guard FileManager.default.fileExists(atPath: url.path) else { continue }
            for name in try FileManager.default.contentsOfDirectory(atPath: url.path) where PolicyLoader.hasDocuments(name) {
                let file = try YAMLFile(Array(try Data(contentsOf: url.appending(path: name))))
                for document in file.documents {
                    count += 1
                    #expect(JSONSchemas.fault(Self.json(document), by: schema) == nil, "\(folder)/\(name)")
                }
            }
        }
        #expect(count > 10)
    }

    @Test(arguments: [
        ("Environment", "{promotesFrom: dev}"), ("Environment", "{promotesFrom: [build], soak: 2 hours}"), ("Environment", "{}"),
        ("Environment", "{promotesFrom: [build], approvals: {required: two}}"), ("Application", "{images: web}"),
        ("Application", "{images: [{name: a.example/b}], kustomize: '5.6'}"), ("Team", "{members: [1, 2]}"),
        ("Forge", "{type: subversion}"), ("Team", "{members: [], more: 1}"),
    ])
    func `What the loader refuses of forms, the schema refuses`(_ kind: String, _ spec: String) throws {
        let text = "apiVersion: promote/v1alpha1\nkind: \(kind)\nmetadata: {name: web}\nspec: \(spec)\n"
        let schema = try JSON(parsing: Array(try JSONEncoder().encode(#require(ConfigurationSchema(ofKind: kind)))))
        let document = try #require(try YAMLFile(Array(text.utf8)).documents.first)
        #expect(JSONSchemas.fault(Self.json(document), by: schema) != nil)
        #expect(throws: ConfigurationError.self) { try PolicyLoader(zones: NoTimeZones()).load(["a.yaml": Array(text.utf8)]) }
    }

    private static func json(_ node: YAMLNode) -> JSON {
        switch node.content {
        case .mapping(let entries):
            .object(
                Dictionary(entries.map { ($0.key.scalar?.text ?? "", json($0.value)) }, uniquingKeysWith: { first, _ in first }))
        case .sequence(let items): .array(items.map(json))
        case .scalar(let scalar):
            switch scalar.kind(tag: node.tag) {
            case .int: Int(scalar.text).map { .int($0) } ?? .string(scalar.text)
            case .bool: .bool(scalar.text.lowercased() == "true")
            case .null: .null
            case .string, .float, .timestamp: .string(scalar.text)
            }
        }
    }
}

extension SchemaNode {
    /// The keys of the mapping that may stand here; nil where none may.
    fileprivate var keys: [String]? {
        switch self {
        case .object(_, let fields, _): fields.map(\.key)
        case .anyOf(_, let nodes): nodes.lazy.compactMap(\.keys).first
        case .list, .map, .string, .choice, .bool, .integer: nil
        }
    }

    /// The node behind a key, or in a list where the key is a number.
    fileprivate func node(_ key: String) -> SchemaNode? {
        switch self {
        case .object(_, let fields, _): fields.first { $0.key == key }?.value
        case .list(_, let item, _): Int(key) == nil ? nil : item
        case .map(_, let value): value
        case .anyOf(_, let nodes): nodes.lazy.compactMap { $0.node(key) }.first
        case .string, .choice, .bool, .integer: nil
        }
    }
}
