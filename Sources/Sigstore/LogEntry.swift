import Foundation
import GitOpsTypes

/// That a signature was put into a log, and when.
struct LogEntry {
    struct InclusionProof {
        let index: UInt64
        let size: UInt64
        let root: [UInt8]
        let path: [[UInt8]]
        let checkpoint: String
    }

    /// What is in the log: JSON that names the signature, who signed, and the hash of what.
    let body: [UInt8]
    let index: UInt64
    let logID: [UInt8]
    /// When it got there, as the log's promise says; nil for logs that tell no time.
    let integrated: Timestamp?
    /// The log's signature that it will be in the log.
    let promise: [UInt8]?
    let proof: InclusionProof?

    /// Holds it against the log's key.
    ///
    /// - Parameter needsProof: whether a promise alone is not enough.
    /// - Returns: when the log says that it got it; nil where it does not say.
    func verify(_ log: TrustedRoot.Log, needsProof: Bool) throws(SigstoreError) -> Timestamp? {
        var time: Timestamp?
        if let promise {
            guard let integrated else { throw SigstoreError("a log's promise without a time") }
            guard log.key.signed(promised(integrated), promise) else {
                throw SigstoreError("a log's promise that the log did not sign")
            }
            time = integrated
        }
        if let proof {
            try verify(proof, log)
        } else if needsProof {
            throw SigstoreError("an entry without a proof that it is in the log")
        }
        guard promise != nil || proof != nil else { throw SigstoreError("an entry without a log's promise or proof") }
        return time
    }

    private func verify(_ proof: InclusionProof, _ log: TrustedRoot.Log) throws(SigstoreError) {
        let checkpoint = try Checkpoint(proof.checkpoint)
        guard checkpoint.isSigned(by: log) else { throw SigstoreError("a checkpoint that its log did not sign") }
        guard checkpoint.root == proof.root, checkpoint.size == proof.size,
            MerkleTree.root(leaf: MerkleTree.leaf(body), index: proof.index, size: proof.size, path: proof.path) == proof.root
        else { throw SigstoreError("an entry that is not in the log") }
    }

    /// Source: sigstore, Rekor's "Signed Entry Timestamp": canonical JSON (RFC 8785) of these four.
    private func promised(_ integrated: Timestamp) -> [UInt8] {
        let text =
            #"{"body":"\#(Data(body).base64EncodedString())","integratedTime":\#(integrated.seconds),"#
            + #""logID":"\#(logID.hexadecimal)","logIndex":\#(index)}"#
        return Array(text.utf8)
    }
}
