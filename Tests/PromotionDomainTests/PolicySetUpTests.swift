import GitOpsTypes
import SSHSignatures
import Testing

@testable import PromotionDomain

/// Whether those who have keys could approve anything.
@Suite struct PolicySetUpTests {
    /// With keys for `keyed`, and an environment that asks `required` of `approvers`.
    private func policy(_ required: Int, of approvers: [String], keyed: [String], fourEyes: Bool = true) throws -> Policy {
        let principals = Set(try approvers.map { try #require(Principal($0)) })
        let prod = Environment(
            name: try #require(EnvironmentName("prod")), source: .build, branch: nil, soak: 0,
            approvals: ApprovalPolicy(
                required: required, from: .members(.init(names: approvers, principals: principals)),
                fourEyes: fourEyes ? [.requester] : []),
            promoters: .anyone, mergers: .anyone, operators: .anyone, verifiers: .anyone)
        let signers = keyed.map { "\($0) \(World.line($0))\n" }.joined()
        return Policy(applications: [], environments: [prod], allowedSigners: try AllowedSigners(signers))
    }

    @Test(arguments: [
        (1, ["alice", "bob"], ["alice"], false), (1, ["alice", "bob"], ["alice", "bob"], true),
        (1, ["alice"], ["alice", "ci"], true), (2, ["alice", "bob", "carol"], ["alice", "bob"], false),
        (2, ["alice", "bob", "carol"], ["alice", "bob", "ci"], true), (1, ["alice"], ["ci"], false),
        (2, ["alice", "bob", "carol"], ["alice", "bob", "carol"], true),
    ])
    func `Approvals can be given where enough have keys, and another one makes the change`(
        _ required: Int, _ approvers: [String], _ keyed: [String], _ can: Bool
    ) throws {
        let policy = try policy(required, of: approvers, keyed: keyed)
        #expect(policy.canGiveApprovals(of: try #require(policy.environments.first)) == can)
    }
}
