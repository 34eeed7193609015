import GitOpsTypes
import GitStore
import PromotionGates
import PromotionLedger
import PromotionModel
import PromotionPlanning

extension PromotionEngine {
    /// That a merge whose event is pushed leaves the environment with what was proposed, rendered here and now: more than later
    /// readers can ask, whose renderer may be another.
    ///
    /// - Parameter state: the ledger with the event.
    func requireProposed(
        _ merge: Event.PromotionMerged, _ state: ApplicationState, _ situation: Situation
    ) async throws {
        guard let promotion = state.promotion(merge.promotion), let release = state.release(promotion.release),
            let application = situation.policy.application(state.application)
        else { return }
        let inspection = ContentInspection(
            repository: workspace.repository, renderings: renderings, application: application,
            environment: promotion.environment)
        let plan = try await inspection.plan(release, at: merge.commit)
        let isExact = release.images.allSatisfy { image in
            let places = plan.images.filter { $0.image == image.name }
            return !places.isEmpty && places.allSatisfy { $0.digest == image.digest.text }
        }
        guard isExact, plan.edits.isEmpty, plan.rendered == promotion.content.rendered else {
            throw Refusal(
                .authorizedMerge,
                "with \(merge.commit.short), \(promotion.environment) does not render to what \(PromotionID(application.name, promotion.number)) proposed",
                hint: "promote merge \(PromotionID(application.name, promotion.number))")
        }
    }
}
