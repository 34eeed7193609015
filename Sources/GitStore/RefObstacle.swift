import Foundation

/// A file of the repository's own that keeps its refs from being moved: a lock that is held or left over, or a ref without a
/// commit in it, as a power cut leaves one.
struct RefObstacle: Sendable {
    enum Kind: Sendable {
        case lock
        case brokenRef
    }

    let kind: Kind
    let path: String
    /// Seconds since it was last written.
    let age: Int

    /// Whether no program can still be at work with it. Git holds a lock of a ref for an instant.
    var isLeftOver: Bool { age > 10 }

    /// `failure`, with what is in the way and how it is taken away.
    func error(_ failure: GitError) -> GitError {
        switch kind {
        case .lock:
            GitError(
                .locked, failure.operation,
                "the lock file \(path) is in the way; it has been there for \(Self.duration(age)) (\(failure.detail))",
                hint: "if no git is at work in this repository, it is left over from one that was killed: rm '\(path)'")
        case .brokenRef:
            GitError(
                .configuration, failure.operation,
                "the file \(path), written \(Self.duration(age)) ago, is damaged: there is no commit in it (\(failure.detail))",
                hint: "rm '\(path)'; the next command fetches it again")
        }
    }

    /// The first obstacle for a fetch into the refs below `prefix`, which ends in a slash.
    static func first(below prefix: String, in commonDirectory: String) -> RefObstacle? {
        let folder = URL(filePath: commonDirectory)
        let names = FileManager.default.enumerator(atPath: folder.appending(path: prefix).path)?.compactMap { $0 as? String }
        let refs = (names ?? []).sorted().map { prefix + $0 }
        let locks = refs.filter { $0.hasSuffix(".lock") } + ["packed-refs.lock", "shallow.lock"]
        return locks.lazy.compactMap { obstacle(.lock, folder.appending(path: $0).path) }.first
            ?? refs.lazy.filter { !$0.hasSuffix(".lock") && isBroken(folder.appending(path: $0).path) }
            .compactMap { obstacle(.brokenRef, folder.appending(path: $0).path) }.first
    }

    /// The locks of files of the repository.
    static func locks(of files: [String], in commonDirectory: String) -> [RefObstacle] {
        files.compactMap { obstacle(.lock, URL(filePath: commonDirectory).appending(path: $0 + ".lock").path) }
    }

    /// Nil when there is no such file.
    private static func obstacle(_ kind: Kind, _ path: String) -> RefObstacle? {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            let written = attributes[.modificationDate] as? Date ?? Date()
            return RefObstacle(kind: kind, path: path, age: max(0, Int(Date().timeIntervalSince(written))))
        } catch {
            return nil
        }
    }

    /// Whether a file below `refs/` is no ref: neither a commit's name nor the name of another ref.
    private static func isBroken(_ path: String) -> Bool {
        guard let content = FileManager.default.contents(atPath: path) else { return false }
        let text = String(decoding: content, as: UTF8.self).firstLine
        return !text.hasPrefix("ref: ") && !(text.count >= 40 && text.allSatisfy(\.isHexDigit))
    }

    private static func duration(_ seconds: Int) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) minutes"
        case ..<172_800: "\(seconds / 3600) hours"
        default: "\(seconds / 86_400) days"
        }
    }
}
