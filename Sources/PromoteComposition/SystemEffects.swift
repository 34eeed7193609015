import Foundation
import GitOpsTypes
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
