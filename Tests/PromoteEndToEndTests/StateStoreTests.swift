import Foundation
import PromoteTestSupport
import Testing

/// The state store is a copy: whatever becomes of it, answers are the same and nothing is lost.
@Suite struct StateStoreTests {
    enum Damage: String, CaseIterable {
        case deleted, zeroLength, truncated, damagedPages, garbage, olderSchema, newerSchema
        case aDirectoryInItsPlace, aFileInItsFoldersPlace
    }

    private struct Scene {
        let playground: Playground
        let ci: Person

        init() throws {
            playground = try Playground()
            ci = try playground.person("ci")
            #expect(try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))").status == 0)
            #expect(try ci.ask("build", "dev").status == 0)
            #expect(try ci.ask("merge", "web-1").status == 0)
            #expect(try ci.ask("register", "registry.example/web:v2@\(Playground.digest("2"))").status == 0)
            #expect(try ci.ask("build", "dev").status == 0)
        }

        var folder: URL { URL(filePath: ci.directory).appending(path: ".git/promote") }
        var file: URL { folder.appending(component: "state.sqlite") }

        func answers(_ person: Person? = nil) throws -> String {
            let person = person ?? ci
            return try ["status", "history"].map { try person.promote.succeed($0, "--json") }.joined()
        }

        func overwrite(at offset: UInt64, with bytes: [UInt8]) throws {
            let handle = try FileHandle(forUpdating: file)
            try handle.seek(toOffset: offset)
            try handle.write(contentsOf: bytes)
            try handle.close()
        }
    }

    @Test(arguments: Damage.allCases)
    func `Whatever becomes of the file, the answer is the same, and it is said`(_ damage: Damage) throws {
        let scene = try Scene()
        let before = try scene.answers()
        // Source of the offset: SQLite's file format, "user version".
        switch damage {
        case .deleted: try FileManager.default.removeItem(at: scene.file)
        case .zeroLength: try Data().write(to: scene.file)
        case .truncated: try Tool("truncate", in: "/").succeed("-s", "20000", scene.file.path)
        case .damagedPages: try scene.overwrite(at: 5 * 4096, with: [UInt8](repeating: 0xA5, count: 8 * 4096))
        case .garbage: try Data(repeating: 0x5A, count: 50_000).write(to: scene.file)
        case .olderSchema: try scene.overwrite(at: 60, with: [0, 0, 0, 1])
        case .newerSchema: try scene.overwrite(at: 60, with: [0, 0, 3, 231])
        case .aDirectoryInItsPlace:
            try FileManager.default.removeItem(at: scene.file)
            try FileManager.default.createDirectory(at: scene.file, withIntermediateDirectories: true)
        case .aFileInItsFoldersPlace:
            try FileManager.default.removeItem(at: scene.folder)
            try Data().write(to: scene.folder)
        }
        let first = try scene.ci.promote.run("status")
        #expect(first.status == 0)
        switch damage {
        // Nobody needs to hear of a file that they deleted.
        case .deleted: #expect(first.errors.isEmpty)
        case .aDirectoryInItsPlace, .aFileInItsFoldersPlace: #expect(first.errors.contains("kept in memory this time"))
        default: #expect(first.errors.contains("read anew from the ledger"))
        }
        #expect(try scene.answers() == before)
        switch damage {
        case .aDirectoryInItsPlace, .aFileInItsFoldersPlace: break
        default: #expect(try scene.ci.promote.run("status").errors.isEmpty)
        }
        // Work goes on as well.
        #expect(try scene.ci.ask("merge", "web-2").status == 0)
    }

    @Test func `A clone that was moved, or copied, answers the same`() throws {
        let scene = try Scene()
        let before = try scene.answers()
        let moved = scene.playground.scratch.url.appending(component: "elsewhere")
        try FileManager.default.moveItem(atPath: scene.ci.directory, toPath: moved.path)
        let program = Tool(Playground.builtProgram.path, in: moved.path)
        #expect(try ["status", "history"].map { try program.succeed($0, "--json") }.joined() == before)
    }

    @Test func `On a disk that is full, what can be answered is answered`() throws {
        let scene = try Scene()
        let before = try scene.ci.promote.succeed("--offline", "status", "--json")
        // No file may grow: as on a full disk, what is written fails.
        let shell = Tool("sh", in: scene.ci.directory)
        let script = "trap '' XFSZ; ulimit -f 0; exec '\(Playground.builtProgram.path)' --offline status --json"
        for isThere in [true, false] {
            if !isThere { try FileManager.default.removeItem(at: scene.folder) }
            let result = try shell.run("-c", "(\(script)) | cat")
            #expect(result.output.hasPrefix(before), "\(result.errors)")
        }
    }

    @Test func `Many processes on one store answer the same, also while it is made`() throws {
        let scene = try Scene()
        let before = try scene.ci.promote.succeed("status", "--json")
        for _ in 0..<3 {
            try FileManager.default.removeItem(at: scene.file)
            let running = try (0..<8).map { _ in try scene.ci.promote.start(["status", "--json"]) }
            for process in running {
                let result = process.finish()
                #expect(result.status == 0)
                #expect(result.output == before + "\n", "\(result.errors)")
            }
        }
    }
}
