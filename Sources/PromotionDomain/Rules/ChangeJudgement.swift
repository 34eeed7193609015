public import GitOpsTypes
import SSHSignatures

/// What a change to the configuration makes of one application in one environment.
public struct EnvironmentChange: Sendable {
    public let application: ApplicationName
    public let environment: EnvironmentName
    public let outcome: Outcome
    /// The promotions that lead to exactly this.
    public let promotion: Proposal?
    /// The permitted state that it brings back, as in “what web-3 brought”; nil where it makes a new one.
    public let restored: String?
    /// A release that ran there before and is there again without a promotion.
    public let takenBack: ReleaseID?
    /// Files that it touches and that decide what a checkout of the environment holds.
    public let checkoutFiles: [RepositoryPath]

    public enum Outcome: Sendable {
        case unchanged
        /// - Parameters:
        ///   - rendered: SHA-256 of what it renders to, in hexadecimal.
        ///   - moved: images of the application that are there and were not before.
        case changed(rendered: String, moved: [ImageOccurrence])
        case doesNotRender(String)
        /// The change takes the environment, or the application, out of the policy.
        case retired
        /// The change brings the environment, or the application, into the policy, with these images of the application, or with
        /// what does not render yet. What it starts with is for those to look at who approve the policy.
        case added(images: [ImageOccurrence], problem: String?)
        /// It renders on neither side, and is not the same.
        ///
        /// - Parameters:
        ///   - content: what stands for everything that it reads or holds; never the digest of a rendering.
        ///   - why: it does not render.
        case unrendered(content: String, why: String)
    }

    public struct Proposal: Sendable {
        public let id: PromotionID
        public let checks: [Check]
        /// What the change touches besides what promotions planned.
        public let unplannedPaths: [RepositoryPath]

        public init(id: PromotionID, checks: [Check], unplannedPaths: [RepositoryPath]) {
            self.id = id
            self.checks = checks
            self.unplannedPaths = unplannedPaths
        }
    }

    public init(
        application: ApplicationName, environment: EnvironmentName, outcome: Outcome, promotion: Proposal?,
        restored: String? = nil, takenBack: ReleaseID? = nil, checkoutFiles: [RepositoryPath] = []
    ) {
        self.restored = restored
        self.takenBack = takenBack
        self.checkoutFiles = checkoutFiles
        self.application = application
        self.environment = environment
        self.outcome = outcome
        self.promotion = promotion
    }
}

/// Who made a change, as far as it is proven.
public struct ChangeAuthors: Hashable, Sendable {
    /// All that its commits name, and who signed its head.
    public let principals: Set<Principal>
    /// The fingerprints of the keys that count and signed its head, or an approved head that it was squashed from.
    public let keys: Set<String>
    /// Those of these heads that no key that counts signed.
    public let unsignedHeads: Set<CommitID>

    public init(principals: Set<Principal>, keys: Set<String>, unsignedHeads: Set<CommitID>) {
        self.principals = principals
        self.keys = keys
        self.unsignedHeads = unsignedHeads
    }
}

/// Earlier changes of the policy that do not count and stand where a change comes to: to consent to that is to consent to what it
/// keeps of them, too.
public struct CarriedChanges: Hashable, Sendable {
    /// The commit that brought the first of them.
    public let first: CommitID
    public private(set) var count = 1
    /// Who made them.
    public private(set) var authors: ChangeAuthors
    /// The first of them that no key that counts signed; nil where all are.
    public private(set) var anonymous: CommitID?
    /// Where the policy that counts has come from, to compare with.
    public let counting: CommitID

    public init(first: CommitID, authors: ChangeAuthors, counting: CommitID) {
        self.first = first
        self.authors = authors
        self.counting = counting
        if authors.unsignedHeads.contains(first) { anonymous = first }
    }

    /// With one more, which came after the others.
    public mutating func add(_ commit: CommitID, by others: ChangeAuthors) {
        count += 1
        authors = ChangeAuthors(
            principals: authors.principals.union(others.principals), keys: authors.keys.union(others.keys), unsignedHeads: [])
        if anonymous == nil, others.unsignedHeads.contains(commit) { anonymous = commit }
    }
}

/// Judges a change to a configuration repository, purely: what it does to each environment, and why that is permitted or not.
///
/// The policy is that of the target branch, never the one that the change proposes (`policy-from-target`).
public struct ChangeJudgement {
    private let policy: Policy
    private let time: Timestamp
    private let authors: ChangeAuthors
    /// Those for this head, or for one with the same content.
    private let approvals: [ChangeApproval]
    /// How people name it.
    private let head: CommitID
    private let revocations: [String: Revocation]

    public init(
        policy: Policy, time: Timestamp, head: CommitID, authors: ChangeAuthors, approvals: [ChangeApproval],
        revocations: [String: Revocation] = [:]
    ) {
        self.revocations = revocations
        self.policy = policy
        self.time = time
        self.head = head
        self.authors = authors
        self.approvals = approvals
    }

    /// The check of an environment that stays what it is.
    public static let unchanged = Check(.scope, .pass, "renders to the same")

    /// The check of one environment.
    public func check(_ change: EnvironmentChange) -> Check {
        let (application, environment) = (change.application, change.environment)
        switch change.outcome {
        case .unchanged: return Self.unchanged
        case .retired: return Check(.policyFromTarget, .pass, "retired by this change of the policy")
        case .added(let images, let problem):
            return Check(.policyFromTarget, .pass, Self.addition(of: images, problem, environment))
        case .doesNotRender(let why):
            return Check(
                .mergeable, .fail, "could not be rendered any more: \(why)", clearedBy: ["the change's author: correct it"])
        case .changed(let rendered, let moved):
            if let promotion = change.promotion { return check(promotion, environment) }
            // What was permitted once is not asked for again.
            if let restored = change.restored { return Check(.scope, .pass, "goes back to \(restored)") }
            if let image = moved.first { return check(image, change) }
            guard let environment = policy.environment(environment) else {
                return Check(.policyFromTarget, .fail, "the policy knows no environment \(environment)")
            }
            return quorum(
                of: environment, counting(application, environment, rendered), .scope,
                change.checkoutFiles.first.map { "what a checkout of it holds changes with \($0)" }
                    ?? "what it renders to changes without a promotion")
        case .unrendered(let content, let why):
            guard let environment = policy.environment(environment) else {
                return Check(.policyFromTarget, .fail, "the policy knows no environment \(environment)")
            }
            // That nothing asks for approval is said of what is known.
            return quorum(
                of: environment, counting(application, environment, content), .scope,
                "it changes and cannot be rendered (\(why)), so that exactly its bytes are to be approved",
                atLeast: 1)
        }
    }

    /// The approvals of what the change makes of a place.
    private func counting(_ application: ApplicationName, _ environment: Environment, _ result: String) -> [ChangeApproval] {
        approvals.filter { approval in
            approval.results.contains {
                $0.application == application && $0.environment == environment.name && $0.rendered == result
            }
        }
    }

    private static func addition(of images: [ImageOccurrence], _ problem: String?, _ environment: EnvironmentName) -> String {
        let runs =
            if let problem {
                "does not render: \(problem)"
            } else if images.isEmpty {
                "runs none of its images"
            } else {
                "runs \(Set(images.map(\.text)).sorted().joined(separator: ", "))"
            }
        return "added by this change of the policy; it \(runs), which is registered or not (`promote audit images` tells)"
    }

    private func check(_ promotion: EnvironmentChange.Proposal, _ environment: EnvironmentName) -> Check {
        if let stray = promotion.unplannedPaths.first {
            let more = promotion.unplannedPaths.count > 1 ? " and \(promotion.unplannedPaths.count - 1) more" : ""
            return Check(.scope, .fail, "\(promotion.id) travels with something that it did not plan: \(stray)\(more)")
        }
        if let check = promotion.checks.first(where: { $0.status == .fail })
            ?? promotion.checks.first(where: { $0.status == .pending })
        {
            return Check(
                check.rule, check.status, "\(promotion.id): \(check.detail)", since: check.since, clearedBy: check.clearedBy)
        }
        let approved = promotion.checks.first { $0.rule == .approved }?.detail ?? ""
        return Check(.approved, .pass, "is what \(promotion.id) proposes; \(approved)")
    }

    /// No approval makes an image move: only promotions do.
    private func check(_ image: ImageOccurrence, _ change: EnvironmentChange) -> Check {
        let place = "\(image.object), container \(image.container), would run \(image.text)"
        let target = policy.anyApplication(change.application).flatMap { policy.environment(change.environment, of: $0) }
        let from = target?.source.environments.first?.text ?? "build"
        let promotion = "`promote \(from) \(change.environment) --app \(change.application)`"
        if image.hold == .nothing {
            return Check(
                .digestExact, .fail,
                "\(place): a tag, which may mean another image tomorrow; what was built is registered and promoted, by its digest: "
                    + "`promote register \(image.image)@sha256:… --app \(change.application)`, \(promotion)",
                clearedBy: ["the change's author: take the image out of it"])
        }
        if let release = change.takenBack {
            return Check(
                .noSilentDowngrade, .fail,
                "\(place), which is \(release) again, and the ledger would go on saying that another release runs there: "
                    + "`promote rollback \(change.environment) --app \(change.application) --to \(release) --reason …`")
        }
        return Check(
            .builtOnce, .fail, "\(place), and no promotion brings it: \(promotion)")
    }

    /// The check of a change to `environments/`.
    ///
    /// - Parameters:
    ///   - tree: what it leads to, as a Git tree; nil where it is taken away.
    ///   - problem: why that cannot be read as a policy; nil when it can.
    ///   - carried: what it keeps of changes that do not count; nil where there is nothing of the kind.
    public func policyCheck(tree: String?, problem: String?, carried: CarriedChanges?) -> Check {
        guard let tree, problem == nil else {
            return Check(
                .policyFromTarget, .fail, "the policy could not be read any more: \(problem ?? "it is gone")",
                clearedBy: ["the change's author: correct it, or put environments/ back as the target branch has it"])
        }
        guard policy.asksConsentToChanges else {
            let isSetUp = !policy.allowedSigners.entries.isEmpty
            return Check(
                .policyFromTarget, .pass,
                isSetUp
                    ? "the policy changes, and no environment asks for approval"
                    : "the policy changes, and no key is listed yet that could prove an approval")
        }
        let counting = approvals.filter { $0.policy == tree }
        let judgement = carried.map { adding($0.authors) } ?? self
        // What the policy says concerns every environment, so all whose approval means something are asked.
        let checks = policy.environments.map { environment in
            carried.flatMap { Self.anonymous($0, environment.approvals) }
                ?? judgement.quorum(of: environment, counting, .policyFromTarget, policyChange(carried))
        }
        if let open = checks.first(where: { $0.status != .pass }) { return open }
        return checks.last ?? Check(.policyFromTarget, .pass, "the policy changes, and no approval is asked for")
    }

    /// The same of a change that others have made with its authors.
    private func adding(_ others: ChangeAuthors) -> ChangeJudgement {
        ChangeJudgement(
            policy: policy, time: time, head: head,
            authors: ChangeAuthors(
                principals: authors.principals.union(others.principals), keys: authors.keys.union(others.keys),
                unsignedHeads: authors.unsignedHeads),
            approvals: approvals, revocations: revocations)
    }

    private func policyChange(_ carried: CarriedChanges?) -> String {
        guard let carried else { return "the policy changes" }
        let more = carried.count > 1 ? " and \(carried.count - 1) more" : ""
        return "the policy changes, on top of what \(carried.first)\(more) made of it, which does not count "
            + "(`git diff \(carried.counting) \(head) -- environments/` shows all of it)"
    }

    /// The check of a change that keeps what nobody is known to have made, where four eyes are asked; nil for any other one.
    private static func anonymous(_ carried: CarriedChanges, _ wanted: ApprovalPolicy) -> Check? {
        guard wanted.required > 0, wanted.excludesAuthor, let commit = carried.anonymous else { return nil }
        return Check(
            .policyFromTarget, .fail,
            "the policy changes, on top of what \(commit) made of it, which does not count and is not signed with a key that allowed_signers lists, so its author cannot be verified and four-eyes cannot be enforced",
            clearedBy: ["the change's author: take that back first, as by git revert \(commit)"])
    }

    private func quorum(
        of environment: Environment, _ approvals: [ChangeApproval], _ rule: Rule, _ what: String, atLeast least: Int = 0
    ) -> Check {
        let wanted = environment.approvals.requiring(atLeast: least)
        guard wanted.required > 0 else {
            return Check(rule, .pass, "\(what); \(environment.name) asks for no approval")
        }
        let isSigned = !authors.unsignedHeads.contains(head)
        // What was squashed is as well known as what it was squashed from.
        let signed = approvals.filter { !authors.unsignedHeads.contains($0.head) }
        if wanted.excludesAuthor, !isSigned, signed.isEmpty {
            return Check(
                rule, .fail,
                "\(what), and its head \(head.hex) is not signed with a key that allowed_signers lists, so the author cannot be verified and four-eyes cannot be enforced",
                clearedBy: ["its author: git commit --amend -S --no-edit"])
        }
        let consents = approvals.map { approval in
            let isAnonymous = wanted.excludesAuthor && authors.unsignedHeads.contains(approval.head)
            return Quorum.Consent(
                by: approval.by, at: approval.at, key: approval.key,
                mismatch: isAnonymous ? "given for \(approval.head.short), which no listed key signed" : nil)
        }
        let quorum = Quorum(
            environment: environment.name, wanted: wanted, rules: policy, time: time,
            author: Quorum.Author(
                principals: authors.principals, keys: authors.keys, deed: "made the change, and who made it"),
            standing: KeyStanding(policy: policy, time: time, revocations: revocations))
        return quorum.check(
            consents, as: rule, of: what,
            nextStep: "promote approve --change \(head.hex)\(environment.branch.map { " --branch \($0)" } ?? "")")
    }
}
