import GitOpsTypes
import PromotionDomain
import RepositorySurvey

/// What `init` puts into a repository without any manifests: an application that builds, with an overlay for each environment.
struct StarterLayout {
    let application: ApplicationName
    let image: ImageName
    let environments: [EnvironmentName]

    /// The application and the environments as they are proposed for the configuration.
    func proposal(guesses: [Guess]) -> SetupProposal {
        guard let overlay = PathTemplate("overlays/{environment}") else { preconditionFailure("a template is one") }
        return SetupProposal(
            environments: environments.indices.map { index in
                ProposedEnvironment(
                    name: environments[index], sources: index == 0 ? [] : [environments[index - 1]], branch: nil,
                    isProduction: index == environments.count - 1)
            },
            applications: [
                Application(
                    name: application, images: [image], source: .overlay(overlay, as: .standard), builders: .anyone)
            ], guesses: guesses, hasManifests: false)
    }

    /// The manifests, by their paths.
    func manifests() -> [(path: String, content: String)] {
        [("base/kustomization.yaml", Self.base), ("base/deployment.yaml", deployment())]
            + environments.map { ("overlays/\($0)/kustomization.yaml", overlay(of: $0)) }
    }

    private func overlay(of environment: EnvironmentName) -> String {
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        namespace: \(application)-\(environment)
        resources:
          - ../../base

        """
    }

    private static let base = """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources:
          - deployment.yaml

        """

    private func deployment() -> String {
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
    }
}
