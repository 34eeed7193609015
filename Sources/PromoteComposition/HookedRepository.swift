import Foundation
import GitOpsTypes
import GitStore
import PromotionEngine

/// A repository that the hook is in, or is to be in: whether what it names as its target branch is what people push to.
struct HookedRepository {
    private let path: String
    private let configuration: GitConfiguration

    init(_ path: String, _ configuration: GitConfiguration) {
        self.path = path
        self.configuration = configuration
    }

    /// - Parameter isInstalling: whether branches without the target branch stand against it, as they do before anything is pushed.
    /// - Returns: what is wrong, with the command that mends it; nil when nothing is.
    func problem(isInstalling: Bool) async throws -> EngineError? {
        if let space = ProcessInfo.processInfo.environment["GIT_NAMESPACE"], !space.isEmpty {
            return .configuration(
                "the push goes to the namespace “\(space.displayable)” of the repository, which has no policy of its own",
                hint: "give every configuration repository a directory of its own")
        }
        let repository = GitRepository(path: path)
        let present = try await repository.scratch { try $0.refs(below: "refs/heads/").map(\.name) }
        let likely =
            present.first { $0 == "refs/heads/main" } ?? present.first { $0 == "refs/heads/master" }
            ?? present.first ?? "refs/heads/main"
        let remedy =
            "git -C '\(path)' symbolic-ref HEAD \(likely), or git -C '\(path)' config promote.branch \(Self.short(likely))"
        guard let named = try await targetRef(repository) else {
            return .configuration("HEAD of \(path) names no branch, and promote.branch none either", hint: remedy)
        }
        if configuration["core.bare"] != "true", configuration["promote.branch"] == nil {
            return .configuration(
                "HEAD of \(path) follows what is checked out there, so that it does not say which branch holds the policy",
                hint: "git -C '\(path)' config promote.branch \(Self.short(likely))")
        }
        guard isInstalling, !present.isEmpty else { return nil }
        let target = try await repository.scratch { try $0.resolvedName(of: named) }
        guard present.contains(target) else {
            return .configuration(
                "\(configuration["promote.branch"] == nil ? "HEAD" : "promote.branch") of \(path) names \(Self.short(named)), which does not exist: without the policy there, the hook refuses every push",
                hint: remedy)
        }
        return nil
    }

    /// The ref that holds the policy, as the configuration names it; nil where it names no branch.
    private func targetRef(_ repository: GitRepository) async throws -> String? {
        if let name = configuration["promote.branch"] { return BranchName(name)?.ref }
        guard let ref = try await repository.scratch({ try $0.target(ofSymbolicRef: "HEAD") }) else { return nil }
        return BranchName(ref: ref)?.ref
    }

    private static func short(_ ref: String) -> String {
        BranchName(ref: ref)?.text ?? ref
    }
}
