public import Crypto
public import Foundation
import SwiftASN1
public import X509

/// A sigstore of one's own: an authority that gives certificates, a log of certificates, and a log of signatures.
///
/// It signs what it is asked to sign, so that every lie can be made with real keys.
public struct SigstoreInstance {
    /// What a certificate is asked for with.
    public struct Claim {
        public var issuer = "https://token.ci.example"
        public var subjects = ["https://git.example/acme/web/release.yml@refs/tags/v1.4.0"]
        public var start: Date
        public var lifetime: TimeInterval = 600
        public var usage = ExtendedKeyUsage.Usage.codeSigning
        public var isInCertificateLog = true

        public init(start: Date) { self.start = start }
    }

    public let log = P256.Signing.PrivateKey()
    public let certificateLog = P256.Signing.PrivateKey()
    private let root = P384.Signing.PrivateKey()
    private let intermediate = P384.Signing.PrivateKey()
    private let rootCertificate: Certificate
    private let intermediateCertificate: Certificate
    private let founded: Date
    /// What else is in the log.
    private let others: [[UInt8]]

    /// - Parameters:
    ///   - founded: from when on it counts.
    ///   - others: how many entries there are besides the one that is asked for.
    public init(founded: Date, others: Int = 12) throws {
        self.founded = founded
        self.others = (0..<others).map { Array("entry \($0)".utf8) }
        func name(_ text: String) throws -> DistinguishedName { try DistinguishedName { CommonName(text) } }
        func authority(
            _ subject: String, _ key: P384.Signing.PrivateKey, by issuer: String, _ issuerKey: P384.Signing.PrivateKey
        ) throws -> Certificate {
            try Certificate(
                version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: founded,
                notValidAfter: founded.addingTimeInterval(10 * 365 * 86_400), issuer: name(issuer), subject: name(subject),
                signatureAlgorithm: .ecdsaWithSHA384,
                extensions: Certificate.Extensions {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                    Critical(KeyUsage(keyCertSign: true))
                }, issuerPrivateKey: .init(issuerKey))
        }
        rootCertificate = try authority("root.example", root, by: "root.example", root)
        intermediateCertificate = try authority("fulcio.example", intermediate, by: "root.example", root)
    }

    // MARK: The trust root

    /// `trusted_root.json`, as an object.
    public func trustedRoot(timestampAuthorities: [[String: Any]] = []) throws -> [String: Any] {
        let validity = ["start": Self.rfc3339(founded)]
        func described(_ key: P256.Signing.PublicKey) -> [String: Any] {
            [
                "baseUrl": "https://log.example", "hashAlgorithm": "SHA2_256",
                "publicKey": [
                    "rawBytes": key.derRepresentation.base64EncodedString(), "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                    "validFor": validity,
                ],
                "logId": ["keyId": Data(Self.identifier(key)).base64EncodedString()],
            ]
        }
        return [
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [described(log.publicKey)], "ctlogs": [described(certificateLog.publicKey)],
            "certificateAuthorities": [
                [
                    "uri": "https://fulcio.example",
                    "certChain": [
                        "certificates": try [intermediateCertificate, rootCertificate].map {
                            ["rawBytes": try Data(Self.der($0)).base64EncodedString()]
                        }
                    ],
                    "validFor": validity,
                ]
            ],
            "timestampAuthorities": timestampAuthorities,
        ]
    }

    public static func identifier(_ key: P256.Signing.PublicKey) -> [UInt8] { Array(SHA256.hash(data: key.derRepresentation)) }

    public static func rfc3339(_ date: Date) -> String { date.formatted(.iso8601) }

    // MARK: Certificates

    /// In DER form.
    public func certificate(for key: P256.Signing.PublicKey, _ claim: Claim) throws -> [UInt8] {
        let bare = try certificate(for: key, claim, serial: Certificate.SerialNumber(), list: nil)
        guard claim.isInCertificateLog else { return try Self.der(bare) }
        let list = try certificateTimestamps(of: bare, at: claim.start)
        return try Self.der(certificate(for: key, claim, serial: bare.serialNumber, list: list))
    }

    private func certificate(
        for key: P256.Signing.PublicKey, _ claim: Claim, serial: Certificate.SerialNumber, list: [UInt8]?
    ) throws -> Certificate {
        var extensions = try Certificate.Extensions {
            Critical(KeyUsage(digitalSignature: true))
            try ExtendedKeyUsage([claim.usage])
            Critical(SubjectAlternativeNames(claim.subjects.map { .uniformResourceIdentifier($0) }))
        }
        var issuer = DER.Serializer()
        try issuer.serialize(ASN1UTF8String(claim.issuer))
        try extensions.append(
            .init(oid: [1, 3, 6, 1, 4, 1, 57264, 1, 8], critical: false, value: issuer.serializedBytes[...]))
        if let list {
            var octets = DER.Serializer()
            try octets.serialize(ASN1OctetString(contentBytes: list[...]))
            try extensions.append(
                .init(oid: [1, 3, 6, 1, 4, 1, 11129, 2, 4, 2], critical: false, value: octets.serializedBytes[...]))
        }
        return try Certificate(
            version: .v3, serialNumber: serial, publicKey: .init(key), notValidBefore: claim.start,
            notValidAfter: claim.start.addingTimeInterval(claim.lifetime), issuer: intermediateCertificate.subject,
            subject: DistinguishedName(), signatureAlgorithm: .ecdsaWithSHA384, extensions: extensions,
            issuerPrivateKey: .init(intermediate))
    }

    /// Source: RFC 6962, section 3.2.
    private func certificateTimestamps(of certificate: Certificate, at time: Date) throws -> [UInt8] {
        let milliseconds = Self.bigEndian(Int(time.timeIntervalSince1970) * 1000, 8)
        let body = Array(certificate.tbsCertificateBytes)
        let issuer = Array(SHA256.hash(data: intermediate.publicKey.derRepresentation))
        let message = [0, 0] + milliseconds + [0, 1] + issuer + Self.bigEndian(body.count, 3) + body + [0, 0]
        let signature = Array(try certificateLog.signature(for: message).derRepresentation)
        let one =
            [0] + Self.identifier(certificateLog.publicKey) + milliseconds + [0, 0, 4, 3]
            + Self.bigEndian(signature.count, 2) + signature
        return Self.bigEndian(one.count + 2, 2) + Self.bigEndian(one.count, 2) + one
    }

    public static func der(_ certificate: Certificate) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return serializer.serializedBytes
    }

    private static func bigEndian(_ number: Int, _ width: Int) -> [UInt8] {
        (0..<width).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    // MARK: The log

    /// A log's entry for `body`, in the form of bundles.
    ///
    /// - Parameter place: of it among the others.
    public func entry(_ body: [UInt8], at time: Date, place: Int = 5) throws -> [String: Any] {
        var leaves = others
        leaves.insert(body, at: min(place, leaves.count))
        let index = min(place, others.count)
        let root = Data(ReferenceTree.root(leaves)).base64EncodedString()
        let id = Self.identifier(log.publicKey)
        let note = "log.example - 1\n\(leaves.count)\n\(root)\n"
        let hint = Data(id.prefix(4)) + (try log.signature(for: Data(note.utf8)).derRepresentation)
        return [
            "logIndex": "\(index)", "logId": ["keyId": Data(id).base64EncodedString()],
            "integratedTime": "\(Int(time.timeIntervalSince1970))",
            "inclusionPromise": ["signedEntryTimestamp": try promise(body, at: time, index: index)],
            "inclusionProof": [
                "logIndex": "\(index)", "rootHash": root, "treeSize": "\(leaves.count)",
                "hashes": ReferenceTree.path(index, leaves).map { Data($0).base64EncodedString() },
                "checkpoint": ["envelope": "\(note)\n\u{2014} log.example \(hint.base64EncodedString())\n"],
            ],
            "canonicalizedBody": Data(body).base64EncodedString(),
        ]
    }

    /// In Base64.
    private func promise(_ body: [UInt8], at time: Date, index: Int) throws -> String {
        let id = Self.identifier(log.publicKey).map { String(format: "%02x", $0) }.joined()
        let text =
            #"{"body":"\#(Data(body).base64EncodedString())","integratedTime":\#(Int(time.timeIntervalSince1970)),"logID":"\#(id)","logIndex":\#(index)}"#
        return try log.signature(for: Data(text.utf8)).derRepresentation.base64EncodedString()
    }

    // MARK: Signatures

    /// What `cosign sign` writes beside the payload, without a key.
    public func annotations(_ payload: Data, _ claim: Claim, loggedAt time: Date? = nil) throws -> [String: String] {
        let key = P256.Signing.PrivateKey()
        let signature = try key.signature(for: payload).derRepresentation
        let pem = Self.pem(try certificate(for: key.publicKey, claim))
        let body = try Self.json([
            "apiVersion": "0.0.1", "kind": "hashedrekord",
            "spec": [
                "data": ["hash": ["algorithm": "sha256", "value": Self.hexadecimal(SHA256.hash(data: payload))]],
                "signature": [
                    "content": signature.base64EncodedString(),
                    "publicKey": ["content": Data(pem.utf8).base64EncodedString()],
                ],
            ] as [String: Any],
        ])
        let time = time ?? claim.start.addingTimeInterval(1)
        let bundle: [String: Any] = [
            "SignedEntryTimestamp": try promise(Array(body), at: time, index: 7),
            "Payload": [
                "body": body.base64EncodedString(), "integratedTime": Int(time.timeIntervalSince1970), "logIndex": 7,
                "logID": Self.hexadecimal(Self.identifier(log.publicKey)),
            ] as [String: Any],
        ]
        return [
            "dev.cosignproject.cosign/signature": signature.base64EncodedString(),
            "dev.sigstore.cosign/certificate": pem,
            "dev.sigstore.cosign/bundle": String(decoding: try Self.json(bundle), as: UTF8.self),
        ]
    }

    /// What `cosign attest` writes with a bundle, without a key.
    ///
    /// - Parameter timestamp: what an authority says of the signature; the log then tells no time.
    public func bundle(
        _ statement: Data, _ claim: Claim, loggedAt time: Date? = nil,
        timestamp: ((_ signature: Data) throws -> Data)? = nil
    ) throws -> [String: Any] {
        let key = P256.Signing.PrivateKey()
        let type = "application/vnd.in-toto+json"
        let message = Data("DSSEv1 \(type.utf8.count) \(type) \(statement.count) ".utf8) + statement
        let signature = try key.signature(for: message).derRepresentation
        let der = Data(try certificate(for: key.publicKey, claim))
        let body: [String: Any] =
            timestamp == nil
            ? [
                "apiVersion": "0.0.1", "kind": "dsse",
                "spec": [
                    "payloadHash": ["algorithm": "sha256", "value": Self.hexadecimal(SHA256.hash(data: statement))],
                    "signatures": [
                        [
                            "signature": signature.base64EncodedString(),
                            "verifier": Data(Self.pem(Array(der)).utf8).base64EncodedString(),
                        ]
                    ],
                ] as [String: Any],
            ]
            : [
                "apiVersion": "0.0.2", "kind": "hashedrekord",
                "spec": [
                    "hashedRekordV002": [
                        "data": [
                            "algorithm": "SHA2_256", "digest": Data(SHA256.hash(data: message)).base64EncodedString(),
                        ],
                        "signature": [
                            "content": signature.base64EncodedString(),
                            "verifier": ["x509Certificate": ["rawBytes": der.base64EncodedString()]],
                        ] as [String: Any],
                    ] as [String: Any]
                ],
            ]
        var entry = try entry(Array(Self.json(body)), at: time ?? claim.start.addingTimeInterval(1))
        var material: [String: Any] = ["certificate": ["rawBytes": der.base64EncodedString()]]
        if let timestamp {
            entry["integratedTime"] = nil
            entry["inclusionPromise"] = nil
            material["timestampVerificationData"] = [
                "rfc3161Timestamps": [["signedTimestamp": try timestamp(signature).base64EncodedString()]]
            ]
        }
        material["tlogEntries"] = [entry]
        return [
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "verificationMaterial": material,
            "dsseEnvelope": [
                "payloadType": type, "payload": statement.base64EncodedString(),
                "signatures": [["sig": signature.base64EncodedString(), "keyid": ""]],
            ] as [String: Any],
        ]
    }

    public static func json(_ object: Any) throws -> Data {
        try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    }

    private static func pem(_ der: [UInt8]) -> String {
        PEMDocument(type: "CERTIFICATE", derBytes: der).pemString + "\n"
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String(format: "%02x", $0) }.joined()
    }
}

/// The tree of a log by its definition, with all leaves at hand.
///
/// Source: RFC 6962, section 2.1.
public enum ReferenceTree {
    public static func root(_ leaves: [[UInt8]]) -> [UInt8] { root(leaves[...]) }

    private static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        guard leaves.count > 1 else { return Array(SHA256.hash(data: [0] + (leaves.first ?? []))) }
        let middle = leaves.startIndex + split(leaves.count)
        return Array(SHA256.hash(data: [1] + root(leaves[..<middle]) + root(leaves[middle...])))
    }

    /// The largest power of two below a count.
    private static func split(_ count: Int) -> Int {
        var power = 1
        while power * 2 < count { power *= 2 }
        return power
    }

    public static func path(_ index: Int, _ leaves: [[UInt8]]) -> [[UInt8]] {
        guard leaves.count > 1 else { return [] }
        let middle = split(leaves.count)
        let (left, right) = (Array(leaves[..<middle]), Array(leaves[middle...]))
        return index < middle ? path(index, left) + [root(right)] : path(index - middle, right) + [root(left)]
    }
}
