import Foundation
import PromoteTestSupport

/// A slice of a forge's published interface: what may be asked, and what is answered.
///
/// Source: the forges' OpenAPI documents, cut down to the operations that are used here.
public struct Contract: Sendable {
    private let document: JSON
    private let operations: [Operation]

    struct Operation: Sendable {
        let method: String
        /// `nil` for a parameter; the last of a path may take slashes.
        let template: [String]
        let slashes: Set<String>
        let description: JSON

        var name: String { "\(method) /\(template.joined(separator: "/"))" }
    }

    /// Each is read once: every forge of a test run has one.
    static let github = Result { try Contract("github") }
    static let gitlab = Result { try Contract("gitlab") }
    static let gitea = Result { try Contract("gitea") }

    private init(_ name: String) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Contracts/\(name).json")
        document = try JSON(parsing: Array(try Data(contentsOf: file)))
        var operations: [Operation] = []
        guard case .object(let paths)? = document["paths"] else { throw Violation("the contract has no paths") }
        for (path, methods) in paths {
            guard case .object(let methods) = methods else { continue }
            for (method, description) in methods where ["get", "post", "put", "patch", "delete"].contains(method) {
                let slashes = (description["parameters"]?.list ?? []).filter {
                    $0["x-allow-slash"]?.flag == true || $0["schema"]?["x-allow-slash"]?.flag == true
                }.compactMap { $0["name"]?.text }
                operations.append(
                    Operation(
                        method: method.uppercased(), template: path.split(separator: "/").map(String.init),
                        slashes: Set(slashes), description: description))
            }
        }
        // What is written out goes before what a parameter could take for itself.
        func literals(_ operation: Operation) -> Int { operation.template.filter { !$0.hasPrefix("{") }.count }
        self.operations = operations.sorted { literals($0) > literals($1) }
    }

    /// What a message does that the contract does not allow.
    struct Violation: Error {
        let message: String

        init(_ message: String) { self.message = message }
    }

    /// The operation that a request is, with the values of its path's parameters.
    func operation(_ method: String, _ path: String) throws -> (Operation, [String: String]) {
        let segments = path.split(separator: "/").map(String.init)
        for operation in operations where operation.method == method {
            if let values = Self.match(operation, segments) { return (operation, values) }
        }
        throw Violation("\(method) \(path) is no operation of the contract")
    }

    private static func match(_ operation: Operation, _ segments: [String]) -> [String: String]? {
        var values: [String: String] = [:]
        var rest = segments[...]
        for (index, part) in operation.template.enumerated() {
            guard let first = rest.first else { return nil }
            guard part.hasPrefix("{") else {
                guard first == part else { return nil }
                rest = rest.dropFirst()
                continue
            }
            let name = String(part.dropFirst().dropLast())
            let following = operation.template.count - index - 1
            let count = operation.slashes.contains(name) ? rest.count - following : 1
            guard count > 0, rest.count >= count else { return nil }
            values[name] = rest.prefix(count).joined(separator: "/").removingPercentEncoding
            rest = rest.dropFirst(count)
        }
        return rest.isEmpty ? values : nil
    }

    func check(query: [(String, String)], of operation: Operation) throws {
        let parameters = (operation.description["parameters"]?.list ?? []).filter { $0["in"]?.text == "query" }
        for (name, value) in query {
            guard let parameter = parameters.first(where: { $0["name"]?.text == name }) else {
                throw Violation("\(operation.name) has no parameter \(name)")
            }
            let schema = parameter["schema"] ?? .object([:])
            let types = Self.types(schema)
            let json: JSON = types == ["integer"] ? Int(value).map(JSON.int) ?? .string(value) : .string(value)
            if types != ["array"], let problem = problem(json, schema, "the parameter \(name)", isStrict: false) {
                throw Violation("\(operation.name): \(problem)")
            }
        }
    }

    func check(body: JSON?, of operation: Operation) throws {
        guard case .object(let content)? = operation.description["requestBody"]?["content"],
            let schema = content["application/json"]?["schema"] ?? content.values.first?["schema"]
        else {
            guard body == nil else { throw Violation("\(operation.name) takes no body") }
            return
        }
        guard let body else { throw Violation("\(operation.name) has no body") }
        if let problem = problem(body, schema, "the body", isStrict: true) { throw Violation("\(operation.name): \(problem)") }
    }

    /// - Throws: when an answer of ours is not one that the forge would give.
    func check(answer: JSON?, status: Int, of operation: Operation) throws {
        guard let response = operation.description["responses"]?["\(status)"] else {
            throw Violation("\(operation.name) never answers \(status)")
        }
        guard let schema = Self.schema(response), let answer, status < 300 else { return }
        if let problem = problem(answer, schema, "the answer", isStrict: false) {
            throw Violation("\(operation.name): \(problem)")
        }
    }

    private static func schema(_ response: JSON) -> JSON? {
        guard case .object(let content)? = response["content"] else { return nil }
        return content.values.first?["schema"]
    }

    // MARK: Schemas

    private func resolved(_ schema: JSON) -> JSON {
        guard let reference = schema["$ref"]?.text else { return schema }
        var place = document
        for part in reference.dropFirst(2).split(separator: "/") { place = place[String(part)] ?? .null }
        return place
    }

    private static func types(_ schema: JSON) -> [String] {
        schema["type"]?.text.map { [$0] } ?? (schema["type"]?.list ?? []).compactMap(\.text)
    }

    /// - Parameter isStrict: whether members that the schema does not name are wrong.
    private func problem(_ value: JSON, _ schema: JSON, _ place: String, isStrict: Bool) -> String? {
        let schema = resolved(schema)
        if let choices = (schema["anyOf"] ?? schema["oneOf"])?.list {
            let problems = choices.map { problem(value, $0, place, isStrict: isStrict) }
            return problems.contains(nil) ? nil : problems.compactMap(\.self).joined(separator: " or ")
        }
        let types = Self.types(schema)
        if !types.isEmpty, !types.contains(where: { Self.isOf($0, value) }) { return "\(place) is not \(types)" }
        if value == .null { return nil }
        if let choices = schema["enum"]?.list, !choices.contains(value) { return "\(place) is none of \(choices)" }
        if let minimum = schema["minimum"]?.integer, let number = value.integer, number < minimum {
            return "\(place) is under \(minimum)"
        }
        if schema["format"]?.text == "date-time", let text = value.text, !text.isEmpty, !text.contains("T") {
            return "\(place) is no time"
        }
        switch value {
        case .object(let members):
            for key in (schema["required"]?.list ?? []).compactMap(\.text) where members[key] == nil {
                return "\(place) has no \(key)"
            }
            guard case .object(let properties)? = schema["properties"] else { return nil }
            for (key, member) in members {
                guard let property = properties[key] else {
                    if isStrict { return "\(place) has the unknown member \(key)" }
                    continue
                }
                if let problem = problem(member, property, "\(place).\(key)", isStrict: isStrict) { return problem }
            }
        case .array(let elements):
            guard let items = schema["items"] else { return nil }
            for (index, element) in elements.enumerated() {
                if let problem = problem(element, items, "\(place)[\(index)]", isStrict: isStrict) { return problem }
            }
        default: break
        }
        return nil
    }

    private static func isOf(_ type: String, _ value: JSON) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .bool), ("integer", .int), ("number", .int), ("number", .number),
            ("string", .string), ("array", .array), ("object", .object):
            true
        default: false
        }
    }

    /// The least answer that the contract allows, with `members` put over it.
    func answer(_ members: JSON, status: Int, of operation: Operation) -> JSON {
        guard let schema = operation.description["responses"]?["\(status)"].flatMap(Self.schema) else { return members }
        let schemaOfItems = resolved(schema)
        if case .array(let elements) = members, let items = schemaOfItems["items"] {
            return .array(elements.map { filled($0, items) })
        }
        return filled(members, schema)
    }

    /// `members` with what the schema requires besides.
    private func filled(_ value: JSON, _ schema: JSON, depth: Int = 0) -> JSON {
        let schema = chosen(schema, for: value)
        switch value {
        case .object(var members):
            for key in (schema["required"]?.list ?? []).compactMap(\.text) where members[key] == nil {
                members[key] = least(schema["properties"]?[key] ?? .object([:]), depth: depth + 1)
            }
            for (key, member) in members {
                if let property = schema["properties"]?[key] { members[key] = filled(member, property, depth: depth + 1) }
            }
            return .object(members)
        case .array(let elements):
            guard let items = schema["items"] else { return value }
            return .array(elements.map { filled($0, items, depth: depth + 1) })
        default: return value
        }
    }

    private func chosen(_ schema: JSON, for value: JSON) -> JSON {
        let schema = resolved(schema)
        guard let choices = (schema["anyOf"] ?? schema["oneOf"])?.list else { return schema }
        let isObject = if case .object = value { true } else { false }
        return choices.map(resolved).first { choice in
            let types = Self.types(choice)
            return isObject ? types.contains("object") || choice["properties"] != nil : types.contains { Self.isOf($0, value) }
        } ?? schema
    }

    private func least(_ schema: JSON, depth: Int) -> JSON {
        let schema = resolved(schema)
        if let choices = (schema["anyOf"] ?? schema["oneOf"])?.list {
            let isNullable = choices.contains { Self.types(resolved($0)) == ["null"] }
            return isNullable ? .null : choices.first.map { least($0, depth: depth) } ?? .null
        }
        if let first = schema["enum"]?.list?.first { return first }
        let types = Self.types(schema)
        if types.contains("null") || types.isEmpty && schema["properties"] == nil { return .null }
        switch types.first ?? "object" {
        case "string": return schema["format"]?.text == "date-time" ? "2026-01-01T00:00:00Z" : ""
        case "integer", "number": return 0
        case "boolean": return false
        case "array": return []
        default:
            guard depth < 8 else { return .object([:]) }
            return filled(.object([:]), schema, depth: depth + 1)
        }
    }
}
