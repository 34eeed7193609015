import Foundation
import GitOpsTypes

/// The payload of a cosign signature.
struct SimpleSigning: Decodable {
    struct Critical: Decodable {
        struct Identity: Decodable {
            let reference: String

            enum CodingKeys: String, CodingKey { case reference = "docker-reference" }
        }
        struct Image: Decodable {
            let digest: String

            enum CodingKeys: String, CodingKey { case digest = "docker-manifest-digest" }
        }
        let identity: Identity
        let image: Image
        let type: String
    }
    let critical: Critical
}

/// An in-toto statement, and what SLSA provenance in it says.
///
/// Source: in-toto attestation framework, "Statement"; SLSA provenance v0.2 and v1.
struct Statement {
    struct Provenance {
        let builder: String?
        let sources: [(uri: String, commit: String?)]
    }

    let predicateType: String
    /// SHA-256, in hexadecimal.
    let subjects: [String]
    let provenance: Provenance?

    init?(_ bytes: [UInt8]) {
        // What is no such statement is nil.
        guard let file = try? JSONDecoder().decode(File.self, from: Data(bytes)),
            file._type.hasPrefix("https://in-toto.io/Statement/")
        else { return nil }
        predicateType = file.predicateType
        subjects = file.subject.compactMap { $0.digest?["sha256"]?.lowercased() }
        // What others put into predicates of their own is of no shape that would be known here.
        guard file.predicateType.hasPrefix("https://slsa.dev/provenance/") else {
            provenance = nil
            return
        }
        // Provenance that cannot be read is no such statement either.
        guard let predicate = try? JSONDecoder().decode(Provenanced.self, from: Data(bytes)).predicate else { return nil }
        // What was built is where the build was configured; without that, every repository that went into it.
        let materials =
            predicate.invocation?.configSource.map { [$0] }
            ?? (predicate.buildDefinition?.resolvedDependencies ?? predicate.materials ?? []).filter(\.isRepository)
        provenance = Provenance(
            builder: predicate.runDetails?.builder?.id ?? predicate.builder?.id,
            sources: materials.compactMap { material in material.uri.map { ($0, material.commit) } })
    }

    /// Builder and source, for people.
    var told: String {
        guard let provenance else { return "" }
        let source = provenance.sources.first.map { " from \($0.uri.displayable)" } ?? ""
        return (provenance.builder.map { ", built by \($0.displayable)" } ?? "") + source
    }

    private struct File: Decodable {
        struct Subject: Decodable {
            let digest: [String: String]?
        }
        let _type: String
        let subject: [Subject]
        let predicateType: String
    }

    private struct Provenanced: Decodable {
        struct Material: Decodable {
            let uri: String?
            let digest: [String: String]?

            var commit: String? { (digest?["gitCommit"] ?? digest?["sha1"])?.lowercased() }
            var isRepository: Bool { commit != nil || uri?.hasPrefix("git") ?? false }
        }
        struct Builder: Decodable {
            let id: String?
        }
        struct Predicate: Decodable {
            struct Definition: Decodable {
                let resolvedDependencies: [Material]?
            }
            struct Details: Decodable {
                let builder: Builder?
            }
            struct Invocation: Decodable {
                let configSource: Material?
            }
            let buildDefinition: Definition?
            let runDetails: Details?
            let builder: Builder?
            let invocation: Invocation?
            let materials: [Material]?
        }
        let predicate: Predicate
    }
}
