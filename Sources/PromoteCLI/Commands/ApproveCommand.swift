import ArgumentParser
import PromoteReports
import PromotionDomain
import PromotionEngine

/// What is approved: a promotion, or a change that is none.
struct ApprovedThing: ParsableArguments {
    @Argument(help: "The promotion, such as web-3; several, or 'shop-*' for the open ones that match.")
    var promotions: [String] = []

    @Option(help: ArgumentHelp("A change that is no promotion, by its head commit.", valueName: "commit"))
    var change: String?

    @Option(help: ArgumentHelp("The branch of environments that the change goes to.", valueName: "branch"))
    var branch: String?

    enum Kind {
        case promotions(PromotionNames)
        case change(String)
    }

    var kind: Kind {
        get throws {
            switch change {
            case let change? where promotions.isEmpty: return .change(change)
            case nil where !promotions.isEmpty:
                guard branch == nil else { throw UsageFailure(message: "--branch is of a --change; a promotion knows its own") }
                return .promotions(PromotionNames(names: promotions))
            case nil, _?: throw UsageFailure(message: "name either a promotion, such as web-3, or a --change by its head commit")
            }
        }
    }
}

/// `promote approve P`, `promote approve --change <commit>`
struct ApproveCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Consent to exactly what a promotion, or a change, proposes now, signed with your key.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var thing: ApprovedThing

    @Option(help: ArgumentHelp("Only if this is still the promotion's head: the commit you reviewed.", valueName: "commit"))
    var head: String?

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        if thing.promotions.isEmpty, thing.change == nil {
            let waiting = try await engine.awaitedApprovals().map(\.description)
            throw EngineError.usage(
                "name what you approve: a promotion, or a --change by its head commit",
                hint: waiting.isEmpty
                    ? "no promotion waits for your approval"
                    : "for your approval wait \(waiting.count): promote approve \(waiting.joined(separator: " "))")
        }
        switch try thing.kind {
        case .promotions(let named):
            if head != nil, named.isSeveral { throw UsageFailure(message: "--head is of one promotion") }
            return try await named.answer(engine, terminal.style) { try await engine.approve($0, head: head) }
        case .change(let change):
            return Answer(try await engine.approveChange(change, on: thing.branch), as: .recorded(terminal.style))
        }
    }
}

/// `promote reject P --reason`
struct RejectCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "Say no to a promotion, signed with your key: it is not merged until you `revoke` that, or approve.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The promotion, such as web-3.")
    var promotion: String

    @Option(help: "Why; it stays in the ledger.")
    var reason: String

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        Answer(try await engine.reject(promotion, reason: reason), terminal.style)
    }
}

/// `promote revoke P`, `promote revoke --change <commit>`
struct RevokeCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take back your approval or rejection of a promotion, or your approval of a change.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var thing: ApprovedThing

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        switch try thing.kind {
        case .promotions(let named):
            return try await named.answer(engine, terminal.style) { try await engine.revoke($0) }
        case .change(let change):
            return Answer(try await engine.revokeChange(change, on: thing.branch), as: .recorded(terminal.style))
        }
    }
}
