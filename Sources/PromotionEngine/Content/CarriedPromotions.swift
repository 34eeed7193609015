import GitOpsTypes
import PromotionDomain

/// Which promotions a change of the configuration repository carries out.
struct CarriedPromotions: Sendable {
    let session: Session

    /// With the proposals of applications that share an overlay: what one of them changes there, it changes for all.
    func sharing(
        _ proposals: [ChangedPlace: EnvironmentChange.Proposal], _ effects: [ChangeInspection.Effect]
    ) -> [ChangedPlace: EnvironmentChange.Proposal] {
        var result = proposals
        for effect in effects where proposals[ChangedPlace(effect)] == nil {
            guard case .changed(_, let moved) = effect.outcome else { continue }
            // What moves an image that is its alone is its own affair; of one that both have, the promotion is held to its digest.
            let sharer = effects.first { other in
                other.environment == effect.environment && !other.place.ownPaths.isEmpty
                    && Set(other.place.ownPaths) == Set(effect.place.ownPaths)
                    && proposals[ChangedPlace(other)] != nil
                    && moved.allSatisfy { other.application.images.contains($0.image) }
            }
            if let sharer { result[ChangedPlace(effect)] = proposals[ChangedPlace(sharer)] }
        }
        return result
    }

    private struct Candidate {
        let place: ChangedPlace
        let application: Application
        let state: ApplicationState
        let promotion: Promotion
    }

    /// The checks of a promotion that `head` brings.
    private func checks(
        of candidate: Candidate, at head: CommitID, _ snapshot: Snapshot, _ merger: Merger?, _ mergePoint: MergePoint?
    ) async throws -> [Check] {
        let promotion = candidate.promotion
        let checks = try await PromotionChecks(session: session).checks(
            of: promotion, in: ApplicationView(candidate.application, candidate.state, snapshot),
            .init(merger: merger?.actor, mergePoint: mergePoint))
        guard let merger, head == promotion.content.head, !merger.isKnownApart else { return checks }
        let id = PromotionID(candidate.application.name, promotion.number)
        // A commit that was there before tells who made it, and not who moved the branch to it.
        let unknown = Check(
            .authorizedMerge, .fail,
            "a fast-forward to \(head.short), the promotion's own commit, tells who asked for it, and not who merged it",
            clearedBy: ["a merger of \(promotion.environment): promote merge \(id)"])
        return [unknown] + checks.filter { $0.rule != .authorizedMerge }
    }

    /// The open promotions that the change carries out, by the place that they change.
    func proposals(
        _ effects: [ChangeInspection.Effect], _ inspection: ChangeInspection, _ trees: ChangeInspection.Trees,
        _ snapshot: Snapshot, _ merger: Merger?, _ mergePoint: MergePoint?,
        _ settled: (promotion: PromotionID, checks: [Check])?
    ) async throws -> [ChangedPlace: EnvironmentChange.Proposal] {
        var candidates: [Candidate] = []
        for effect in effects {
            guard case .changed(let rendered, _) = effect.outcome else { continue }
            let state = try await session.ledger(of: effect.application.name, snapshot).state
            let merged = state.promotions.last {
                $0.environment == effect.environment && $0.merge.map { $0.commit == mergePoint?.commit } == true
            }
            // Of what is known as merged, the files tell: a later version may render them otherwise.
            guard let promotion = merged ?? state.openPromotion(into: effect.environment),
                merged != nil || promotion.content.rendered == rendered
            else { continue }
            candidates.append(
                Candidate(place: ChangedPlace(effect), application: effect.application, state: state, promotion: promotion))
        }
        let contained = try await inspection.contained(candidates.map(\.promotion), trees)
        let planned = contained.reduce(into: Set<RepositoryPath>()) { $0.formUnion($1.edits) }
        let unplannedPaths = trees.changed.filter { !planned.contains($0) }
        var result: [ChangedPlace: EnvironmentChange.Proposal] = [:]
        for candidate in candidates where contained.contains(where: { $0.promotion.content == candidate.promotion.content }) {
            let id = PromotionID(candidate.application.name, candidate.promotion.number)
            if let settled, settled.promotion == id {
                result[candidate.place] = EnvironmentChange.Proposal(
                    id: id, checks: settled.checks, unplannedPaths: unplannedPaths)
                continue
            }
            result[candidate.place] = EnvironmentChange.Proposal(
                id: id,
                // What the ledger knows as merged was judged when that was written.
                checks: candidate.promotion.merge == nil
                    ? try await self.checks(of: candidate, at: inspection.head, snapshot, merger, mergePoint) : [],
                unplannedPaths: unplannedPaths)
        }
        return result
    }
}

/// An application in an environment that a change concerns.
struct ChangedPlace: Hashable {
    let application: ApplicationName
    let environment: EnvironmentName

    init(_ effect: ChangeInspection.Effect) {
        application = effect.application.name
        environment = effect.environment
    }
}
