import Foundation

/// Somebody with a clone, a key and the promote program.
public struct Person: Sendable {
    public let principal: String
    /// Of their clone.
    public let directory: String
    public let keyFile: String
    /// What promote finds in its environment.
    public var environment: [String: String] = [:]
    private let program: String
    /// Kept for as long as somebody works in it.
    private let scratch: ScratchDirectory

    init(principal: String, directory: String, keyFile: String, program: String, scratch: ScratchDirectory) {
        self.scratch = scratch
        self.principal = principal
        self.directory = directory
        self.keyFile = keyFile
        self.program = program
    }

    /// The same person, who lets promote run whatever programs a policy names, as CI does.
    public func runningGates() -> Person {
        var person = self
        person.environment["PROMOTE_RUN_GATES"] = "1"
        return person
    }

    /// The same person with another clone.
    public func working(in directory: String) -> Person {
        var person = Person(
            principal: principal, directory: directory, keyFile: keyFile, program: program, scratch: scratch)
        person.environment = environment
        return person
    }

    public var git: Tool { Tool("git", in: directory) }
    public var promote: Tool { Tool(program, in: directory, environment: environment) }

    /// Runs promote with `--json`, and reads what it prints, which has to be as docs/schemas say.
    public func ask(_ arguments: String...) throws -> JSONAnswer { try ask(arguments) }

    public func ask(_ arguments: [String]) throws -> JSONAnswer {
        let result = try promote.run(arguments + ["--json"])
        if let fault = JSONSchemas.documented.fault(of: result.output, to: arguments) {
            throw ToolResult.Failed(description: fault)
        }
        return JSONAnswer(result)
    }
}

/// What promote prints with `--json`.
public struct JSONAnswer {
    public let status: Int32
    public let result: ToolResult
    public let value: Any?

    public init(_ result: ToolResult) {
        status = result.status
        self.result = result
        do {
            value = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        } catch {
            value = nil
        }
    }

    /// The value at a path of keys and indices: `answer["checks", 0, "rule"]`.
    public subscript(_ path: any PathElement...) -> Any? { value(at: path) }

    public func text(_ path: any PathElement...) -> String? { value(at: path) as? String }

    private func value(at path: [any PathElement]) -> Any? {
        var value = value
        for element in path {
            if let key = element as? String { value = (value as? [String: Any])?[key] }
            if let index = element as? Int {
                let array = value as? [Any]
                value = array.flatMap { $0.indices.contains(index) ? $0[index] : nil }
            }
        }
        return value is NSNull ? nil : value
    }

    /// The rule that refused.
    public var refusedBy: String? { text("error", "rule") }
    public var message: String? { text("error", "message") }

    /// The status of a rule's check, in an answer or in an error.
    public func check(_ rule: String) -> (status: String, detail: String)? {
        let checks = (self["checks"] ?? self["error", "checks"]) as? [[String: Any]]
        guard let check = checks?.first(where: { $0["rule"] as? String == rule }) else { return nil }
        return (check["status"] as? String ?? "", check["detail"] as? String ?? "")
    }
}

public protocol PathElement: Sendable {}
extension String: PathElement {}
extension Int: PathElement {}
