import Foundation
import PromoteTestSupport
import PromotionConfiguration
import Testing

/// Words that are commands, and so no environments.
@Suite struct CommandNameTests {
    private struct Help: Decodable {
        struct Command: Decodable {
            let commandName: String
            let aliases: [String]?
            let subcommands: [Command]?
        }

        let command: Command
    }

    /// Commands to come, whose names no environment may take before, and the word for where builds come from.
    private static let reserved: Set = ["agent", "board", "build", "drift", "metrics", "releases", "schema", "serve"]

    @Test func `No environment is called like a command, of now or to come`() throws {
        let output = try Tool(Playground.builtProgram.path, in: "/").run("--experimental-dump-help").output
        let help = try JSONDecoder().decode(Help.self, from: Data(output.utf8))
        let commands = Set((help.command.subcommands ?? []).flatMap { [$0.commandName] + ($0.aliases ?? []) })
        #expect(commands.count > 20)
        #expect(PolicyLoader.commandNames == commands.union(Self.reserved))
    }
}
