import ArgumentParser
import PromoteComposition
import PromoteReports

/// `promote init`
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Write a starter layout into a repository; never overwrites a file.")

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The application's name.", valueName: "app"))
    var app = "web"

    @Option(help: ArgumentHelp("The image it runs.", valueName: "image"))
    var image = "registry.example/web"

    func run() async throws {
        let starter = try await StarterLayout.write(into: global.directory, application: app, image: image)
        let answer = Answer(starterFiles: starter.written, in: starter.directory)
        try Terminal.current().answer(answer, asJSON: global.json)
    }
}
