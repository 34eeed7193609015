import ArgumentParser
import GitOpsTypes
import PromoteReports
import PromotionDomain
import PromotionEngine

/// The promotions that a command is about.
struct NamedPromotions: ParsableArguments {
    @Argument(help: "The promotion, such as web-3; several, or 'shop-*' for the open ones that match.")
    var promotions: [String]

    /// Does the same to each of them.
    ///
    /// - Parameter act: is given a promotion's name.
    func answer(
        _ engine: PromotionEngine, _ style: TextStyle, _ act: (String) async throws -> PromotionReport
    ) async throws -> Answer {
        if promotions.count == 1, !promotions[0].contains("*") { return Answer(try await act(promotions[0]), style) }
        var outcomes: [PromotionOutcome] = []
        for id in try await engine.promotions(named: promotions) {
            do {
                outcomes.append(.promoted(try await act(id.description)))
            } catch {
                outcomes.append(.failed(application: id.application.text, promotion: id, error))
            }
        }
        return Answer(outcomes, style)
    }
}
