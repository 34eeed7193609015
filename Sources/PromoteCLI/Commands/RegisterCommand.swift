import ArgumentParser
import GitOpsTypes
import PromoteReports
import PromotionDomain
import PromotionEngine

/// `promote register <image>…`
struct RegisterCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "register", abstract: "Record a build: the digests CI pushed, and where they came from.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Every image of the release, as <name>[:<tag>][@sha256:<digest>].")
    var images: [String] = []

    @Option(
        name: .customLong("chart"),
        help: ArgumentHelp(
            "A Helm chart of the release, as <name>[:<version>][@sha256:<digest>]; once for each.", valueName: "chart"))
    var charts: [String] = []

    @Option(help: ArgumentHelp("The application; needed where there are several.", valueName: "app"))
    var app: String?

    @Option(help: ArgumentHelp("The source commit.", valueName: "commit"))
    var commit: String?

    @Option(help: ArgumentHelp("The source repository.", valueName: "url"))
    var source: String?

    @Option(name: .customLong("run"), help: ArgumentHelp("The CI run.", valueName: "url"))
    var ciRun: String?

    @Option(help: ArgumentHelp("The tag, for images given without one.", valueName: "tag"))
    var tag: String?

    @Flag(help: "Ask no registry: it stays unknown whether the images are there. The release says so.")
    var noRegistry = false

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        let request = RegistrationRequest(
            images: try images.map { text in
                guard let image = ImageReference(text) else {
                    throw invalid(text, "an image: <name>[:<tag>][@sha256:<64 hex digits>]")
                }
                return image
            },
            charts: try charts.map(chart), application: app, commit: try parsed(commit), source: source?.withoutUserInformation,
            run: ciRun?.withoutUserInformation, tag: try parsed(tag),
            asksRegistries: !noRegistry)
        return Answer(try await engine.register(request))
    }

    /// A chart's reference: in front of its version, perhaps with the scheme that Helm writes.
    private func chart(_ text: String) throws -> ImageReference {
        let plain = text.hasPrefix("oci://") ? text.dropFirst("oci://".count) : text[...]
        // Registries know no `+`. Source: Helm, "Use OCI-based registries".
        guard let chart = ImageReference(plain.replacing("+", with: "_")) else {
            throw invalid(text, "a chart: <name>[:<version>][@sha256:<64 hex digits>]")
        }
        return chart
    }

    func validate() throws {
        guard !images.isEmpty || !charts.isEmpty else {
            throw ValidationError("name the images and charts of the release: promote register <image>… [--chart <chart>]")
        }
    }

    private func parsed<Value: ValidatedText>(_ text: String?) throws -> Value? {
        guard let text else { return nil }
        guard let value = Value(text) else { throw invalid(text, Value.noun) }
        return value
    }

    private func invalid(_ text: String, _ noun: String) -> EngineError {
        .usage("“\(text.displayable)” is not \(noun)", hint: nil)
    }
}
