import Foundation
import GitOpsTypes
import HTTPExchange
import PromotionEngine

/// The machine's clock.
struct SystemClock: WallClock {
    func now() -> Timestamp {
        Timestamp(seconds: Int64(Date().timeIntervalSince1970))
    }

    func pause(milliseconds: Int) async throws {
        try await Task.sleep(for: .milliseconds(milliseconds))
    }
}

/// ULIDs and chance from the system's random numbers.
struct RandomIdentifiers: IdentifierSource {
    /// Source: the ULID specification: 48 bits of milliseconds and 80 random bits in Crockford's base 32.
    func eventID(at time: Timestamp) -> String {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
        let milliseconds = UInt64(time.seconds) * 1000 + UInt64.random(in: 0..<1000)
        var characters: [UInt8] = []
        for position in (0..<10).reversed() { characters.append(alphabet[Int(milliseconds >> (5 * UInt64(position)) & 31)]) }
        for _ in 0..<16 { characters.append(alphabet[Int.random(in: 0..<32)]) }
        return String(decoding: characters, as: UTF8.self)
    }

    func jitter(upTo bound: Int) -> Int {
        Int.random(in: 0...bound)
    }
}

extension RetryClock {
    /// The machine's own.
    static let system: RetryClock = {
        let clock = SystemClock()
        let identifiers = RandomIdentifiers()
        return RetryClock(
            pause: { try await clock.pause(milliseconds: $0) }, now: { clock.now() },
            jitter: { identifiers.jitter(upTo: $0) })
    }()
}

extension HTTPRequest {
    /// Seconds that an answer may take: `PROMOTE_HTTP_TIMEOUT`, or half a minute.
    static func timeout(_ environment: [String: String]) -> Int {
        environment["PROMOTE_HTTP_TIMEOUT"].flatMap { Int($0) }.map { max(1, min($0, 600)) } ?? 30
    }
}
