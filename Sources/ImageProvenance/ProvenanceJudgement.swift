import Foundation
public import GitOpsTypes
public import ImageRegistry
public import PromotionDomain
import Sigstore

/// Judges what is attached to an image by the rules for it, purely.
public struct ProvenanceJudgement {
    private let rules: ProvenanceRules
    private let anchors: TrustAnchors
    private let image: ImageName
    private let digest: ImageDigest
    /// The commit that it is said to be built from; nil where that is not said.
    private let commit: String?
    private let time: Timestamp

    public init(
        _ rules: ProvenanceRules, image: ImageName, digest: ImageDigest, commit: String?, at time: Timestamp
    ) {
        self.rules = rules
        anchors = TrustAnchors(rules)
        self.image = image
        self.digest = digest
        self.commit = commit
        self.time = time
    }

    /// Whether provenance has to be there, as something is asked of it.
    private var wantsProvenance: Bool { !rules.builders.isEmpty || !rules.sources.isEmpty }

    public func finding(_ attachments: [ImageAttachment]) async -> ProvenanceFinding {
        var proofs: [String] = []
        var problems: [String] = []
        var attested: Set<String> = []
        var isSigned = false
        var hasProvenance = false
        for attachment in attachments {
            do throws(ProvenanceProblem) {
                switch try await evidence(attachment) {
                case .signature(let signer):
                    isSigned = true
                    proofs.append("signed \(signer)")
                case .attestation(let statement, let signer):
                    let isProvenance = try check(statement)
                    attested.insert(statement.predicateType)
                    // What `cosign sign` makes as a bundle, which is of the digest, wherever it is kept.
                    isSigned = isSigned || statement.predicateType == "https://sigstore.dev/cosign/sign/v1"
                    hasProvenance = hasProvenance || isProvenance
                    proofs.append("\(statement.predicateType) attested \(signer)\(statement.told)")
                case .irrelevant: continue
                }
            } catch {
                problems.append(error.text)
            }
        }
        let missing = rules.predicates.filter { !attested.contains($0) }
        if !missing.isEmpty { problems.insert("no attestation of \(missing.joined(separator: ", ")) that counts", at: 0) }
        if wantsProvenance, !hasProvenance { problems.insert("no provenance that counts", at: 0) }
        let needsSignature = rules.predicates.isEmpty && !wantsProvenance
        if needsSignature, !isSigned { problems.insert("no signature that counts", at: 0) }
        let isProven = missing.isEmpty && (!wantsProvenance || hasProvenance) && (!needsSignature || isSigned)
        return isProven ? .proven(Self.distinct(proofs)) : .unproven(Self.distinct(problems))
    }

    /// Each once, and no more of them, and of each, than a ledger or a screen should have.
    private static func distinct(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.map { String($0.prefix(300)) }.filter { seen.insert($0).inserted }.prefix(10).map(\.self)
    }

    private enum Evidence {
        case signature(by: Signer)
        case attestation(Statement, by: Signer)
        case irrelevant
    }

    /// Who signed, as it goes on after “signed” and “a signature”: `with cosign.pub`, `by https://…`.
    private struct Signer: CustomStringConvertible {
        let description: String
    }

    private func evidence(_ attachment: ImageAttachment) async throws(ProvenanceProblem) -> Evidence {
        switch attachment.mediaType {
        case "application/vnd.dev.cosign.simplesigning.v1+json":
            return .signature(by: try await simpleSigning(attachment))
        case "application/vnd.dsse.envelope.v1+json", "application/vnd.in-toto+json":
            let envelope = try Self.reading { () throws(SigstoreError) in try SignedEnvelope(attachment.content) }
            return try await attestation(envelope, Self.keyless(beside: attachment))
        case let type where type.hasPrefix("application/vnd.dev.sigstore.bundle"):
            let bundle = try Self.reading { () throws(SigstoreError) in try SigstoreBundle(attachment.content) }
            guard let envelope = bundle.envelope else { throw ProvenanceProblem(text: "a bundle without an attestation") }
            switch bundle.material {
            case .key: return try await attestation(envelope, .success(nil))
            case .keyless(let keyless): return try await attestation(envelope, .success(keyless))
            }
        default: return .irrelevant
        }
    }

    private static func reading<Value>(
        _ body: () throws(SigstoreError) -> Value
    ) throws(ProvenanceProblem) -> Value {
        do throws(SigstoreError) { return try body() } catch { throw ProvenanceProblem(text: error.reason) }
    }

    /// What stands in the place of a key, as far as it can be read; nil in it where nothing does.
    private typealias Keyless = Result<KeylessSignature?, SigstoreError>

    private static func keyless(beside attachment: ImageAttachment) -> Keyless {
        Result { () throws(SigstoreError) in try KeylessSignature(annotations: attachment.annotations) }
    }

    // MARK: Signatures

    /// Source: cosign, "Signature Specification"; containers, "simple signing".
    private func simpleSigning(_ attachment: ImageAttachment) async throws(ProvenanceProblem) -> Signer {
        guard let text = attachment.annotations["dev.cosignproject.cosign/signature"], !text.isEmpty,
            let signature = Data(base64Encoded: text)
        else { throw ProvenanceProblem(text: "a signature whose bytes are missing") }
        let signer = try await trusted(
            .init(message: attachment.content, signature: Array(signature)), "a signature", Self.keyless(beside: attachment))
        // Only what is signed is worth reading.
        guard let payload = try? JSONDecoder().decode(SimpleSigning.self, from: Data(attachment.content)) else {
            throw ProvenanceProblem(text: "a signature \(signer) of something that is no signature of an image")
        }
        guard payload.critical.type == "cosign container image signature" else {
            throw ProvenanceProblem(text: "a signature \(signer) of the kind “\(payload.critical.type.displayable)”")
        }
        guard payload.critical.image.digest == digest.text else {
            throw ProvenanceProblem(
                text: "a signature \(signer) of another digest, \(payload.critical.image.digest.displayable.prefix(19))")
        }
        let reference = payload.critical.identity.reference
        guard let named = ImageReference(reference), RepositoryAddress(named.name) == RepositoryAddress(image) else {
            throw ProvenanceProblem(text: "a signature \(signer) of another repository, \(reference.displayable)")
        }
        return signer
    }

    /// Who signed, and counts: a key, or the subject of a certificate.
    ///
    /// - Parameters:
    ///   - what: was signed, for people.
    ///   - keyless: counts where no key signed.
    private func trusted(
        _ content: KeylessSignature.Content, _ what: String, _ keyless: Keyless
    ) async throws(ProvenanceProblem) -> Signer {
        var expired: String?
        for trusted in anchors.keys where trusted.key.signed(content.message, content.signature) {
            if let end = trusted.expires, time >= end {
                expired = "\(what) with \(trusted.name), which expired at \(end)"
            } else {
                return Signer(description: "with \(trusted.name)")
            }
        }
        if let keyless = try Self.reading({ () throws(SigstoreError) in try keyless.get() }) {
            return try await certified(content, keyless, what)
        }
        throw ProvenanceProblem(text: expired ?? "\(what) that is altered, or made with a key that is not listed")
    }

    private func certified(
        _ content: KeylessSignature.Content, _ keyless: KeylessSignature, _ what: String
    ) async throws(ProvenanceProblem) -> Signer {
        guard let anchors = anchors.keyless else {
            throw ProvenanceProblem(
                text: "\(what) with a certificate (keyless), which counts only with a trust root, and none is given")
        }
        let signer: KeylessSignature.Signer
        do throws(SigstoreError) {
            signer = try await keyless.verify(content, anchors.root.get(), now: time)
        } catch {
            throw ProvenanceProblem(text: "\(what) with \(error.reason)")
        }
        let told = "by \(signer.identity.subject.displayable) (\(signer.identity.issuer.displayable))"
        guard anchors.identities.contains(where: { $0.includes(signer.identity) }) else {
            throw ProvenanceProblem(text: "\(what) \(told), who is not listed")
        }
        return Signer(description: "\(told) at \(signer.time)")
    }

    // MARK: Attestations

    /// Source: DSSE 1.0, "Protocol"; in-toto, "Statement" v0.1 and v1.
    private func attestation(
        _ envelope: SignedEnvelope, _ keyless: Keyless
    ) async throws(ProvenanceProblem) -> Evidence {
        guard envelope.payloadType == "application/vnd.in-toto+json" else {
            throw ProvenanceProblem(text: "an attestation of the kind “\(envelope.payloadType.displayable)”")
        }
        let payload = Array(envelope.payload)
        var found: Signer?
        var problem = ProvenanceProblem(text: "an attestation without a signature")
        for signature in envelope.signatures where found == nil {
            do throws(ProvenanceProblem) {
                found = try await trusted(
                    .init(message: envelope.message, payload: payload, signature: Array(signature.sig)), "an attestation", keyless
                )
            } catch {
                problem = error
            }
        }
        guard let signer = found else { throw problem }
        guard let statement = Statement(payload) else {
            throw ProvenanceProblem(text: "an attestation \(signer) that is no in-toto statement")
        }
        let hex = digest.text.dropFirst("sha256:".count)
        guard statement.subjects.contains(where: { $0 == hex }) else {
            throw ProvenanceProblem(
                text: "an attestation \(signer) of \(statement.predicateType.displayable) for another digest")
        }
        return .attestation(statement, by: signer)
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
}
