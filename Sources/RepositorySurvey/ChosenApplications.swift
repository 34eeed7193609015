import GitOpsTypes
import PromotionDomain

/// Those of the applications that were found that are wanted, and are not configured already.
struct ChosenApplications {
    private let request: SurveyRequest
    private let configured: Set<Configured>
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
        var configured: Set<Configured> = []
        for application in existing?.applications ?? [] {
            for environment in existing?.environments ?? [] {
                let place = application.place(in: environment.name)
                for path in place.ownPaths + [place.path] {
                    for image in application.images { configured.insert(Configured(path: path, image: image)) }
                }
            }
        }
        self.configured = configured
    }

    /// - Throws: `SurveyProblem` where an application is wanted that is not there.
    func choose(_ drafts: [ApplicationDraft]) throws(SurveyProblem) -> [ApplicationDraft] {
        let fresh = drafts.filter { !has($0) }
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

    private func has(_ draft: ApplicationDraft) -> Bool {
        let ofSet = sets.lazy.compactMap { $0.application(draft.name) }.contains { application in
            application.images.contains(draft.image)
                && draft.environments.contains { application.place(in: $0) == draft.application.place(in: $0) }
        }
        if ofSet { return true }
        return draft.environments.contains { environment in
            let place = draft.application.place(in: environment)
            return (place.ownPaths + [place.path]).contains { path in
                configured.contains(Configured(path: path, image: draft.image))
            }
        }
    }
}
