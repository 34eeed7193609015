import CProcess
import Glibc
import Secrets

/// The environment as this process was given it, taken out of where other programs can read it.
///
/// What runs as the same user may read `/proc/<pid>/environ`, which shows the bytes that the process was started with, whatever
/// became of its variables since. So every variable is copied, the tokens apart from the others, and the bytes are overwritten.
///
/// Source: proc(5), environ(7).
enum InheritedEnvironment {
    /// The variables that hold tokens for forges. Programs that we start have them no more than our own environment.
    private static let secretNames: Set<String> = [
        "PROMOTE_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN", "GITEA_TOKEN", "FORGEJO_TOKEN",
    ]

    /// The tokens by the names of their variables.
    static let tokens = take()

    /// To be called before there are threads, and before any other program is started.
    static func seal() {
        _ = tokens
        // Without it, memory is as open as the environment was. Where it is refused, nothing is worse than before.
        _ = promote_forbid_inspection()
    }

    private static func take() -> [String: Secret] {
        guard let block = promote_environment() else { return [:] }
        var tokens: [String: Secret] = [:]
        var kept: [UnsafeMutablePointer<CChar>?] = []
        var index = 0
        while let entry = block[index] {
            let text = String(cString: entry)
            let name = text.prefix { $0 != "=" }
            if secretNames.contains(String(name)) {
                // As getenv has it, the first of several counts.
                tokens[String(name)] = tokens[String(name)] ?? Secret(String(text.dropFirst(name.count + 1)))
            } else {
                Redaction.rememberUserInformation(in: text)
                kept.append(strdup(entry))
            }
            explicit_bzero(entry, strlen(entry))
            index += 1
        }
        // For as long as the process runs.
        let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: kept.count + 1)
        list.initialize(repeating: nil, count: kept.count + 1)
        for (position, entry) in kept.enumerated() { list[position] = entry }
        promote_replace_environment(list)
        return tokens
    }
}
