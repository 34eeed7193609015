import Foundation
import GitOpsTypes
import GitStore
import PromotionDomain

/// Checks a remote by its commits and trees alone, with none of the code that judges ledgers.
///
/// It is the rules written a second time, for honest participants: every event that got into a ledger must be one that may. What
/// the adversary pushed is left out, and where she changed an environment, it has to be known as tainted.
struct LedgerInspection {
    private let objects: GitObjects
    private let refs: [BranchName: CommitID]
    private let intrusions: Intrusions
    /// Events that readers refuse, though they are no intrusions, because the target branch has no more what they tell of.
    private let void: [BranchName: Set<CommitID>]
    private(set) var findings = Findings()

    struct Findings: Sendable {
        var problems: [String] = []
        var events = 0
        /// Events by what commands promise.
        var found: Set<Expectation> = []
        /// Promotions that are not decided, by their ids.
        var open: Set<String> = []
    }

    init(
        _ objects: GitObjects, refs: [BranchName: CommitID], _ intrusions: Intrusions, rejected: [BranchName: Set<CommitID>]
    ) throws {
        self.objects = objects
        self.refs = refs
        self.intrusions = intrusions
        void = intrusions.hasTakenBack ? rejected : [:]
        let main = try mainCommits()
        var merges: Set<String> = []
        for application in WorldTemplate.applications { try inspect(application, main, &merges) }
        for commit in main where try objects.lineage(of: commit)?.parents.count == 2 && !merges.contains(commit.hex) {
            if intrusions.contains(commit, on: World.main) { continue }
            findings.problems.append("\(commit.short) merges something into main, and no ledger knows it")
        }
        let branches = Set(refs.keys.map(\.text).filter { $0.hasPrefix("promotion/") })
        let unknown = intrusions.branches.union(voidBranches)
        if branches.subtracting(unknown) != openBranches.subtracting(unknown) {
            findings.problems.append("branches \(branches.sorted()) and open promotions \(openBranches.sorted()) differ")
        }
    }

    private var openBranches: Set<String> = []
    /// Those of requests that were void when the target branch lost what they were for.
    private var voidBranches: Set<String> = []

    /// Everything that the target branch contains.
    private func mainCommits() throws -> Set<CommitID> {
        var commits: Set<CommitID> = []
        var next = refs[World.main].map { [$0] } ?? []
        while let commit = next.popLast() {
            guard commits.insert(commit).inserted else { continue }
            next += try objects.lineage(of: commit)?.parents ?? []
        }
        return commits
    }

    private func events(of application: String) throws -> [(event: InspectedEvent, isVoid: Bool)] {
        guard let branch = BranchName("promote/ledger/\(application)"), let path = RepositoryPath("event.json") else { return [] }
        var events: [(event: InspectedEvent, isVoid: Bool)] = []
        var next = refs[branch]
        while let commit = next {
            guard let (tree, parents) = try objects.lineage(of: commit), parents.count <= 1 else {
                throw Unreadable(commit: commit)
            }
            next = parents.first
            if intrusions.contains(commit, on: branch) { continue }
            guard case .blob(let blob)? = try objects.entry(at: path, in: tree) else { throw Unreadable(commit: commit) }
            let event = try JSONDecoder().decode(InspectedEvent.self, from: Data(try objects.blob(blob)))
            events.append((event, void[branch]?.contains(commit) == true))
        }
        return events.reversed()
    }

    private struct Unreadable: Error {
        let commit: CommitID
    }

    private mutating func inspect(_ application: String, _ main: Set<CommitID>, _ merges: inout Set<String>) throws {
        var releases: [String: String] = [:]
        var builds: [String: String] = [:]
        var promotions: [InspectedPromotion] = []
        var deployments: [String: [String]] = [:]
        /// The digests that operators found in environments and accepted.
        var accepted: [String: String?] = [:]
        var violated: Set<String> = []
        var tainted: Set<String> = []
        var verifications: [String: String] = [:]
        var held: Set<String> = []
        var yanked: Set<String> = []
        var order: [String] = []
        var (ids, lastTime): (Set<String>, String) = ([], "")
        for (event, isVoid) in try events(of: application) {
            findings.events += 1
            let payload = event.payload
            func wrong(_ what: String) {
                findings.problems.append("\(application): \(event.type) \(event.id) of \(event.actor): \(what)")
            }
            if !ids.insert(event.id).inserted { wrong("it is in the ledger twice") }
            if event.time < lastTime { wrong("it is older than the one before it") }
            lastTime = event.time
            guard let type = EventType(rawValue: event.type) else {
                wrong("nobody knows this type")
                continue
            }
            note(application, type, payload)
            guard !isVoid else {
                if type == .promotionMerged, let commit = payload.commit { merges.insert(commit) }
                if type == .promotionRequested, let content = payload.content { voidBranches.insert(content.branch) }
                continue
            }
            let at = payload.promotion.flatMap { number in promotions.firstIndex { $0.number == number } }
            switch type {
            case .releaseRegistered:
                let (release, image) = (payload.release ?? "", payload.images?.first)
                if releases[release] != nil { wrong("\(release) was registered before") }
                releases[release] = image?.digest
                order.append(release)
                if let commit = payload.build?.commit, let image {
                    if let other = builds[commit], other != image.digest { wrong("\(commit) was built twice") }
                    builds[commit] = image.digest
                }
            case .promotionRequested:
                guard let number = payload.promotion, let environment = payload.environment, let release = payload.release,
                    let content = payload.content
                else { return wrong("it lacks something") }
                if number != promotions.count + 1 { wrong("its number is \(number) after \(promotions.count)") }
                if promotions.contains(where: { $0.isOpen && $0.environment == environment }) { wrong("another one is open") }
                if releases[release] == nil { wrong("\(release) was never registered") }
                let isRollback = payload.from == environment
                let past = deployments[environment] ?? []
                if isRollback {
                    if !past.dropLast().contains(release) { wrong("\(environment) never ran \(release) before") }
                    if !held.contains(environment) { wrong("a rollback without a hold") }
                } else {
                    if environment == "prod", verifications["dev \(release)"] != "passed" {
                        wrong("dev has not verified \(release)")
                    }
                    if held.contains(environment) { wrong("\(environment) is held") }
                    if let present = past.last.flatMap(order.firstIndex(of:)), let new = order.firstIndex(of: release),
                        new < present
                    {
                        wrong("\(release) is older than what \(environment) runs")
                    }
                }
                if yanked.contains(release) { wrong("\(release) is yanked") }
                // A machine brings a release once, and again only where another release took its place before it came.
                if event.actor == WorldTemplate.principal(WorldTemplate.reconciler),
                    let last = promotions.last(where: { $0.environment == environment && $0.release == release }),
                    last.successor == nil || last.successor == number
                {
                    wrong("\(last.number) was to bring \(release) into \(environment) already")
                }
                promotions.append(
                    InspectedPromotion(
                        number: number, environment: environment, release: release, branch: content.branch, head: content.head,
                        requester: event.actor, isRollback: isRollback))
            case .pullRequestOpened:
                guard let at, promotions[at].isOpen, !promotions[at].hasPullRequest else {
                    return wrong("it has one, or is none")
                }
                promotions[at].hasPullRequest = true
            case .promotionApproved:
                guard let at, promotions[at].isOpen else { return wrong("what it approves is not open") }
                if payload.head != promotions[at].head { wrong("it approves another head") }
                if event.actor == promotions[at].requester, promotions[at].environment == "prod" {
                    wrong("it is the requester's")
                }
                if promotions[at].approvals.contains(event.actor) { wrong("it is the second") }
                promotions[at].approvals.append(event.actor)
                promotions[at].rejections.removeAll { $0 == event.actor }
            case .approvalRevoked:
                guard let at, promotions[at].isOpen, promotions[at].approvals.contains(event.actor) else {
                    return wrong("there is nothing to revoke")
                }
                promotions[at].approvals.removeAll { $0 == event.actor }
            case .promotionRejected:
                guard let at, promotions[at].isOpen else { return wrong("what it rejects is not open") }
                promotions[at].approvals.removeAll { $0 == event.actor }
                promotions[at].rejections.removeAll { $0 == event.actor }
                promotions[at].rejections.append(event.actor)
            case .rejectionWithdrawn:
                guard let at, promotions[at].isOpen, promotions[at].rejections.contains(event.actor) else {
                    return wrong("there is nothing to withdraw")
                }
                promotions[at].rejections.removeAll { $0 == event.actor }
            case .promotionMerged:
                guard let at, promotions[at].isOpen, let text = payload.commit, let commit = CommitID(text) else {
                    return wrong("what it merges is not open")
                }
                promotions[at].isOpen = false
                let promotion = promotions[at]
                if !promotion.rejections.isEmpty { wrong("somebody rejected it") }
                if promotion.environment == "prod" {
                    if promotion.approvals.isEmpty { wrong("nobody approved it") }
                    if !promotion.isRollback, verifications["dev \(promotion.release)"] != "passed" {
                        wrong("dev has not verified it")
                    }
                    if !promotion.isRollback, tainted.contains("dev") { wrong("dev is tainted") }
                }
                if !promotion.isRollback, held.contains(promotion.environment) { wrong("its environment is held") }
                if yanked.contains(promotion.release) { wrong("its release is yanked") }
                if !main.contains(commit) { wrong("its commit is not on main") }
                if intrusions.contains(commit, on: World.main) { wrong("the adversary merged it") }
                accepted[promotion.environment] = nil
                if !merges.insert(text).inserted { wrong("its commit is another promotion's, too") }
                let parents = try objects.lineage(of: commit)?.parents ?? []
                if parents.count != 2 || parents[1].hex != promotion.head { wrong("its commit is no merge of its head") }
                if try digest(of: application, in: promotion.environment, at: commit) != releases[promotion.release] {
                    wrong("its commit does not have its digest")
                }
                deployments[promotion.environment, default: []].append(promotion.release)
            case .promotionClosed, .promotionSuperseded:
                guard let at, promotions[at].isOpen else { return wrong("what it ends is not open") }
                if let by = payload.by, by != promotions.count + 1 { wrong("nothing comes in its place") }
                promotions[at].isOpen = false
                promotions[at].successor = payload.by
            case .verificationRecorded:
                let (environment, release) = (payload.environment ?? "", payload.release ?? "")
                if deployments[environment]?.contains(release) != true { wrong("\(release) was never in \(environment)") }
                verifications["\(environment) \(release)"] = payload.result
            case .holdPlaced:
                if !held.insert(payload.environment ?? "").inserted { wrong("it is held already") }
            case .holdLifted:
                if held.remove(payload.environment ?? "") == nil { wrong("it is not held") }
            case .releaseYanked:
                if !yanked.insert(payload.release ?? "").inserted { wrong("it is yanked already") }
            case .violationDetected:
                guard let environment = payload.environment, let commit = payload.commit.flatMap({ CommitID($0) }) else {
                    return wrong("it lacks something")
                }
                if !intrusions.hasTakenBack, !intrusions.contains(commit, on: World.main) {
                    wrong("\(commit.short) is no intrusion: \(payload.detail ?? "")")
                }
                violated.insert(environment)
                tainted.insert(environment)
            case .violationAccepted:
                guard let environment = payload.environment, tainted.remove(environment) != nil else {
                    return wrong("nothing is violated there")
                }
                accepted[environment] = .some(payload.found?.images?.first?.digest)
            case .baselineRecorded, .freezePlaced, .freezeLifted, .changeApproved, .changeApprovalRevoked,
                .policyViolationDetected,
                .policyViolationAccepted, .eventSkipped:
                wrong("no participant did that")
            }
        }
        for promotion in promotions where promotion.isOpen {
            findings.open.insert("\(application)-\(promotion.number)")
            openBranches.insert(promotion.branch)
            if !promotion.hasPullRequest { findings.problems.append("\(application)-\(promotion.number) has no pull request") }
        }
        guard let tip = refs[World.main] else { return }
        for environment in ["dev", "prod"] {
            if intrusions.changed.contains(.init(application: application, environment: environment)),
                !intrusions.hasTakenBack, !violated.contains(environment)
            {
                findings.problems.append("the adversary changed \(application) in \(environment), and no ledger knows it")
            }
            let deployed =
                deployments[environment]?.last.flatMap { releases[$0] } ?? "sha256:" + String(repeating: "0", count: 64)
            let digest = try digest(of: application, in: environment, at: tip)
            if digest != accepted[environment] ?? deployed, !tainted.contains(environment) {
                findings.problems.append(
                    "\(application) in \(environment) is \(digest ?? "nothing"), and the ledger says \(deployed)")
            }
        }
    }

    private mutating func note(_ application: String, _ type: EventType, _ payload: InspectedEvent.Payload) {
        switch type {
        case .releaseRegistered, .verificationRecorded, .releaseYanked:
            findings.found.insert(Expectation(application: application, type: type, release: payload.release))
        case .holdPlaced, .holdLifted, .violationAccepted:
            findings.found.insert(Expectation(application: application, type: type))
        default: findings.found.insert(Expectation(application: application, type: type, promotion: payload.promotion))
        }
    }

    /// The digest that the overlay's own text has.
    private func digest(of application: String, in environment: String, at commit: CommitID) throws -> String? {
        guard let path = RepositoryPath("overlays/\(environment)/\(application)/kustomization.yaml"),
            case .blob(let blob)? = try objects.entry(at: path, in: objects.tree(of: commit))
        else { return nil }
        return String(decoding: try objects.blob(blob), as: UTF8.self).split(separator: "\n").compactMap { line in
            line.range(of: "digest: ").map { String(line[$0.upperBound...]) }
        }.first
    }
}
