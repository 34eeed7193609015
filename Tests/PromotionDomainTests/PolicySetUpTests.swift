import GitOpsTypes
import SSHSignatures
import Testing

@testable import PromotionDomain

/// Who may change the policy while too few approvers have keys to approve anything.
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

    private func check(_ policy: Policy, signedBy who: String?) throws -> Check {
        let head = try #require(CommitID(String(repeating: "a", count: 40)))
        let key = try who.map { try #require(SSHPublicKey(base64: World.line($0).split(separator: " ")[1])).fingerprint }
        let authors = ChangeAuthors(
            principals: [], keys: key.map { [$0] } ?? [], unsignedHeads: key == nil ? [head] : [])
        return ChangeJudgement(
            policy: policy, time: Timestamp(seconds: 0), head: head, authors: authors, approvals: []
        ).policyCheck(tree: "t", problem: nil)
    }

    @Test func `Until then one of those who have keys signs for it, and no other`() throws {
        let policy = try policy(1, of: ["alice", "bob"], keyed: ["alice"])
        #expect(try check(policy, signedBy: "alice").status == .pass)
        #expect(try check(policy, signedBy: "bob").status == .fail)
        let unsigned = try check(policy, signedBy: nil)
        #expect(unsigned.status == .fail)
        #expect(unsigned.detail.contains("prod asks for 1 approvals, and alice alone can give any"), "\(unsigned.detail)")
        #expect(unsigned.clearedBy == ["its author: git commit --amend -S --no-edit"])
    }

    @Test func `Where no approver has a key, one signs whose key is listed`() throws {
        let policy = try policy(1, of: ["alice"], keyed: ["ci"])
        #expect(try check(policy, signedBy: "ci").status == .pass)
        #expect(try check(policy, signedBy: nil).status == .fail)
    }

    @Test func `Once approvals can be given they are asked for, whoever signs`() throws {
        let policy = try policy(1, of: ["alice", "bob"], keyed: ["alice", "bob"])
        #expect(try check(policy, signedBy: "alice").status == .pending)
    }
}
