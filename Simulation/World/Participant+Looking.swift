import GitOpsTypes
import PromotionDomain
import PromotionEngine
import PromotionLedger

// What a participant takes the remote to say.
extension Participant {
    /// All of it, the same for the same.
    func view() async -> String {
        do {
            let overview = try await engine(pointsToLive: nil).overview()
            let texts = overview.states.map(\.digestOfEverything)
            return (["\(overview.openPolicyViolations.map(\.commit.short))"] + texts).joined(separator: ", ")
        } catch {
            return "\(person) cannot look: \(error)"
        }
    }

    /// The policy that counts.
    func policy() async throws -> Policy {
        try await engine(pointsToLive: nil).overview().policy
    }

    /// The promotions that are not decided, as they see it.
    func openPromotions() async -> [(application: String, number: Int)] {
        do {
            return try await engine(pointsToLive: nil).overview().states.flatMap { state in
                state.promotions.filter(\.isOpen).map { (state.application.text, $0.number) }
            }
        } catch {
            world.complain("\(person) cannot look: \(error)")
            return []
        }
    }

    /// What an audit of all ledgers finds: nothing that counts of the adversary's, and nothing else that does not.
    func audit() async -> (problems: [String], rejected: [BranchName: Set<CommitID>]) {
        let audits: [LedgerAudit]
        do { audits = try await engine(pointsToLive: nil).audit(application: nil) } catch {
            return (["the audit fails: \(error)"], [:])
        }
        let intrusions = world.intrusions
        var (problems, rejected): ([String], [BranchName: Set<CommitID>]) = ([], [:])
        for audit in audits {
            problems += audit.findings.map { "\(audit.application): \($0.what)" }
            for record in audit.records.map(\.record) {
                let branch = LedgerBranches().branch(of: audit.application)
                let isHers = intrusions.contains(record.commit, on: branch)
                if let rejection = record.rejection {
                    rejected[branch, default: []].insert(record.commit)
                    world.note("\(audit.application): \(record.commit.short) does not count: \(rejection.reason)")
                }
                switch record.rejection {
                case nil where isHers:
                    problems.append("\(audit.application): \(record.commit.short) is the adversary's, and counts")
                // What is no more on the target branch was not merged.
                case let rejection? where !isHers && !intrusions.hasTakenBack:
                    problems.append("\(audit.application): \(record.commit.short) is rejected: \(rejection.reason)")
                default: break
                }
            }
        }
        return (problems, rejected)
    }
}

extension ApplicationState {
    /// The same for equal states, and short enough to be told.
    fileprivate var digestOfEverything: String {
        let phases = promotions.map { "\($0.number) \(phase(of: $0)) \($0.approvals.map(\.by.text))" }
        let running = deployments.map { "\($0.key) \($0.value.map(\.release.text))" }.sorted()
        let tainted = violations.map { "\($0.key) \($0.value.map { "\($0.commit.short) \($0.accepted == nil)" })" }.sorted()
        let stopped = holds.keys.map(\.text).sorted() + yanks.keys.map(\.text).sorted()
        return
            "\(releases.map(\.id.text)) \(phases) \(verifications.map { "\($0.release) \($0.result)" }) \(running) \(tainted) \(stopped)"
    }
}
