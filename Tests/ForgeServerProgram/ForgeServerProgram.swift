import ArgumentParser
import ForgeServer

/// The tests' forge as a program: for benchmarks, and to try promote by hand. Prints its API's address, then every request.
@main
struct ForgeServerProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "forge-server")

    @Option(help: "github, gitlab or gitea.")
    var type: String

    @Option(help: "The bare repository that it hosts.")
    var hosting: String

    @Option(help: "Its path on the forge.")
    var repository = "acme/config"

    @Option(help: "login=token, as often as there are accounts.")
    var account: [String] = []

    func run() async throws {
        guard let kind = ForgeServer.Kind(rawValue: type) else { throw ValidationError("--type is github, gitlab or gitea") }
        let server = try ForgeServer(kind, hosting: hosting, as: repository)
        for text in account {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw ValidationError("--account is login=token") }
            server.add(token: parts[1], of: parts[0])
        }
        server.narrate { print($0) }
        print(server.api)
        while !Task.isCancelled { try await Task.sleep(for: .seconds(3600)) }
    }
}
