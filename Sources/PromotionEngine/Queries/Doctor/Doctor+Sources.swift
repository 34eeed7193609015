import GitOpsTypes
import GitStore
import ManifestRendering
import PromotionDomain
import PromotionPlanning

extension Doctor {
    /// What an environment has of an application.
    private enum Presence {
        case nothing
        /// The application's images and charts that nothing there runs.
        case unused([ImageName])
        /// Told with what does not render.
        case unreadable
    }

    /// What `doctor` has to say of applications that are nowhere, that leave an environment out on the way, or that do not run what
    /// they promote: a promotion of them could not succeed.
    func sourceFindings(_ snapshot: Snapshot) async throws -> [SetupFinding] {
        var findings: [SetupFinding] = []
        for application in snapshot.policy.applications {
            var absent: [Environment] = []
            var present: [Environment] = []
            for environment in snapshot.policy.environments(of: application) {
                switch try await presence(of: application, in: environment) {
                case .nothing: absent.append(environment)
                case .unreadable: present.append(environment)
                case .unused(let images):
                    present.append(environment)
                    findings += images.map { unusedFinding($0, of: application, in: environment.name) }
                }
            }
            findings += absenceFindings(of: application, absent, present)
        }
        return findings
    }

    private func presence(of application: Application, in environment: Environment) async throws -> Presence {
        let tip = try await session.tip(of: environment)
        do {
            let occurrences = try await session.workspace.repository.scratch { [renderings = session.renderings] objects in
                try FoundImages.occurrences(of: application, in: environment.name, at: tip, objects, renderings)
            }
            guard let occurrences else { return .nothing }
            let used = Set(occurrences.map(\.image))
            return .unused(application.images.filter { !used.contains($0) })
        } catch is RenderingError {
            return .unreadable
        } catch is PlanningError {
            return .unreadable
        } catch is RendererUnavailable {
            return .unreadable
        }
    }

    private func unusedFinding(
        _ image: ImageName, of application: Application, in environment: EnvironmentName
    ) -> SetupFinding {
        SetupFinding(
            topic: "images", status: .problem,
            detail:
                "nothing of \(application.name) runs \(image) in \(environment): \(application.place(in: environment).path) does not name it",
            remedy: "correct the image's name in the configuration, or take it off the application")
    }

    private func absenceFindings(
        of application: Application, _ absent: [Environment], _ present: [Environment]
    ) -> [SetupFinding] {
        guard let first = absent.first else { return [] }
        func finding(_ status: SetupFinding.Status, _ detail: String, _ remedy: String) -> SetupFinding {
            SetupFinding(topic: "sources", status: status, detail: detail, remedy: remedy)
        }
        let place = application.place(in: first.name).path
        guard !present.isEmpty else {
            return [
                finding(
                    .problem, "\(application.name) has nothing in any environment: there is no \(place)",
                    "correct where it is in the configuration, or commit its files")
            ]
        }
        let own = present.map(\.name.text).joined(separator: ", ")
        let remedy = "add its files there; or, where it has none on purpose: environments: [\(own)] of \(application.name)"
        return absent.map { environment in
            let followers = present.filter { $0.source.environments.contains(environment.name) }.map(\.name.text)
            let what =
                "\(application.name) has nothing in \(environment.name): there is no \(application.place(in: environment.name).path)"
            return followers.isEmpty
                ? finding(.warning, what, remedy)
                : finding(.problem, "\(what), and nothing of it gets to \(followers.joined(separator: ", ")) without", remedy)
        }
    }
}
