import Foundation
import GitOpsTypes
import GitStore
import PromotionEngine

/// The hook of a bare repository that hands every push to `promote hook pre-receive`.
public enum ReceiveHook {
    public struct Installed: Sendable {
        public let path: String
        /// False when it was there already.
        public let isNew: Bool
    }

    /// Writes the hook, never over one that is not ours, and lets Git examine what is pushed.
    ///
    /// - Throws: `EngineError.usage` where `repository` is no bare repository, or has a hook of its own.
    public static func install(into repository: String) async throws -> Installed {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: repository, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw EngineError.usage("there is no directory “\(repository.displayable)”", hint: nil)
        }
        let program = GitProgram(directory: repository)
        let common = try await program.commonDirectory()
        let configuration = try await program.configuration()
        guard configuration["core.bare"] == "true" else {
            throw EngineError.usage(
                "“\(repository.displayable)” is not a bare repository", hint: "the hook belongs where people push to")
        }
        // What is judged is read from trees; two programs read two things of a broken one.
        if !configuration.examinesReceivedObjects { try await program.set("receive.fsckObjects", to: "true") }
        let folder =
            configuration["core.hookspath"].map { URL(filePath: $0, relativeTo: URL(filePath: common)) }
            ?? URL(filePath: common).appending(component: "hooks")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(component: "pre-receive")
        let script = Self.script
        if let present = FileManager.default.contents(atPath: file.path) {
            if String(decoding: present, as: UTF8.self) == script { return Installed(path: file.path, isNew: false) }
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

    private static let mark = "# Installed by `promote hook install`."

    private static var script: String {
        let program = ProcessInfo.processInfo.arguments.first.map(\.self) ?? "promote"
        let path = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path
        let quoted = (path == "/proc/self/exe" ? program : path).replacing("'", with: "'\\''")
        return """
            #!/bin/sh
            \(mark)
            # Judges every push; what breaks a rule does not land.
            exec '\(quoted)' hook pre-receive

            """
    }
}
