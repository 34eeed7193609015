import GitOpsTypes
import GitStore
import PromotionConfiguration
import PromotionDomain

/// What `doctor` looks at where no policy can be read: what needs none.
extension Doctor {
    /// What is told first; nil for an error that is not about the policy.
    static func policyFinding(_ error: any Error) -> SetupFinding? {
        func finding(_ detail: String, _ remedy: String?) -> SetupFinding {
            SetupFinding(topic: "policy", status: .problem, detail: detail, remedy: remedy)
        }
        switch error {
        case let error as ConfigurationError: return finding(error.description, error.hint)
        case EngineError.configuration(let problem, let hint): return finding(problem, hint)
        case let refusal as Refusal where refusal.rule == .policyFromTarget: return finding(refusal.message, refusal.hint)
        default: return nil
        }
    }

    static let unknownIdentity = SetupFinding(
        topic: "identity", status: .problem, detail: "Git does not know who you are", remedy: "git config user.email <you>")

    func findingsWithoutPolicy() async throws -> [SetupFinding] {
        var findings = [identityWithoutPolicy, try await gitFinding()]
        findings += [try await signingFinding()].compactMap(\.self)
        findings += receivingFindings()
        let remote = session.workspace.remote
        return findings + (try await remoteFindings(remote.head(of: session.workspace.targetBranch)))
    }

    /// Who acts, as far as Git's own settings tell.
    private var identityWithoutPolicy: SetupFinding {
        guard let user = session.identity.user else { return Self.unknownIdentity }
        switch session.identity.signing {
        case .ssh:
            return SetupFinding(
                topic: "identity", status: .good, detail: "\(user.principal); Git signs with an SSH key", remedy: nil)
        case .noKey, .otherFormat:
            return SetupFinding(
                topic: "identity", status: .warning, detail: "\(user.principal); Git signs with no SSH key, and only those count",
                remedy: "promote keys add")
        }
    }
}
