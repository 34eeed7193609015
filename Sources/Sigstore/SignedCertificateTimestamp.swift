import Crypto
import GitOpsTypes
import SwiftASN1
import X509

/// A log's word that it has a certificate.
///
/// Source: RFC 6962, sections 3.2 and 3.3.
struct SignedCertificateTimestamp {
    let logID: [UInt8]
    /// Milliseconds since 1970.
    let milliseconds: UInt64
    private let extensions: [UInt8]
    private let signature: [UInt8]

    private static let listExtension: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 11129, 2, 4, 2]

    static func list(in certificate: Certificate) throws(SigstoreError) -> [SignedCertificateTimestamp] {
        guard let found = certificate.extensions[oid: listExtension] else { return [] }
        let malformed = SigstoreError("a certificate whose entries in logs cannot be read")
        let bytes: [UInt8]
        do { bytes = try Array(ASN1OctetString(derEncoded: found.value).bytes) } catch { throw malformed }
        var whole = LengthPrefixedReader(bytes[...])
        guard let list = whole.vector(), whole.isAtEnd else { throw malformed }
        var reader = LengthPrefixedReader(list)
        var timestamps: [SignedCertificateTimestamp] = []
        while !reader.isAtEnd {
            guard let one = reader.vector() else { throw malformed }
            // Of another version, which others may know.
            guard one.first == 0 else { continue }
            guard let timestamp = SignedCertificateTimestamp(one) else { throw malformed }
            timestamps.append(timestamp)
        }
        return timestamps
    }

    private init?(_ bytes: ArraySlice<UInt8>) {
        var reader = LengthPrefixedReader(bytes)
        guard reader.number(1) == 0, let logID = reader.bytes(32), let milliseconds = reader.number(8),
            let extensions = reader.vector(), reader.number(2) != nil, let signature = reader.vector(), reader.isAtEnd
        else { return nil }
        self.logID = Array(logID)
        self.milliseconds = milliseconds
        self.extensions = Array(extensions)
        self.signature = Array(signature)
    }

    /// Whether one of the logs gave it, for this precertificate, while that log counted.
    func counts(_ logs: [TrustedRoot.Log], precertificate: [UInt8]) -> Bool {
        let time = Timestamp(seconds: Int64(milliseconds / 1000))
        let message =
            [0, 0] + Self.bigEndian(milliseconds, 8) + [0, 1] + precertificate + Self.bigEndian(UInt64(extensions.count), 2)
            + extensions
        return logs.contains { $0.id == logID && $0.validity.contains(time) && $0.key.signed(message, signature) }
    }

    /// What a log signs of a certificate: who gave it, and all of it but what logs say.
    static func precertificate(of certificate: Certificate, issuer: Certificate) throws -> [UInt8] {
        var key = DER.Serializer()
        try key.serialize(issuer.publicKey)
        let body = try withoutList(Array(certificate.tbsCertificateBytes))
        return Array(SHA256.hash(data: key.serializedBytes)) + bigEndian(UInt64(body.count), 3) + body
    }

    /// The body of a certificate without what logs say, all else as it stands.
    private static func withoutList(_ body: [UInt8]) throws -> [UInt8] {
        let extensionsTag = ASN1Identifier(tagWithNumber: 3, tagClass: .contextSpecific)
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence) { serializer in
            for field in children(try DER.parse(body)) {
                guard field.identifier == extensionsTag else {
                    serializer.serialize(field)
                    continue
                }
                let kept = try children(field).flatMap(children).filter { try !isList($0) }
                serializer.appendConstructedNode(identifier: extensionsTag) { serializer in
                    serializer.appendConstructedNode(identifier: .sequence) { serializer in
                        for item in kept { serializer.serialize(item) }
                    }
                }
            }
        }
        return serializer.serializedBytes
    }

    private static func children(_ node: ASN1Node) -> [ASN1Node] {
        if case .constructed(let nodes) = node.content { Array(nodes) } else { [] }
    }

    private static func isList(_ item: ASN1Node) throws -> Bool {
        try children(item).first.map { try ASN1ObjectIdentifier(derEncoded: $0) == listExtension } ?? false
    }

    private static func bigEndian(_ number: UInt64, _ width: Int) -> [UInt8] {
        (0..<width).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}

/// Reads numbers and byte strings as TLS writes them. Source: RFC 5246, section 4.
private struct LengthPrefixedReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func number(_ width: Int) -> UInt64? {
        bytes(width).map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
    }

    /// A length of two bytes, and as many bytes.
    mutating func vector() -> ArraySlice<UInt8>? {
        guard let count = number(2) else { return nil }
        return bytes(Int(count))
    }
}
