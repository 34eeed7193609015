import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// What a command did to a promotion, in a sentence.
struct PromotionHeadline {
    let report: PromotionReport

    var text: String {
        let id = report.id?.description ?? ""
        return switch report.action {
        case .planned: "Plan: \(move)"
        case .opened(nil): "Opened \(id): \(move)"
        case .opened(let number?): "Opened \(id) in place of \(PromotionID(report.application, number)): \(move)"
        case .alreadyOpen: "\(id) is open already: \(move)"
        case .alreadyThere: "Nothing to do: \(report.environment) has \(report.release.id) already"
        case .approved: "Approved \(id): \(move)"
        case .alreadyApproved: "Nothing to do: you approved \(id) already"
        case .revoked: "Revoked your approval of \(id)"
        case .nothingToRevoke: "Nothing to do: you have neither approved nor rejected \(id)"
        case .rejected: "Rejected \(id): it is not merged until you withdraw that"
        case .alreadyRejected: "Nothing to do: you rejected \(id) already"
        case .withdrawn: "Withdrew your rejection of \(id)"
        case .merged: "Merged \(id): \(report.release.id) is now the desired state of \(report.environment)"
        case .alreadyMerged: "Nothing to do: \(id) was merged already"
        case .closed: "Closed \(id): \(report.environment) stays as it is"
        case .alreadyClosed: "Nothing to do: \(id) was closed already"
        case .shown: "\(id) is \(phaseName): \(move)"
        }
    }

    private var move: String {
        report.origin.isRollback(into: report.environment)
            ? "\(report.environment) back to \(report.release.id)"
            : "\(report.release.id) from \(report.origin) into \(report.environment)"
    }

    private var phaseName: String {
        switch report.phase {
        case .planned: "planned"
        case .recorded(let phase): phase.rawValue
        }
    }
}
