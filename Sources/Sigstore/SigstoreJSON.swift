import Foundation

/// JSON as sigstore's programs write it.
enum SigstoreJSON {
    static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: some Sequence<UInt8>) throws -> Value {
        let decoder = JSONDecoder()
        // Base64 may be broken into lines, which Go's reader, and so everybody's, skips.
        decoder.dataDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self).filter { !$0.isNewline }
            guard let data = Data(base64Encoded: text) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no Base64")
            }
            return data
        }
        return try decoder.decode(type, from: Data(bytes))
    }
}
