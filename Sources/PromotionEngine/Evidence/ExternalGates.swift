import GitOpsTypes
import GitStore
import Kustomize
import PromotionDomain
import PromotionForge

/// Runs the gates of an environment.
struct ExternalGates: Sendable {
    let session: Session

    /// Asks every gate of an environment about what it would render to.
    ///
    /// Rules that a gate brings are those of the target branch, never those of the change that it judges. Programs run in the
    /// versions that were permitted on this machine, and in those that the configuration was adopted with.
    ///
    /// - Throws: `UnjudgeableHere` for what is settled, where a program is not run.
    func verdicts(_ question: EvidenceQuestion) async throws -> [String: ExternalVerdict] {
        let (environment, application, release) = (question.environment, question.application, question.release.id)
        guard !environment.gates.isEmpty else { return [:] }
        let yaml = question.manifests.yaml()
        var verdicts: [String: ExternalVerdict] = [:]
        for gate in environment.gates {
            guard case .program(_, let paths) = gate.judge else {
                if case .status(let status) = gate.judge {
                    verdicts[gate.name] = try await verdict(of: status, on: question.head, question.policy)
                } else {
                    verdicts[gate.name] = await session.workspace.gates.run(
                        gate, manifests: yaml, files: [:], environment: Self.circumstances(application, environment, release))
                }
                continue
            }
            let files = try await session.workspace.repository.scratch { objects in
                try Self.files(paths, in: objects.tree(of: question.tip), objects)
            }
            guard let files, let version = try await TrustPrograms(session: session).version(of: gate, at: question.tip) else {
                verdicts[gate.name] = ExternalVerdict(
                    .unknown("its files are not on the target branch, or are more than \(Self.maximumGateBytes >> 20) MiB"),
                    output: "")
                continue
            }
            guard try await TrustPrograms(session: session).isPermitted(version, of: gate, adoption: question.adoption) else {
                guard !question.isSettled else {
                    throw UnjudgeableHere(
                        reason: "gate/\(gate.name) is a program of the policy, and is not run here without `promote trust`")
                }
                verdicts[gate.name] = ExternalVerdict(
                    .untrusted(in: session.workspace.remote.isItself ? .server : .clone), output: "")
                continue
            }
            verdicts[gate.name] = await session.workspace.gates.run(
                gate, manifests: yaml, files: files,
                environment: Self.circumstances(application, environment, release))
        }
        return verdicts
    }

    /// What a gate is told besides the manifests.
    private static func circumstances(
        _ application: ApplicationName, _ environment: Environment, _ release: ReleaseID
    ) -> [String: String] {
        [
            "PROMOTE_APPLICATION": application.text, "PROMOTE_ENVIRONMENT": environment.name.text,
            "PROMOTE_RELEASE": release.text,
        ]
    }

    /// What the forge has of a status. One that is not reported yet is awaited.
    private func verdict(of name: String, on head: CommitID?, _ policy: Policy) async throws -> ExternalVerdict {
        guard let head else { return ExternalVerdict(.unknown("it cannot be reported before there is a commit"), output: "") }
        guard let forge = try session.forge(policy) else {
            return ExternalVerdict(.unknown("there is no forge to ask"), output: "")
        }
        do throws(ForgeError) {
            guard let status = try await forge.statuses(of: head).first(where: { $0.name == name }) else {
                return ExternalVerdict(.unknown("it is not reported for \(head.short) yet"), output: "")
            }
            switch status.state {
            case .success: return ExternalVerdict(.passed, output: "")
            case .failure: return ExternalVerdict(.failed("failure"), output: status.detail.displayable)
            case .pending: return ExternalVerdict(.unknown("it is pending"), output: status.detail.displayable)
            }
        } catch {
            return ExternalVerdict(.unknown(error.reason), output: "")
        }
    }

    private static let maximumGateBytes = 64 << 20

    /// The files below `paths`; nil when one is missing, or they are too large. Links are left out.
    private static func files(
        _ paths: [RepositoryPath], in tree: TreeID, _ objects: GitObjects
    ) throws -> [RepositoryPath: [UInt8]]? {
        var files: [RepositoryPath: [UInt8]] = [:]
        var rest = paths
        var size = 0
        for path in paths {
            guard try objects.entry(at: path, in: tree) != nil else { return nil }
        }
        while let path = rest.popLast() {
            switch try objects.entry(at: path, in: tree) {
            case .blob(let blob):
                size += try objects.size(of: blob)
                guard size <= maximumGateBytes else { return nil }
                files[path] = try objects.blob(blob)
            case .tree:
                for (name, _) in try objects.entries(of: path, in: tree) ?? [] {
                    if let next = path.appending(name) { rest.append(next) }
                }
            case .link, .submodule, nil: continue
            }
        }
        return files
    }
}
