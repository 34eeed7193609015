import ArgumentParser
import GitOpsTypes
import PromoteReports
import PromotionConfiguration

/// `promote schema [KIND]`
struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of the configuration's documents, for editors.",
        discussion: """
            Of a kind (\(ConfigurationSchema.kinds.joined(separator: ", "))), or of all of them. An editor takes it by a first line \
            in the file: # yaml-language-server: $schema=<file>
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The kind, such as Environment.")
    var kind: String?

    func run() async throws {
        let terminal = Terminal.current()
        let schema = try kind.map(Self.schema) ?? .ofAnyKind
        try terminal.answer(try Answer(schema), asJSON: global.json)
    }

    private static func schema(ofKind kind: String) throws -> ConfigurationSchema {
        if let schema = ConfigurationSchema(ofKind: kind) { return schema }
        let close = closestMatch(to: kind, among: ConfigurationSchema.kinds)
        throw UsageFailure(
            message: "there is no kind “\(kind.displayable)”: "
                + (close.map { "did you mean `promote schema \($0)`?" }
                    ?? "known are \(ConfigurationSchema.kinds.joined(separator: ", "))"))
    }
}
