import GitOpsTypes
import PromotionDomain

/// Those of the applications that were found that are wanted, and are not configured already.
struct ChosenApplications {
    private let request: SurveyRequest
    private let configured: [Configured: Application]
    private let names: Set<ApplicationName>
    private let sets: [ApplicationSet]

    /// An image in a place of its own.
    private struct Configured: Hashable {
        let path: RepositoryPath
        let image: ImageName
    }

    init(_ request: SurveyRequest, _ existing: Policy?) {
        self.request = request
        sets = existing?.sets ?? []
        names = Set(existing?.applications.map(\.name) ?? [])
        var configured: [Configured: Application] = [:]
        for application in existing?.applications ?? [] {
            for environment in existing?.environments ?? [] {
                let place = application.place(in: environment.name)
                for path in place.ownPaths + [place.path] {
                    for image in application.images { configured[Configured(path: path, image: image)] = application }
                }
            }
        }
        self.configured = configured
    }

    /// - Throws: `SurveyProblem` where an application is wanted that is not there.
    func choose(_ drafts: [ApplicationDraft]) throws(SurveyProblem) -> [ApplicationDraft] {
        let fresh = drafts.filter { configured($0) == nil }
        guard !request.applications.isEmpty else { return fresh }
        let wanted = fresh.filter { request.applications.contains($0.name) }
        let missing = request.applications.filter { name in !names.contains(name) && !fresh.contains { $0.name == name } }
        if missing.isEmpty { return wanted }
        if fresh.count == 1, request.applications.count == 1, names.isEmpty, sets.isEmpty {
            var draft = fresh[0]
            draft.name = request.applications[0]
            return [draft]
        }
        // In a repository without manifests, the name is that of the starter.
        if drafts.isEmpty, names.isEmpty, sets.isEmpty { return [] }
        throw SurveyProblem(
            "no application “\(missing[0])” was found that is not configured already",
            hint: fresh.isEmpty
                ? "everything that was found is configured already"
                : "found are \(ApplicationDrafts.listed(fresh.map(\.name)))")
    }

    /// The application that a draft is, where there is one already.
    func configured(_ draft: ApplicationDraft) -> Application? {
        let ofSet = sets.lazy.compactMap { $0.application(draft.name) }.first { application in
            application.images.contains(draft.image)
                && draft.environments.contains { application.place(in: $0) == draft.application.place(in: $0) }
        }
        if let ofSet { return ofSet }
        return draft.environments.lazy.compactMap { environment in
            let place = draft.application.place(in: environment)
            return (place.ownPaths + [place.path]).lazy.compactMap { path in
                configured[Configured(path: path, image: draft.image)]
            }.first
        }.first
    }

    /// Whether nothing is said of a configured application, or that it is wanted.
    func isWanted(_ name: ApplicationName) -> Bool { request.applications.isEmpty || request.applications.contains(name) }
}
