import ArgumentParser
import GitOpsTypes
import PromoteReports
import PromotionDomain
import PromotionEngine

/// The promotions that a command is about.
struct NamedPromotions: ParsableArguments {
    @Argument(help: "The promotion, such as web-3; several, or 'shop-*' for the open ones that match.")
    var promotions: [String]

    var names: PromotionNames { PromotionNames(names: promotions) }
}

/// Names of promotions, as they are typed.
struct PromotionNames {
    let names: [String]

    /// Whether they may be more than one promotion.
    var isSeveral: Bool { names.count > 1 || names.contains { $0.contains("*") } }

    /// Does the same to each of them.
    ///
    /// - Parameter act: is given a promotion's name.
    func answer(
        _ engine: PromotionEngine, _ style: TextStyle, _ act: (String) async throws -> PromotionReport
    ) async throws -> Answer {
        if let only = names.first, !isSeveral { return Answer(try await act(only), style) }
        var outcomes: [PromotionOutcome] = []
        for id in try await engine.promotions(named: names) {
            do {
                outcomes.append(.promoted(try await act(id.description)))
            } catch {
                outcomes.append(.failed(application: id.application.text, promotion: id, error))
            }
        }
        return Answer(outcomes, style)
    }
}
