import Foundation

extension JSON {
    /// As JSON Schema calls it.
    fileprivate var typeName: String {
        switch self {
        case .object: "object"
        case .array: "array"
        case .string: "string"
        case .int: "integer"
        case .number: "number"
        case .bool: "boolean"
        case .null: "null"
        }
    }
}

/// The schemas in docs/schemas, as far as they use JSON Schema (2020-12): `type`, `properties`, `required`, `items`, `enum`,
/// `pattern`, `anyOf`, `$ref`.
///
/// Stricter than a reader has to be: a key that a schema does not have is a fault, so that none is printed that is not documented.
public struct JSONSchemas: Sendable {
    /// Those of this repository.
    public static let documented = JSONSchemas(folder: Playground.repositoryRoot.appending(path: "docs/schemas"))

    private let schemas: [String: JSON]

    init(folder: URL) {
        var schemas: [String: JSON] = [:]
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names {
            let data = FileManager.default.contents(atPath: folder.appending(component: name).path) ?? Data()
            schemas[name] = (try? JSON(parsing: Array(data))) ?? .null
        }
        self.schemas = schemas
    }

    /// What is wrong with the answer to a command; nil where nothing is.
    public func fault(of answer: String, to arguments: [String]) -> String? {
        guard let value = try? JSON(parsing: Array(answer.utf8)) else { return "\(arguments): no JSON: \(answer.prefix(200))" }
        let file = "\(Self.name(of: arguments, value)).schema.json"
        guard let schema = schemas[file] else { return "\(arguments): there is no docs/schemas/\(file)" }
        return fault(value, schema, in: file, at: "").map { "\(arguments.joined(separator: " ")), by \(file): \($0)" }
    }

    /// What is wrong with a value by a schema that refers to no other; nil where nothing is.
    public static func fault(_ value: JSON, by schema: JSON) -> String? {
        JSONSchemas(schemas: [:]).fault(value, schema, in: "", at: "")
    }

    private init(schemas: [String: JSON]) { self.schemas = schemas }

    /// The schema that the answer to a command has.
    private static func name(of arguments: [String], _ value: JSON) -> String {
        if case .object(let fields) = value, Set(fields.keys) == ["error"] { return "error" }
        var words: [String] = []
        var isSeveral = arguments.contains("--all")
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word.contains("*") { isSeveral = true }
            if word == "--app", rest.first?.contains("*") == true { isSeveral = true }
            if ["-C", "--remote", "--app", "--wait", "--timeout", "--head", "--change", "--branch", "--since", "--env"].contains(
                word)
            {
                rest = rest.dropFirst()
            }
            if !word.hasPrefix("-") { words.append(word) }
        }
        switch (words.first ?? "", words.dropFirst().first ?? "") {
        case ("gate", _): return "change"
        case ("approve", _), ("revoke", _), ("merge", _):
            if arguments.contains("--change") { return "change" }
            return isSeveral || words.count > 2 ? "promotions" : "promotion"
        case ("accept", _): return arguments.contains("--policy") ? "policy-acceptance" : "intervention"
        case ("hold", _), ("resume", _), ("yank", _): return "intervention"
        case ("freeze", _), ("unfreeze", _): return "freeze"
        case ("adopt", _): return "adoption"
        case ("register", _): return "registration"
        case ("verify", _): return isSeveral ? "verifications" : "verification"
        case ("explain", _): return "explanation"
        case ("audit", let what), ("hook", let what), ("state", let what), ("keys", let what): return "\(words[0])-\(what)"
        case ("render", _): return arguments.contains("--all") ? "render-all" : "render"
        case ("show", _): return value["promotion"] == nil ? "release" : "promotion"
        case (let command, _)
        where [
            "status", "history", "diff", "images", "releases", "metrics", "discover", "reconcile", "sync", "trust", "doctor",
            "init",
            "fetch-base",
        ]
        .contains(command):
            return command
        case (_, _): return isSeveral ? "promotions" : "promotion"
        }
    }

    private func fault(_ value: JSON, _ schema: JSON, in file: String, at path: String) -> String? {
        if let reference = schema["$ref"]?.text {
            let parts = reference.split(separator: "#", omittingEmptySubsequences: false)
            let target = parts[0].isEmpty ? file : String(parts[0])
            var found = schemas[target]
            for part in (parts.count > 1 ? parts[1] : "").split(separator: "/") { found = found?[String(part)] }
            guard let found else { return "\(path): no such schema: \(reference)" }
            if let fault = fault(value, found, in: target, at: path) { return fault }
        }
        if let choices = schema["anyOf"]?.list {
            let faults = choices.map { fault(value, $0, in: file, at: path) }
            if !faults.contains(nil) { return faults.compactMap(\.self).joined(separator: "; or ") }
        }
        if let type = schema["type"] {
            let types = type.list?.compactMap(\.text) ?? [type.text ?? ""]
            guard types.contains(value.typeName) else { return "\(path): \(value.typeName) instead of \(types)" }
        }
        if let least = schema["minItems"], case .int(let count) = least, (value.list?.count ?? 0) < count {
            return "\(path): fewer than \(count) items"
        }
        if let values = schema["enum"]?.list, !values.contains(value) { return "\(path): \(value) is none of \(values)" }
        if case .string(let text) = value, let pattern = schema["pattern"]?.text,
            text.range(of: pattern, options: .regularExpression) == nil
        {
            return "\(path): “\(text)” is not \(pattern)"
        }
        if let items = value.list, let schema = schema["items"] {
            for (index, item) in items.enumerated() {
                if let fault = fault(item, schema, in: file, at: "\(path)/\(index)") { return fault }
            }
        }
        guard case .object(let fields) = value, schema["type"] != nil else { return nil }
        return fault(fields, schema, in: file, at: path)
    }

    private func fault(_ fields: [String: JSON], _ schema: JSON, in file: String, at path: String) -> String? {
        for name in schema["required"]?.list?.compactMap(\.text) ?? [] where fields[name] == nil {
            return "\(path)/\(name) is missing"
        }
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            guard let known = schema["properties"]?[name] ?? schema["additionalProperties"], known != .bool(false) else {
                return "\(path)/\(name) is not documented"
            }
            if let fault = fault(value, known, in: file, at: "\(path)/\(name)") { return fault }
        }
        return nil
    }
}
