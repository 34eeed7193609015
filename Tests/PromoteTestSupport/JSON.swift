import Foundation

/// A JSON value of a request or an answer.
public enum JSON: Hashable, Sendable, Encodable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    case null
    case bool(Bool)
    case int(Int)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    public init(parsing bytes: [UInt8]) throws {
        self = try JSON(JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed))
    }

    /// A value of `JSONSerialization`. Trying one type after the other, as a decoder has to, throws for almost every value, and
    /// each throw costs a backtrace in tests.
    private init(_ value: Any) throws {
        switch value {
        case let members as [String: Any]: self = .object(try members.mapValues(JSON.init))
        case let elements as [Any]: self = .array(try elements.map(JSON.init))
        case let text as String: self = .string(text)
        case let number as NSNumber:
            switch String(cString: number.objCType) {
            case "c": self = .bool(number.boolValue)
            case "d", "Q": self = Int(exactly: number.doubleValue).map(JSON.int) ?? .number(number.doubleValue)
            case _: self = .int(number.intValue)
            }
        case is NSNull: self = .null
        case _: throw ToolResult.Failed(description: "\(type(of: value)) is no value of JSON")
        }
    }

    public var bytes: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return Array(try encoder.encode(self))
        }
    }

    public subscript(key: String) -> JSON? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    public var text: String? { if case .string(let value) = self { value } else { nil } }
    public var integer: Int? { if case .int(let value) = self { value } else { nil } }
    public var flag: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var list: [JSON]? { if case .array(let value) = self { value } else { nil } }

    /// The same with the members of `other` put over its own, object into object.
    public func overlaid(with other: JSON) -> JSON {
        guard case .object(var members) = self, case .object(let over) = other else { return other }
        for (key, value) in over { members[key] = members[key]?.overlaid(with: value) ?? value }
        return .object(members)
    }
}
