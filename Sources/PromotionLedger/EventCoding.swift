import Foundation
import GitOpsTypes
public import PromotionDomain

/// Events as `event.json`: canonical JSON, that is sorted keys, UTF-8, no insignificant white space, no floats.
public struct EventCoding {
    /// The newest version that is known here. An event has the oldest one by which it can be read, so that programs that know no newer one
    /// stop at nothing that they know.
    public static let version = 2

    /// What an event has to be read as: 2 where a release has charts, which 1 does not know.
    static func version(of payload: Event.Payload) -> Int {
        let images =
            if case .releaseRegistered(let event) = payload { event.images } else if case .baselineRecorded(let event) = payload {
                event.images
            } else { [ReleaseImage]() }
        return images.charts.isEmpty ? 1 : 2
    }

    public init() {}

    /// Why a ledger commit's event cannot be read.
    public struct Damage: Error, Hashable, Sendable {
        public let reason: String
        /// Whose event it claims to be, where it is of a version or a type that this program does not know: one that a newer
        /// program wrote. Nil where it is no event of any program.
        public let newerBy: Principal?

        init(reason: String, newerBy: Principal? = nil) {
            self.reason = reason
            self.newerBy = newerBy
        }
    }

    public func encode(_ event: Event) throws -> [UInt8] {
        Array(try encoder.encode(Envelope(event: event)))
    }

    /// - Throws: `Damage` when the bytes are no event of a known version, or not in canonical form.
    public func decode(_ bytes: [UInt8]) throws(Damage) -> Event {
        let event: Event
        do {
            event = try JSONDecoder().decode(Envelope.self, from: Data(bytes)).event
        } catch let damage as Damage {
            throw damage
        } catch let error as DecodingError {
            throw Damage(reason: Self.reason(error))
        } catch {
            throw Damage(reason: "event.json is not JSON")
        }
        // One event has one text, so that no thing can be said twice, and nothing hidden in what is skipped.
        // What cannot be written again has no canonical form either, so that failing to is the same answer.
        guard let canonical = try? encode(event), canonical == bytes else {
            throw Damage(reason: "event.json is not in canonical form")
        }
        return event
    }

    private var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "event.json lacks \(key.stringValue)"
        case .dataCorrupted(let context) where context.codingPath.isEmpty: "event.json is not JSON"
        case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
            "event.json: \(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)"
        @unknown default: "event.json cannot be read"
        }
    }
}

private struct Envelope: Codable {
    let event: Event

    init(event: Event) {
        self.event = event
    }

    fileprivate enum Key: String, CodingKey {
        case version
        case id
        case type
        case time
        case actor
        case policyCommit
        case application
        case payload
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let version = try container.decode(Int.self, forKey: .version)
        let actor = try container.decodeIfPresent(Principal.self, forKey: .actor)
        guard (1...EventCoding.version).contains(version) else {
            throw EventCoding.Damage(
                reason: "event.json has version \(version), and this program knows \(EventCoding.version)",
                newerBy: version > EventCoding.version ? actor : nil)
        }
        let type = try container.decode(String.self, forKey: .type)
        guard let type = EventType(rawValue: type) else {
            throw EventCoding.Damage(reason: "this program knows no event “\(type.displayable)”", newerBy: actor)
        }
        let payload = try container.payload(of: type.payloadType)
        event = Event(
            id: try container.decode(String.self, forKey: .id), time: try container.decode(forKey: .time),
            actor: try container.decode(forKey: .actor), policyCommit: try container.decode(forKey: .policyCommit),
            application: try container.decodeIfPresent(LedgerName.self, forKey: .application)?.application, payload: payload)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(EventCoding.version(of: event.payload), forKey: .version)
        try container.encode(event.id, forKey: .id)
        try container.encode(event.payload.type, forKey: .type)
        try container.encode(event.time, forKey: .time)
        try container.encode(event.actor, forKey: .actor)
        try container.encode(event.policyCommit, forKey: .policyCommit)
        try container.encodeIfPresent(event.application.map(LedgerName.init), forKey: .application)
        try container.encode(event.payload.event, forKey: .payload)
    }
}

/// Whose ledger an event is of: an application's, or the one of all environments, whose name no application can have.
private struct LedgerName: Codable {
    let application: ApplicationName

    init(_ application: ApplicationName) {
        self.application = application
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let name = ApplicationName(ofLedger: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "“\(text.displayable)” names no ledger")
        }
        application = name
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(application.text)
    }
}

extension KeyedDecodingContainer {
    fileprivate func decode<Value: Decodable>(forKey key: Key) throws -> Value {
        try decode(Value.self, forKey: key)
    }
}

extension KeyedDecodingContainer<Envelope.Key> {
    fileprivate func payload(of type: (some LedgerEvent).Type) throws -> Event.Payload {
        try decode(type, forKey: .payload).payload
    }
}
