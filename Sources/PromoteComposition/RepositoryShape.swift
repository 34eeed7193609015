import GitOpsTypes
import GitStore
import PromotionEngine

/// What a clone has to be so that it can be worked in: judged from Git's own configuration, before anything is opened.
struct RepositoryShape {
    let configuration: GitConfiguration

    /// - Throws: `EngineError.configuration` for a repository whose objects or refs cannot be read here.
    func requireReadable() throws {
        if let format = configuration["extensions.objectformat"]?.lowercased(), format != "sha1" {
            throw EngineError.configuration(
                "this repository names its objects by \(format == "sha256" ? "SHA-256" : format.displayable), and promote reads those named by SHA-1 alone",
                hint:
                    "move it to a new one: git init --bare --object-format=sha1 <new>; git fast-export --all --signed-tags=strip | git -C <new> fast-import"
            )
        }
        if let storage = configuration["extensions.refstorage"]?.lowercased(), storage != "files" {
            throw EngineError.configuration(
                "this repository keeps its refs as \(storage.displayable), and promote reads those kept as files alone",
                hint: "git refs migrate --ref-format=files")
        }
    }

    /// Why nothing can be written through `remote`; nil when there is no reason.
    ///
    /// An event has to land where it is read: events that go to a fork, or to a mirror of it, would be told as recorded, and
    /// no reader would ever count them.
    func writingProblem(_ remote: GitRemote, _ program: GitProgram) async throws -> Workspace.Problem? {
        guard !remote.isItself else { return nil }
        if configuration["remote.\(remote.name).mirror"] == "true" {
            return .init(
                what:
                    "this clone is a mirror: every fetch of it throws away what promote keeps of \(remote.name), and Git pushes all of it or nothing",
                hint:
                    "git clone \(configuration["remote.\(remote.name).url"] ?? "<url>"), and work there; or turn this one into an ordinary clone: git config --unset remote.\(remote.name).mirror; git config remote.\(remote.name).fetch '+refs/heads/*:refs/remotes/\(remote.name)/*'"
            )
        }
        guard configuration.mayPushElsewhere(remote.name) else { return nil }
        let read = try await program.addresses(of: remote.name, pushing: false)
        let written = try await program.addresses(of: remote.name, pushing: true)
        guard let source = read.first, let other = written.first(where: { !RemoteAddress.isSame($0, source) }) else { return nil }
        return .init(
            what:
                "\(remote.name) is read from \(source.displayable), and pushed to \(other.displayable): what is recorded there would not be read",
            hint:
                "read and push the same repository: git config --unset-all remote.\(remote.name).pushurl (and url.*.pushInsteadOf), or git remote add upstream <url> and --remote upstream"
        )
    }

    /// Where Git's configuration says that promote's is: `promote.directory`; nil where it says nothing.
    ///
    /// - Throws: `EngineError.configuration` when that is no folder of a repository.
    func configurationFolder() throws -> RepositoryPath? {
        guard let text = configuration[Self.configurationFolderKey] else { return nil }
        guard let path = RepositoryPath(text), !path.isRoot else {
            throw EngineError.configuration(
                "\(Self.configurationFolderKey) “\(text.displayable)” is no folder of the repository",
                hint: "git config \(Self.configurationFolderKey) promote, or another path from its root")
        }
        return path
    }

    static let configurationFolderKey = "promote.directory"

    /// Where it is unless Git's configuration says otherwise.
    static let usualConfigurationFolder: RepositoryPath = {
        guard let path = RepositoryPath("environments") else { preconditionFailure("a word is a path") }
        return path
    }()

    /// - Throws: `EngineError.configuration` when the time is not a number of seconds.
    func patience(_ waiting: @escaping @Sendable (String?) -> Void) throws -> TransportPatience {
        guard let text = configuration[TransportPatience.configurationKey] else { return TransportPatience(tell: waiting) }
        guard let seconds = Int(text), (1...86_400).contains(seconds) else {
            throw EngineError.configuration(
                "\(TransportPatience.configurationKey) “\(text.displayable)” is no number of seconds from 1 to 86400",
                hint: "git config \(TransportPatience.configurationKey) 60")
        }
        return TransportPatience(silence: .seconds(seconds), tell: waiting)
    }
}
