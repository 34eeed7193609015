import Foundation

/// Programs of others that `scripts/fetch-oracles` installs outside of the repository; a machine without them skips what needs them.
public enum Oracles {
    /// The folders, each with a `helm`, by the version of that.
    private static let folders = ["4.3.1": "kubectl-1.37.1", "3.17.3": "kubectl-1.31.9"]

    /// The releases of Helm that are installed, newest first.
    public static let helms: [String] = folders.keys.sorted(by: >).filter { version in
        FileManager.default.isExecutableFile(atPath: folder(ofHelm: version) + "/helm")
    }

    /// The kubectl with Kustomize 5.8.1; nil where it is not installed.
    public static let kubectl: String? = {
        let path = folder(ofHelm: "4.3.1") + "/kubectl"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    /// Those of older releases of Kustomize that are installed, by what an application calls them.
    public static let olderKubectls: [String: String] = ["5.5": "kubectl-1.32.3", "5.7": "kubectl-1.34.5"]
        .mapValues { folder(ofHelm: $0) + "/kubectl" }.filter { FileManager.default.isExecutableFile(atPath: $0.value) }

    /// The folder that has this release of Helm, for PATH.
    public static func folder(ofHelm version: String) -> String {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? (environment["HOME"] ?? "") + "/.cache"
        return "\(cache)/promote-oracles/\(folders[version] ?? version)"
    }
}

extension Person {
    /// The same person, with this release of Helm first in PATH.
    public func having(helm version: String) -> Person {
        with(path: Oracles.folder(ofHelm: version) + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"))
    }

    /// The same person, with this PATH.
    public func with(path: String) -> Person {
        var person = self
        person.environment["PATH"] = path
        return person
    }
}
