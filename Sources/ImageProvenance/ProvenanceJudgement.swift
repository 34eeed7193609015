import Foundation
public import GitOpsTypes
public import ImageRegistry

/// Judges what is attached to an image by the rules for it, purely.
public struct ProvenanceJudgement {
    private let rules: ProvenanceRules
    private let image: ImageName
    private let digest: ImageDigest
    /// The commit that it is said to be built from; nil where nobody says.
    private let commit: String?
    private let time: Timestamp

    public init(
        _ rules: ProvenanceRules, image: ImageName, digest: ImageDigest, commit: String?, at time: Timestamp
    ) {
        self.rules = rules
        self.image = image
        self.digest = digest
        self.commit = commit
        self.time = time
    }

    public func finding(_ attachments: [ImageAttachment]) -> ProvenanceFinding {
        var proofs: [String] = []
        var problems: [String] = []
        var attested: Set<String> = []
        var isSigned = false
        var hasProvenance = false
        for attachment in attachments {
            do throws(ProvenanceProblem) {
                switch try evidence(attachment) {
                case .signature(let key):
                    isSigned = true
                    proofs.append("signed with \(key)")
                case .attestation(let statement, let key):
                    let isProvenance = try check(statement)
                    attested.insert(statement.predicateType)
                    // What `cosign sign` makes as a bundle, which is of the digest, wherever it is kept.
                    isSigned = isSigned || statement.predicateType == "https://sigstore.dev/cosign/sign/v1"
                    hasProvenance = hasProvenance || isProvenance
                    proofs.append("\(statement.predicateType) attested with \(key)\(statement.told)")
                case .irrelevant: continue
                }
            } catch {
                problems.append(error.text)
            }
        }
        let missing = rules.predicates.filter { !attested.contains($0) }
        if !missing.isEmpty { problems.insert("no attestation of \(missing.joined(separator: ", ")) that counts", at: 0) }
        if rules.wantsProvenance, !hasProvenance { problems.insert("no provenance that counts", at: 0) }
        let needsSignature = rules.predicates.isEmpty && !rules.wantsProvenance
        if needsSignature, !isSigned { problems.insert("no signature that counts", at: 0) }
        let isProven = missing.isEmpty && (!rules.wantsProvenance || hasProvenance) && (!needsSignature || isSigned)
        return isProven ? .proven(Self.distinct(proofs)) : .unproven(Self.distinct(problems))
    }

    /// Each once, and no more of them, and of each, than a ledger or a screen should have.
    private static func distinct(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.map { String($0.prefix(300)) }.filter { seen.insert($0).inserted }.prefix(10).map(\.self)
    }

    private enum Evidence {
        case signature(String)
        case attestation(Statement, String)
        case irrelevant
    }

    private func evidence(_ attachment: ImageAttachment) throws(ProvenanceProblem) -> Evidence {
        switch attachment.mediaType {
        case "application/vnd.dev.cosign.simplesigning.v1+json": .signature(try simpleSigning(attachment))
        case "application/vnd.dsse.envelope.v1+json", "application/vnd.in-toto+json":
            try attestation(Envelope(attachment.content))
        case let type where type.hasPrefix("application/vnd.dev.sigstore.bundle"):
            try attestation(Bundle(attachment.content).envelope())
        default: .irrelevant
        }
    }

    // MARK: Signatures

    /// Source: cosign, "Signature Specification"; containers, "simple signing".
    private func simpleSigning(_ attachment: ImageAttachment) throws(ProvenanceProblem) -> String {
        if attachment.annotations["dev.cosignproject.cosign/signature"]?.isEmpty ?? true,
            attachment.annotations["dev.sigstore.cosign/certificate"] != nil
        {
            throw ProvenanceProblem.keyless
        }
        guard let text = attachment.annotations["dev.cosignproject.cosign/signature"], let signature = Data(base64Encoded: text)
        else { throw ProvenanceProblem(text: "a signature whose bytes are missing") }
        let key: String
        do throws(ProvenanceProblem) {
            key = try trusted(attachment.content, Array(signature))
        } catch {
            // Whoever signed with a certificate has no key that could be listed.
            throw attachment.annotations["dev.sigstore.cosign/certificate"] == nil ? error : ProvenanceProblem.keyless
        }
        // Only what a key stands for is worth reading.
        guard let payload = try? JSONDecoder().decode(SimpleSigning.self, from: Data(attachment.content)) else {
            throw ProvenanceProblem(text: "a signature with \(key) of something that is no signature of an image")
        }
        guard payload.critical.type == "cosign container image signature" else {
            throw ProvenanceProblem(text: "a signature with \(key) of the kind “\(payload.critical.type.displayable)”")
        }
        guard payload.critical.image.digest == digest.text else {
            throw ProvenanceProblem(
                text: "a signature with \(key) of another digest, \(payload.critical.image.digest.displayable.prefix(19))")
        }
        let reference = payload.critical.identity.reference
        guard let named = ImageReference(reference), RepositoryAddress(named.name) == RepositoryAddress(image) else {
            throw ProvenanceProblem(text: "a signature with \(key) of another repository, \(reference.displayable)")
        }
        return key
    }

    /// The name of the key that signed.
    private func trusted(_ message: [UInt8], _ signature: [UInt8]) throws(ProvenanceProblem) -> String {
        var expired: String?
        for trusted in rules.keys where trusted.key.signed(message, signature) {
            if let end = trusted.expires, time >= end {
                expired = "a signature with \(trusted.key.name), which expired at \(end)"
            } else {
                return trusted.key.name
            }
        }
        throw ProvenanceProblem(text: expired ?? "a signature that is altered, or made with a key that is not listed")
    }

    // MARK: Attestations

    /// Source: DSSE 1.0, "Protocol"; in-toto, "Statement" v0.1 and v1.
    private func attestation(_ envelope: Envelope) throws(ProvenanceProblem) -> Evidence {
        guard envelope.payloadType == "application/vnd.in-toto+json", let payload = Data(base64Encoded: envelope.payload) else {
            throw ProvenanceProblem(text: "an attestation of the kind “\(envelope.payloadType.displayable)”")
        }
        let message = Array("DSSEv1 \(envelope.payloadType.utf8.count) \(envelope.payloadType) \(payload.count) ".utf8) + payload
        var key: String?
        var problem = ProvenanceProblem(text: "an attestation that nobody signed")
        for signature in envelope.signatures where key == nil {
            guard let bytes = Data(base64Encoded: signature.sig) else { continue }
            do throws(ProvenanceProblem) {
                key = try trusted(message, Array(bytes))
            } catch {
                problem = ProvenanceProblem(text: error.text.replacing("a signature", with: "an attestation"))
            }
        }
        guard let key else { throw problem }
        guard let statement = Statement(Array(payload)) else {
            throw ProvenanceProblem(text: "an attestation with \(key) that is no in-toto statement")
        }
        let hex = digest.text.dropFirst("sha256:".count)
        guard statement.subjects.contains(where: { $0 == hex }) else {
            throw ProvenanceProblem(
                text: "an attestation with \(key) of \(statement.predicateType.displayable) for another digest")
        }
        return .attestation(statement, key)
    }

    /// - Returns: whether it says where the image is from.
    private func check(_ statement: Statement) throws(ProvenanceProblem) -> Bool {
        guard let provenance = statement.provenance else { return false }
        if !rules.builders.isEmpty, !rules.builders.contains(provenance.builder ?? "") {
            throw ProvenanceProblem(
                text: "provenance by the builder “\((provenance.builder ?? "").displayable)”, who is not listed")
        }
        if !rules.sources.isEmpty {
            let allowed = Set(rules.sources.map(SourceRepository.init))
            // All of them: that one of many is listed says nothing of what was built.
            guard !provenance.sources.isEmpty, provenance.sources.allSatisfy({ allowed.contains(SourceRepository($0.uri)) })
            else {
                let found = provenance.sources.map(\.uri.displayable).joined(separator: ", ")
                throw ProvenanceProblem(text: "provenance from “\(found)”, which is not a listed source")
            }
        }
        if let commit {
            let commits = provenance.sources.compactMap(\.commit)
            guard commits.contains(where: { $0.utf8.count >= 40 && $0.hasPrefix(commit) }) else {
                throw ProvenanceProblem(
                    text:
                        "provenance from the commit \(commits.isEmpty ? "of no name" : commits.joined(separator: ", ").displayable), and the release is of \(commit)"
                )
            }
        }
        return true
    }
}

/// Why a piece of evidence does not count, in words.
struct ProvenanceProblem: Error {
    let text: String

    static let keyless = ProvenanceProblem(
        text: "a signature with a certificate (keyless), which counts only with a trust root, and none is given: sign with a key")
}
