import ArgumentParser
import Foundation
import PromoteComposition

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
        let terminal = Terminal.current()
        if global.json {
            terminal.answer(try JSONValue.object(["written": .array(starter.written.map { .string($0) })]).rendered())
            return
        }
        var lines = [
            starter.written.isEmpty
                ? "Nothing to do: the starter layout is there already" : "Wrote a starter layout into \(starter.directory)"
        ]
        lines += starter.written.map { "  \($0)" }
        lines += ["", "next: read environments/, then: git add . && git commit -m \"Start promoting\" && git push"]
        terminal.answer(lines.joined(separator: "\n") + "\n")
    }
}
