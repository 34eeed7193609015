import Crypto
import Foundation
import GitOpsTypes
import SwiftASN1
import X509

/// An authority's word that something was there at a time.
///
/// Source: RFC 3161, sections 2.4.2 and 2.3; RFC 5652, section 5.
struct TimestampToken {
    let time: Timestamp
    private let imprint: (algorithm: HashAlgorithm, hash: [UInt8])
    private let signer: Signer
    private let certificates: [Certificate]

    private enum HashAlgorithm {
        case sha256, sha384, sha512

        init?(_ identifier: ASN1ObjectIdentifier) {
            switch identifier {
            case [2, 16, 840, 1, 101, 3, 4, 2, 1]: self = .sha256
            case [2, 16, 840, 1, 101, 3, 4, 2, 2]: self = .sha384
            case [2, 16, 840, 1, 101, 3, 4, 2, 3]: self = .sha512
            default: return nil
            }
        }

        func hash(_ bytes: some DataProtocol) -> [UInt8] {
            switch self {
            case .sha256: Array(SHA256.hash(data: bytes))
            case .sha384: Array(SHA384.hash(data: bytes))
            case .sha512: Array(SHA512.hash(data: bytes))
            }
        }
    }

    private struct Signer {
        /// What is signed: attributes that name the hash of the content.
        let message: [UInt8]
        let signature: [UInt8]
        let algorithm: Certificate.SignatureAlgorithm
    }

    private enum Name {
        static let signedData: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 7, 2]
        static let information: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 16, 1, 4]
        static let contentType: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 3]
        static let messageDigest: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 4]
    }

    /// More than any authority sends.
    private static let maximumCertificates = 8

    /// What is no such token, or is made in a way that is not known here.
    private struct Malformed: Error {}

    /// - Parameter bytes: a `TimeStampResp` in DER form.
    init(_ bytes: [UInt8]) throws(SigstoreError) {
        do { try self.init(response: DER.parse(bytes)) } catch {
            throw SigstoreError("a timestamp that cannot be read")
        }
    }

    private init(response: ASN1Node) throws {
        let fields = try Self.children(response)
        guard fields.count == 2 else { throw Malformed() }
        let content = try Self.children(fields[1])
        guard content.count == 2, try ASN1ObjectIdentifier(derEncoded: content[0]) == Name.signedData,
            let signedData = try Self.children(content[1]).first
        else { throw Malformed() }
        let parts = try Self.children(signedData)
        guard parts.count >= 4, let signers = parts.last else { throw Malformed() }
        let encapsulated = try Self.children(parts[2])
        guard encapsulated.count == 2, try ASN1ObjectIdentifier(derEncoded: encapsulated[0]) == Name.information,
            let octets = try Self.children(encapsulated[1]).first
        else { throw Malformed() }
        let information = try Array(ASN1OctetString(derEncoded: octets).bytes)
        (time, imprint) = try Self.read(information)
        certificates = try parts[3...].filter { $0.identifier == ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific) }
            .flatMap { try Self.children($0).prefix(Self.maximumCertificates).map { try Certificate(derEncoded: $0) } }
        let all = try Self.children(signers)
        guard all.count == 1 else { throw Malformed() }
        signer = try Self.read(signer: all[0], of: information)
    }

    /// `TSTInfo`
    private static func read(_ information: [UInt8]) throws -> (Timestamp, (HashAlgorithm, [UInt8])) {
        let fields = try children(DER.parse(information))
        guard fields.count >= 5 else { throw Malformed() }
        let imprint = try children(fields[2])
        guard imprint.count == 2, let algorithm = try HashAlgorithm(name(imprint[0])) else { throw Malformed() }
        return (
            try moment(GeneralizedTime(derEncoded: fields[4])),
            (algorithm, try Array(ASN1OctetString(derEncoded: imprint[1]).bytes))
        )
    }

    /// Leap seconds are of no use here, and years beyond what dates are written with would be trouble.
    static func moment(_ time: GeneralizedTime) throws -> Timestamp {
        guard (1970...9998).contains(time.year), time.seconds < 60 else { throw Malformed() }
        let day = CivilDate(year: time.year, month: time.month, day: time.day).dayNumber
        return Timestamp(seconds: Int64(day) * 86_400 + Int64(time.hours * 3600 + time.minutes * 60 + time.seconds))
    }

    /// `SignerInfo`, of which the attributes have to be of this content.
    private static func read(signer node: ASN1Node, of information: [UInt8]) throws -> Signer {
        let fields = try children(node)
        guard fields.count >= 6, let algorithm = try HashAlgorithm(name(fields[2])),
            fields[3].identifier == ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)
        else { throw Malformed() }
        var type: ASN1ObjectIdentifier?
        var digest: [UInt8]?
        for attribute in try children(fields[3]) {
            let parts = try children(attribute)
            guard parts.count == 2, let value = try children(parts[1]).first else { throw Malformed() }
            switch try ASN1ObjectIdentifier(derEncoded: parts[0]) {
            case Name.contentType: type = try ASN1ObjectIdentifier(derEncoded: value)
            case Name.messageDigest: digest = try Array(ASN1OctetString(derEncoded: value).bytes)
            default: continue
            }
        }
        guard type == Name.information, digest == algorithm.hash(information) else { throw Malformed() }
        // What is signed is the set of the attributes, and not its place in the message.
        let message = [0x31] + fields[3].encodedBytes.dropFirst()
        return Signer(
            message: message, signature: try Array(ASN1OctetString(derEncoded: fields[5]).bytes),
            algorithm: try signatureAlgorithm(name(fields[4]), algorithm))
    }

    private static func signatureAlgorithm(
        _ name: ASN1ObjectIdentifier, _ hash: HashAlgorithm
    ) throws -> Certificate.SignatureAlgorithm {
        switch (name, hash) {
        case ([1, 2, 840, 10045, 4, 3, 2], _): .ecdsaWithSHA256
        case ([1, 2, 840, 10045, 4, 3, 3], _): .ecdsaWithSHA384
        case ([1, 2, 840, 10045, 4, 3, 4], _): .ecdsaWithSHA512
        case ([1, 2, 840, 113549, 1, 1, 1], .sha256), ([1, 2, 840, 113549, 1, 1, 11], _): .sha256WithRSAEncryption
        case ([1, 2, 840, 113549, 1, 1, 1], .sha384), ([1, 2, 840, 113549, 1, 1, 12], _): .sha384WithRSAEncryption
        case ([1, 2, 840, 113549, 1, 1, 1], .sha512), ([1, 2, 840, 113549, 1, 1, 13], _): .sha512WithRSAEncryption
        case ([1, 3, 101, 112], _): .ed25519
        default: throw Malformed()
        }
    }

    /// The name in an `AlgorithmIdentifier`.
    private static func name(_ algorithm: ASN1Node) throws -> ASN1ObjectIdentifier {
        guard let name = try children(algorithm).first else { throw Malformed() }
        return try ASN1ObjectIdentifier(derEncoded: name)
    }

    private static func children(_ node: ASN1Node) throws -> [ASN1Node] {
        guard case .constructed(let nodes) = node.content else { throw Malformed() }
        return Array(nodes)
    }

    /// Holds it against the authorities of a trust root.
    ///
    /// - Parameter latest: times behind it have not come.
    func verify(_ root: TrustedRoot, over bytes: [UInt8], latest: Timestamp) async throws(SigstoreError) {
        guard time <= latest else { throw SigstoreError("a time that has not come, \(time)") }
        guard imprint.algorithm.hash(bytes) == imprint.hash else { throw SigstoreError("a timestamp of another signature") }
        for authority in root.timestampAuthorities where authority.validity.contains(time) {
            for candidate in authority.ownLeaf.map({ [$0] }) ?? certificates
            where candidate.publicKey.isValidSignature(
                signer.signature, for: signer.message, signatureAlgorithm: signer.algorithm)
            {
                if await authority.issuer(of: candidate, for: .timeStamping, at: time) != nil { return }
            }
        }
        throw SigstoreError("a timestamp by no authority of the trust root")
    }
}
