import Foundation
import GitOpsTypes
import GitStore
public import PromotionEngine

/// The hook of a bare repository that hands every push to `promote hook pre-receive`.
public enum ReceiveHook {
    public struct Installed: Sendable {
        public let path: String
        /// False when it was there already.
        public let isNew: Bool
    }

    /// Writes the hook, never over one that is not ours, and lets Git examine what is pushed.
    ///
    /// - Parameter runsGates: whether it runs the programs that a policy names.
    /// - Throws: `EngineError.usage` where `repository` is no bare repository, or has a hook of its own;
    ///   `EngineError.configuration` where the hook is written and refuses every push, until what is said is mended.
    public static func install(into repository: String, runsGates: Bool) async throws -> Installed {
        let found = try await FoundRepository(at: repository)
        let (common, configuration) = (found.commonDirectory, found.configuration)
        let program = GitProgram(directory: repository)
        guard configuration["core.bare"] == "true" else {
            throw EngineError.usage(
                "“\(repository.displayable)” is not a bare repository", hint: "the hook belongs where people push to")
        }
        let folder = URL(filePath: try await program.hooksDirectory())
        let isShared = try await !program.setsItself("core.hooksPath")
        guard !isShared || folder.path.hasPrefix(common + "/") else {
            throw EngineError.usage(
                "Git's hooks are in \(folder.path.displayable) by a configuration that other repositories share",
                hint: "give this one its own: git -C '\(common)' config core.hooksPath '\(common)/hooks'")
        }
        // What is judged is read from trees; two programs read two things of a broken one.
        if !configuration.examinesReceivedObjects { try await program.set("receive.fsckObjects", to: "true") }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let installed = try write(Self.script(common, runsGates: runsGates), to: folder)
        // Installed all the same: until that is mended, it refuses every push.
        if let problem = try await HookedRepository(common, configuration).problem(isInstalling: true) { throw problem }
        return installed
    }

    private static func write(_ script: String, to folder: URL) throws -> Installed {
        let file = folder.appending(component: "pre-receive")
        if let present = FileManager.default.contents(atPath: file.path) {
            let isExecutable = FileManager.default.isExecutableFile(atPath: file.path)
            // Git passes a hook over that it may not run.
            if String(decoding: present, as: UTF8.self) == script, isExecutable {
                return Installed(path: file.path, isNew: false)
            }
            guard String(decoding: present, as: UTF8.self).contains(Self.mark) else {
                throw EngineError.usage(
                    "there is a pre-receive hook already: \(file.path)",
                    hint: "call `promote hook pre-receive` from it, with its standard input")
            }
        }
        let new = folder.appending(component: "pre-receive.new")
        try Data(script.utf8).write(to: new)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: new.path)
        // At once, so that no push ever meets half a hook.
        guard rename(new.path, file.path) == 0 else {
            throw EngineError.configuration("\(file.path) cannot be written", hint: nil)
        }
        return Installed(path: file.path, isNew: true)
    }

    /// What keeps a repository from being guarded; nil when nothing does.
    ///
    /// - Throws: `GitError` where it cannot be read.
    public static func problem(with repository: FoundRepository) async throws -> EngineError? {
        try await HookedRepository(repository.commonDirectory, repository.configuration).problem(isInstalling: false)
    }

    /// The seconds that judging a push may take: Git's configuration `promote.hookTimeout`, or ten minutes.
    ///
    /// - Throws: `EngineError.configuration` where that is no number of seconds up to a day.
    public static func timeout(in repository: FoundRepository) throws -> Int {
        guard let text = repository.configuration["promote.hooktimeout"] else { return 600 }
        guard let seconds = Int(text), (1...86_400).contains(seconds) else {
            throw EngineError.configuration(
                "promote.hookTimeout “\(text.displayable)” is not a number of seconds from 1 to 86400", hint: nil)
        }
        return seconds
    }

    private static let mark = "# Installed by `promote hook install`."

    /// Refuses whatever is not judged: a program that is missing, or one that ends in a way of its own, lets nothing in.
    private static func script(_ repository: String, runsGates: Bool) -> String {
        let program = ProcessInfo.processInfo.arguments.first.map(\.self) ?? "promote"
        let path = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path
        func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }
        let option = runsGates ? " --run-gates" : ""
        return """
            #!/bin/sh
            \(mark)
            # Judges every push; what breaks a rule, or cannot be judged, does not land.
            promote=\(quoted(path == "/proc/self/exe" ? program : path))
            if ! [ -x "$promote" ]; then
                echo "promote refuses this push: $promote is not there, so that nothing can be judged" >&2
                echo 'hint: on the server: promote hook install\(option) --bare' \(quoted(quoted(repository))) >&2
                exit 69
            fi
            "$promote" hook pre-receive\(option)
            status=$?
            case $status in
            0 | 64 | 65 | 69 | 70 | 75 | 77) ;;
            *) echo "promote refuses this push: judging it ended with status $status and no verdict" >&2 ;;
            esac
            exit $status

            """
    }
}
