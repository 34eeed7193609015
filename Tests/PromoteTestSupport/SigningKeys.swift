import Foundation

/// Keys of the people in tests, made once for all tests of a process.
struct SigningKeys: Sendable {
    static let shared = Result { try SigningKeys(of: Playground.people + ["mallory"]) }

    private let files: FolderImage

    private init(of names: [String]) throws {
        let scratch = try ScratchDirectory()
        let running = try names.map { name in
            try Tool("ssh-keygen", in: scratch.path).start(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", "key-\(name)"])
        }
        for program in running where program.finish().status != 0 {
            throw ToolResult.Failed(description: "ssh-keygen makes no key: \(program.finish().errors)")
        }
        files = try FolderImage(of: scratch.url)
    }

    /// Writes `key-alice` and `key-alice.pub`, and those of everybody else.
    func write(to folder: URL) throws {
        try files.write(to: folder)
    }
}
