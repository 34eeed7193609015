import ArgumentParser
import PromoteReports
import PromotionEngine

/// `promote fetch-base`
struct FetchBaseCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch-base",
        abstract: "Fetch a remote base of a kustomization into this clone, pinned by a full commit.",
        discussion: """
            What the target branch builds on is fetched when it is needed. What a proposal builds on is not, as its author \
            chooses the address: this fetches it, once it has been looked at. In CI, --fetch-bases fetches whatever a proposal names.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("The base as the kustomization names it.", valueName: "url"))
    var base: String

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        Answer(fetched: try await engine.fetchBase(base))
    }
}
