import GitOpsTypes
public import PromotionDomain

extension Event {
    /// One line for people: what `git log` of the ledger and `history` show.
    public func summary(of application: ApplicationName) -> String {
        func id(_ number: Int) -> PromotionID { PromotionID(application, number) }
        switch payload {
        case .releaseRegistered(let payload):
            let source = payload.build.commit.map { " from commit \($0.text.prefix(12))" } ?? ""
            return "register \(payload.release)\(source)"
        case .promotionRequested(let payload):
            let emergency = payload.emergency.map { ", in an EMERGENCY: \($0)" } ?? ""
            if payload.from.isRollback(into: payload.environment) {
                return "request \(id(payload.promotion)): roll \(payload.environment) back to \(payload.release)\(emergency)"
            }
            return
                "request \(id(payload.promotion)): \(payload.release) from \(payload.from) into \(payload.environment)\(emergency)"
        case .pullRequestOpened(let payload):
            return "open pull request #\(payload.pullRequest.number) of \(id(payload.promotion))"
        case .promotionApproved(let payload):
            let who = payload.review.map { "record that \($0.principal) approved" } ?? "approve"
            return "\(who) \(id(payload.promotion)): \(payload.release) into \(payload.environment)"
        case .approvalRevoked(let payload):
            let whose = payload.review.map { "record that \($0.principal) took back" } ?? "revoke"
            return "\(whose) the approval of \(id(payload.promotion))"
        case .promotionRejected(let payload): return "reject \(id(payload.promotion)): \(payload.reason)"
        case .rejectionWithdrawn(let payload): return "withdraw the rejection of \(id(payload.promotion))"
        case .promotionMerged(let payload):
            let who = payload.onForge.map { "record that \($0.principal) merged" } ?? "merge"
            return "\(who) \(id(payload.promotion)): \(payload.release) is now the desired state of \(payload.environment)"
        case .promotionClosed(let payload): return "close \(id(payload.promotion)): \(payload.reason)"
        case .promotionSuperseded(let payload): return "supersede \(id(payload.promotion)) by \(id(payload.by))"
        case .verificationRecorded(let payload):
            return "verify \(payload.release) in \(payload.environment): \(payload.result.rawValue)"
        case .holdPlaced(let payload): return "hold \(payload.environment): \(payload.reason)"
        case .holdLifted(let payload): return "resume \(payload.environment)"
        case .releaseYanked(let payload): return "yank \(payload.release): \(payload.reason)"
        case .violationDetected(let payload):
            return "find a violation in \(payload.environment), commit \(payload.commit.short): \(payload.detail)"
        case .freezePlaced(let payload):
            return "freeze \(payload.environment)\(payload.until.map { " until \($0)" } ?? ""): \(payload.reason)"
        case .freezeLifted(let payload): return "unfreeze \(payload.environment)"
        case .changeApproved(let payload):
            let what =
                payload.results.map { "\($0.application) in \($0.environment)" } + (payload.policy == nil ? [] : ["the policy"])
            let more = what.count > 5 ? " and \(what.count - 5) more" : ""
            return "approve the change \(payload.head.short) of \(what.prefix(5).joined(separator: ", "))\(more)"
        case .changeApprovalRevoked(let payload): return "revoke the approval of the change \(payload.head.short)"
        case .policyViolationDetected(let payload):
            return "find a change of the policy that does not count, commit \(payload.commit.short): \(payload.detail)"
        case .policyViolationAccepted(let payload):
            let commits = payload.commits.prefix(5).map(\.short).joined(separator: ", ")
            return "accept that changes of the policy do not count, \(commits): \(payload.reason)"
        case .eventSkipped(let payload): return "skip the event \(payload.commit.short): \(payload.reason)"
        case .violationAccepted(let payload):
            let images = payload.found?.images?.map(\.reference).joined(separator: ", ")
            return
                "accept what \(payload.environment) has\(images.map { ", \($0.isEmpty ? "nothing" : $0)" } ?? ""): \(payload.reason)"
        }
    }

    /// The commit message of the event: its summary, and what it is about as trailers.
    func message(of application: ApplicationName, state: ApplicationState) -> String {
        var trailers: [String] = []
        let promotion = payload.promotion.flatMap(state.promotion)
        if let number = payload.promotion { trailers.append("Promotion: \(PromotionID(application, number))") }
        if let release = payload.release ?? promotion?.release { trailers.append("Release: \(release)") }
        if let environment = payload.environment ?? promotion?.environment { trailers.append("Environment: \(environment)") }
        return summary(of: application).displayable + "\n\n" + trailers.map { $0 + "\n" }.joined()
    }
}

extension Event.Payload {
    /// The release it names itself.
    public var release: ReleaseID? {
        switch self {
        case .releaseRegistered(let payload): payload.release
        case .promotionRequested(let payload): payload.release
        case .promotionApproved(let payload): payload.release
        case .promotionMerged(let payload): payload.release
        case .verificationRecorded(let payload): payload.release
        case .releaseYanked(let payload): payload.release
        case .holdPlaced, .holdLifted, .violationDetected, .violationAccepted, .freezePlaced, .freezeLifted, .changeApproved,
            .changeApprovalRevoked, .policyViolationDetected, .policyViolationAccepted, .eventSkipped:
            nil
        case .pullRequestOpened, .approvalRevoked, .promotionRejected, .rejectionWithdrawn, .promotionClosed,
            .promotionSuperseded:
            nil
        }
    }

    /// The environment it names itself.
    public var environment: EnvironmentName? {
        switch self {
        case .promotionRequested(let payload): payload.environment
        case .promotionApproved(let payload): payload.environment
        case .promotionMerged(let payload): payload.environment
        case .verificationRecorded(let payload): payload.environment
        case .holdPlaced(let payload): payload.environment
        case .holdLifted(let payload): payload.environment
        case .violationDetected(let payload): payload.environment
        case .violationAccepted(let payload): payload.environment
        case .freezePlaced(let payload): payload.environment
        case .freezeLifted(let payload): payload.environment
        case .releaseYanked, .changeApproved, .changeApprovalRevoked, .policyViolationDetected,
            .policyViolationAccepted, .releaseRegistered, .pullRequestOpened, .approvalRevoked, .promotionRejected,
            .rejectionWithdrawn, .promotionClosed, .promotionSuperseded, .eventSkipped:
            nil
        }
    }
}
