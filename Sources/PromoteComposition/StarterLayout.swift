import Foundation
import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionEngine

/// The files that `init` writes: three environments, one application, and manifests that build.
public struct StarterLayout: Sendable {
    public let directory: String
    /// The files that were written; empty when all of them were there already.
    public let written: [String]

    /// - Throws: `EngineError.usage` when a file of the layout exists with other content; nothing is written then.
    public static func write(into directory: String, application: String, image: String) async throws -> StarterLayout {
        guard let name = ApplicationName(application) else {
            throw EngineError.usage("“\(application.displayable)” is not \(ApplicationName.noun)", hint: nil)
        }
        guard let image = ImageName(image) else {
            throw EngineError.usage("“\(image.displayable)” is not \(ImageName.noun)", hint: nil)
        }
        let program = GitProgram(directory: directory)
        let root = try await program.workTree()
        let configuration = try await program.configuration()
        let files = self.files(name, image, manager: configuration["user.email"].flatMap(Principal.init))
        // No such directory is the usual case, and a layout that cannot be listed cannot be written either.
        let present = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/environments")) ?? []
        let ours = Set(files.map { $0.0 })
        if let other = present.first(where: {
            ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) && !ours.contains("environments/\($0)")
        }) {
            throw EngineError.usage(
                "environments/\(other) is a configuration already; nothing was written", hint: "see docs/configuration.md")
        }
        var missing: [(path: String, text: String)] = []
        for (path, text) in files {
            guard let present = FileManager.default.contents(atPath: "\(root)/\(path)") else {
                missing.append((path, text))
                continue
            }
            guard present == Data(text.utf8) else {
                throw EngineError.usage(
                    "\(path) exists already; nothing was written",
                    hint:
                        "init is for a repository without a configuration: write what is missing by hand, after docs/configuration.md"
                )
            }
        }
        for (path, _) in missing { try requirePlainParents(of: path, in: root) }
        for (path, text) in missing {
            let url = URL(filePath: root).appending(path: path)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url, options: .withoutOverwriting)
        }
        return StarterLayout(directory: root, written: missing.map(\.path))
    }

    /// Every directory on the way is one, or is not there yet: nothing is written through a link, or half and half.
    private static func requirePlainParents(of path: String, in root: String) throws {
        var directory = root
        for name in path.split(separator: "/").dropLast() {
            directory += "/\(name)"
            let kind: FileAttributeType?
            do {
                kind = try FileManager.default.attributesOfItem(atPath: directory)[.type] as? FileAttributeType
            } catch CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile {
                return
            }
            guard kind == .typeDirectory else {
                throw EngineError.usage("\(directory) is in the way: it is no directory; nothing was written", hint: nil)
            }
        }
    }

    private static func files(_ application: ApplicationName, _ image: ImageName, manager: Principal?) -> [(String, String)] {
        let manager = manager?.text ?? "you@example.org"
        let header = "apiVersion: promote/v1alpha1\n"
        let overlays = ["dev", "staging", "prod"].map { environment in
            (
                "overlays/\(environment)/kustomization.yaml",
                """
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                namespace: \(application)-\(environment)
                resources:
                  - ../../base

                """
            )
        }
        return [
            (
                "environments/application.yaml",
                header + """
                    kind: Application
                    metadata: { name: \(application) }
                    spec:
                      images: [{ name: \(image) }]
                      overlay: overlays/{environment}

                    """
            ),
            (
                "environments/environments.yaml",
                header + """
                    kind: Environment
                    metadata: { name: dev }
                    spec:
                      promotesFrom: [build]
                    ---
                    apiVersion: promote/v1alpha1
                    kind: Environment
                    metadata: { name: staging }
                    spec:
                      promotesFrom: [dev]
                    ---
                    apiVersion: promote/v1alpha1
                    kind: Environment
                    metadata: { name: prod }
                    spec:
                      promotesFrom: [staging]
                      promoters: [release-managers]
                      # Another principal than the requester approves, with a key that environments/allowed_signers lists.
                      approvals: { required: 1, from: [release-managers] }

                    """
            ),
            (
                "environments/teams.yaml",
                header + """
                    kind: Team
                    metadata: { name: release-managers }
                    spec:
                      # Principals, as in allowed_signers; two at least, as no requester approves their own request.
                      members: [\(manager)]

                    """
            ),
            (
                "environments/allowed_signers",
                """
                # One line per key, as ssh-keygen(1) describes under ALLOWED SIGNERS:
                # you@example.org ssh-ed25519 AAAA…

                """
            ),
            (
                "base/kustomization.yaml",
                """
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                resources:
                  - deployment.yaml

                """
            ),
            (
                "base/deployment.yaml",
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata:
                  name: \(application)
                spec:
                  selector:
                    matchLabels:
                      app: \(application)
                  template:
                    metadata:
                      labels:
                        app: \(application)
                    spec:
                      containers:
                        - name: \(application)
                          # The overlay of each environment sets the digest.
                          image: \(image)

                """
            ),
        ] + overlays
    }
}
