import Foundation
import PromoteTestSupport
import Testing

/// A whole message of the command line as it was last agreed upon: a file of Goldens.
///
/// `GOLDENS=write swift test --filter PromoteReportsTests` writes them anew, to be read in the difference of the commit.
enum Golden {
    private static let folder = Playground.repositoryRoot.appending(path: "Tests/PromoteReportsTests/Goldens")
    private static let isWritten = ProcessInfo.processInfo.environment["GOLDENS"] == "write"

    static func expect(_ text: String, is name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let file = folder.appending(component: "\(name).txt")
        if isWritten { try Data(text.utf8).write(to: file) }
        let golden = try String(contentsOf: file, encoding: .utf8)
        #expect(text == golden, "\(name)", sourceLocation: sourceLocation)
    }

    static func names() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: folder.path).map { String($0.dropLast(4)) })
    }
}
