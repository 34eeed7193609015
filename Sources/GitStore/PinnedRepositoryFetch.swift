import Foundation
public import GitOpsTypes

/// Brings other repositories into this one, each at a commit, once, and without its history.
///
/// What it is given comes from files that others write: it talks over what is permitted here alone, asks nothing at a terminal, and
/// gives up what takes too long or is too large.
public struct PinnedRepositoryFetch: Sendable {
    /// Git's configuration that says over what other repositories are fetched.
    public static let protocolsKey = "promote.baseProtocols"

    private let commonDirectory: String
    private let configuration: GitConfiguration
    private let patience: TransportPatience
    /// In bytes. Three times what is sent, about: it is received, looked through and written.
    var trafficLimit = 1 << 30
    private static let timeout = Duration.seconds(600)
    /// Where it is in the repository that it is fetched into first.
    private static let fetchedRef = "refs/heads/fetched"
    private static let keptRef = "refs/heads/kept"

    public init(into commonDirectory: String, configuration: GitConfiguration, patience: TransportPatience) {
        self.commonDirectory = commonDirectory
        self.configuration = configuration
        self.patience = patience
    }

    /// Fetches the commit and its files, unless they are here.
    ///
    /// - Throws: `GitError`; `.configuration` for a protocol that is not permitted, `.remoteUnavailable`, `.remoteSilent`.
    public func fetch(_ repository: PinnedRepository) async throws {
        let ref = try KeptRepository.ref(of: repository)
        guard try !isKept(repository) else { return }
        let scheme = try await scheme(of: repository)
        let folder = try ScratchRepository()
        defer { folder.remove() }
        try await bring(repository, over: scheme, into: folder)
        try keep(repository, in: folder)
        try await take(repository, as: ref, from: folder)
    }

    private func isKept(_ repository: PinnedRepository) throws(GitError) -> Bool {
        try GitObjects(path: commonDirectory, inMemory: true).files(of: repository) != nil
    }

    // MARK: Protocols

    /// What Git reaches an address over, by its own configuration.
    private func scheme(of repository: PinnedRepository) async throws -> String {
        let written = Self.scheme(of: repository.address)
        let output = try await process().run(["ls-remote", "--get-url", "--", repository.address])
        let address = String(decoding: output.standardOutput, as: UTF8.self).firstLine
        let scheme = output.isSuccess && !address.isEmpty ? Self.scheme(of: address) : written
        // A helper is a program, which no configuration permits here.
        let isKnown = Self.known.contains(scheme)
        // Where Git's configuration puts another address in its place, that is permitted by it.
        guard isKnown, permitted.contains(scheme) || address != repository.address else {
            let more = permitted.union([scheme]).sorted().joined(separator: " ")
            throw GitError(
                .configuration, "fetch \(repository.address)", "no remote base is fetched over \(scheme.displayable) here",
                hint: isKnown
                    ? "to permit it in this clone: git config \(Self.protocolsKey) '\(more)'"
                    : "name its address for https or ssh")
        }
        return scheme
    }

    private static let known: Set = ["https", "ssh", "http", "git", "file"]

    private var permitted: Set<String> {
        guard let text = configuration[Self.protocolsKey.lowercased()] else { return ["https", "ssh"] }
        return Set(text.split { $0 == " " || $0 == "," }.map(String.init))
    }

    /// Source: git-clone(1), “Git URLs”; gitremote-helpers(7).
    private static func scheme(of address: String) -> String {
        if let helper = address.firstRange(of: "::"),
            address.firstRange(of: "/").map({ $0.lowerBound > helper.lowerBound }) ?? true
        {
            return String(address[..<helper.lowerBound])
        }
        if let scheme = address.firstRange(of: "://") { return address[..<scheme.lowerBound].lowercased() }
        let colon = address.firstIndex(of: ":"), slash = address.firstIndex(of: "/")
        guard let colon, slash.map({ colon < $0 }) ?? true else { return "file" }
        return "ssh"
    }

    // MARK: Steps

    private func process(_ environment: [String: String] = [:]) -> ToolProcess {
        var process = ToolProcess(program: "git", directory: commonDirectory)
        process.environment = environment.merging([
            "GIT_TERMINAL_PROMPT": "0", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": "/dev/null",
        ]) { $1 }
        return process
    }

    private static let options = [
        "--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules",
    ]

    private func bring(_ repository: PinnedRepository, over scheme: String, into folder: ScratchRepository) async throws {
        var process = process(["GIT_DIR": folder.path, "GIT_ALLOW_PROTOCOL": scheme])
        process.timeout = Self.timeout
        process.silence = patience.silence
        process.trafficLimit = trafficLimit
        // Without a terminal, where SSH would ask about a host that is not known.
        process.hasOwnSession = true
        // With the clone's own configuration, as for its remote: proxies, credentials, addresses in place of others. Headers that are
        // for every server are for none that others name.
        let settings = [
            "include.path=\(commonDirectory)/config", "core.bare=true", "core.hooksPath=/dev/null", "fetch.fsckObjects=true",
            "http.extraHeader=",
        ]
        let arguments =
            settings.flatMap { ["-c", $0] } + ["fetch", "--depth=1"] + Self.options + [
                "--", repository.address, "\(repository.commit.hex):\(Self.fetchedRef)",
            ]
        let operation = "fetch \(repository.address)"
        let output: ToolProcess.Output
        do {
            output = try await patience.waiting(for: repository.address) { try await process.run(arguments) }
        } catch is ToolProcess.FellSilent {
            throw GitError(.remoteSilent, operation, "it takes the connection and does not answer")
        }
        guard output.isSuccess else {
            throw GitError(
                .remoteUnavailable, operation, output.standardError.lastLines.displayable,
                hint:
                    "see that the commit \(repository.commit.short) is there, and that `git ls-remote \(repository.address)` works"
            )
        }
    }

    private func keep(_ repository: PinnedRepository, in folder: ScratchRepository) throws {
        let objects = try GitObjects(path: folder.path, inMemory: false)
        try objects.moveRef(Self.keptRef, from: nil, to: try objects.keep(repository), reason: "promote: kept")
        // What is handed on has no parents: nothing of it is cut off.
        let cut = folder.path + "/shallow"
        if FileManager.default.fileExists(atPath: cut) { try FileManager.default.removeItem(atPath: cut) }
    }

    private func take(_ repository: PinnedRepository, as ref: String, from folder: ScratchRepository) async throws {
        let process = process(["GIT_DIR": commonDirectory, "GIT_ALLOW_PROTOCOL": "file"])
        let output = try await process.run(
            ["-c", "core.hooksPath=/dev/null", "fetch"] + Self.options + ["--", folder.path, "+\(Self.keptRef):\(ref)"])
        // Another process may have been faster.
        guard try output.isSuccess || isKept(repository) else {
            throw GitError(.failed, "keep \(repository.address)", output.standardError.lastLines.displayable)
        }
    }
}
