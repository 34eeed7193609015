public import GitOpsTypes

/// `<application>-<n>`, n counted by the application's ledger.
public struct PromotionID: Hashable, Sendable, CustomStringConvertible {
    public let application: ApplicationName
    public let number: Int

    public init(_ application: ApplicationName, _ number: Int) {
        self.application = application
        self.number = number
    }

    /// Nil unless the text ends in a hyphen and a number from 1 on without leading zeros.
    public init?(_ text: String) {
        guard let dash = text.lastIndex(of: "-"), let application = ApplicationName(String(text[..<dash])),
            let number = Int(text[text.index(after: dash)...]), number > 0, text.hasSuffix("-\(number)")
        else { return nil }
        self.init(application, number)
    }

    public var description: String { "\(application)-\(number)" }

    /// What the names of all promotion branches begin with.
    public static let branchPrefix = "promotion/"

    /// The promotion that `promotion/<application>/<environment>/<number>` is of; nil for any other name.
    public init?(branch: BranchName) {
        let parts = branch.text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Substring($0) }
        guard parts.count == 4, "\(parts[0])/" == Self.branchPrefix, let environment = EnvironmentName(String(parts[2])),
            let id = PromotionID("\(parts[1])-\(parts[3])"),
            id.branch(into: environment).text.utf8.elementsEqual(branch.text.utf8)
        else { return nil }
        self = id
    }

    /// `promotion/<application>/<environment>/<number>`
    public func branch(into environment: EnvironmentName) -> BranchName {
        guard let branch = BranchName("\(Self.branchPrefix)\(application)/\(environment)/\(number)") else {
            preconditionFailure("names and numbers make a branch name")
        }
        return branch
    }
}

/// Moving one release into one environment.
public struct Promotion: Hashable, Sendable, Codable {
    public let number: Int
    public let environment: EnvironmentName
    public let origin: PromotionOrigin
    public let release: ReleaseID
    public let content: PromotionContent
    public let requestedBy: Principal
    public let requestedAt: Timestamp
    /// The fingerprint of the key that signed the request; nil where none did.
    public let requestKey: String?
    /// Why rules that only delay are bypassed; nil in ordinary times.
    public let emergency: String?
    public internal(set) var state: State
    public internal(set) var pullRequest: PullRequest?
    /// The latest word of each person, in the order given; only those that were valid when given.
    public internal(set) var approvals: [Approval] = []
    /// Those who say no, each once, in the order given: who is here is not among the approvals.
    public internal(set) var rejections: [Rejection] = []
    /// Approvals in the ledger that do not count, and why.
    public internal(set) var disregardedApprovals: [DisregardedApproval] = []

    public enum State: Hashable, Sendable, Codable {
        /// Recorded; branch and pull request may not exist yet.
        case requested
        case open
        case merged(Merge)
        case closed(Closing)
        case superseded(by: Int, at: Timestamp)
    }

    public struct Merge: Hashable, Sendable, Codable {
        public let commit: CommitID
        public let by: Principal
        public let at: Timestamp
    }

    public struct Closing: Hashable, Sendable, Codable {
        public let reason: String
        public let by: Principal
        public let at: Timestamp
    }

    /// The same, with what people said of it until `time`, whenever it was recorded.
    ///
    /// - Parameter late: tips of the target branch that have the merge already: approvals signed there came after it, whatever
    ///   time the merge claims.
    public func judged(until time: Timestamp, besides late: Set<CommitID> = []) -> Promotion {
        var result = self
        result.approvals = approvals.filter { approval in
            approval.review?.at ?? approval.at <= time && (approval.review != nil || !late.contains(approval.policyCommit))
        }
        result.rejections = rejections.filter { $0.at <= time }
        return result
    }

    /// A person's latest word takes the place of what they said before.
    mutating func forget(_ person: Principal) {
        approvals.removeAll { $0.by == person }
        rejections.removeAll { $0.by == person }
    }

    /// Whether a review on a forge is newer than its author's rejection, if there is one: their latest word counts.
    public func isLatestWord(_ review: ForgeWord) -> Bool {
        guard let rejection = rejections.first(where: { $0.by == review.principal }) else { return true }
        return review.at.map { $0 > rejection.at } ?? false
    }

    /// How it was merged; nil when it was not.
    public var merge: Merge? {
        if case .merged(let merge) = state { merge } else { nil }
    }

    /// The number of its pull request on a forge; nil where that is a record in the ledger, or not there yet.
    public var hostedNumber: Int? { pullRequest.flatMap { $0.url == nil ? nil : $0.number } }

    /// Whether it brings back what the environment ran before.
    public var isRollback: Bool { origin.isRollback(into: environment) }

    /// Whether it may still be merged.
    public var isOpen: Bool {
        switch state {
        case .requested, .open: true
        case .merged, .closed, .superseded: false
        }
    }
}

/// What a promotion proposes, exactly: what approvals are bound to.
public struct PromotionContent: Hashable, Sendable, Codable {
    public let branch: BranchName
    /// The commit of the target branch that the promotion was planned on.
    public let base: CommitID
    /// The promotion commit.
    public let head: CommitID
    /// SHA-256 of the environment's rendered manifests, in hexadecimal.
    public let rendered: String
    /// The files that the promotion commit changes, and the blobs it makes of them: what a squash of it is known by when the
    /// commit itself is gone with its branch. Nil in events of programs that did not write it.
    public let files: [String: String]?
    /// The program that rendered them, with its version: `helm v4.3.1`. Nil, and not in the ledger's text, where that is promote.
    public let renderer: String?
    /// The other repositories that it is built on, at their commits. Nil, and not in the ledger's text, where there are none.
    public let bases: [RemoteBase]?

    /// Another repository that what is proposed is built on.
    public struct RemoteBase: Hashable, Sendable, Codable {
        public let repository: String
        public let commit: CommitID

        public init(_ repository: PinnedRepository) {
            self.repository = repository.address
            commit = repository.commit
        }

        private enum CodingKeys: String, CodingKey {
            case repository, commit
        }
    }

    public init(
        branch: BranchName, base: CommitID, head: CommitID, rendered: String, files: [String: String]? = nil,
        renderer: String? = nil, bases: [PinnedRepository] = []
    ) {
        self.files = files
        self.renderer = renderer
        self.bases = bases.isEmpty ? nil : bases.map(RemoteBase.init)
        self.branch = branch
        self.base = base
        self.head = head
        self.rendered = rendered
    }

    /// Whether these, in order, are the other repositories that it says it is built on.
    public func isBuilt(on repositories: [PinnedRepository]) -> Bool { (bases ?? []) == repositories.map(RemoteBase.init) }

    private enum CodingKeys: String, CodingKey {
        case branch, base, head, rendered, files, renderer, bases
    }
}

/// The pull request of a promotion. With the `local` forge this record is the pull request.
public struct PullRequest: Hashable, Sendable, Codable {
    public let number: Int
    public let url: String?
    public let title: String
    public let body: String

    public init(number: Int, url: String?, title: String, body: String) {
        self.number = number
        self.url = url
        self.title = title
        self.body = body
    }

    private enum CodingKeys: String, CodingKey {
        case number, url, title, body
    }
}

/// A named principal's consent to exactly one promotion head.
public struct Approval: Hashable, Sendable, Codable {
    public let by: Principal
    public let at: Timestamp
    public let head: CommitID
    public let rendered: String
    /// The fingerprint of the key that signed it.
    public let key: String?
    /// The review on the forge that it was given by; nil for one that was signed.
    public let review: ForgeWord?
    /// The tip of the target branch when it was recorded.
    public let policyCommit: CommitID
}

/// A named principal's no to a promotion: nothing merges it until they withdraw it or approve.
public struct Rejection: Hashable, Sendable, Codable {
    public let by: Principal
    public let at: Timestamp
    public let head: CommitID
    public let reason: String
}

public struct DisregardedApproval: Hashable, Sendable, Codable {
    public let by: Principal
    public let reason: String
}

/// Recorded evidence that a release works in an environment, or does not.
public struct Verification: Hashable, Sendable, Codable {
    public enum Result: String, Hashable, Sendable, Codable, CaseIterable {
        case passed
        case failed
    }

    public let environment: EnvironmentName
    public let release: ReleaseID
    public let result: Result
    public let evidence: String?
    public let by: Principal
    public let at: Timestamp
    /// The tip of the target branch when it was recorded; nil while it is only planned.
    public let policyCommit: CommitID?
    /// The fingerprint of the key that signed it; nil where none did.
    public let key: String?
    /// Whether it counts no more: Git had something else in the environment than the release.
    public internal(set) var isVoid = false

    public init(
        environment: EnvironmentName, release: ReleaseID, result: Result, evidence: String?, by: Principal, at: Timestamp,
        policyCommit: CommitID? = nil, key: String? = nil
    ) {
        self.policyCommit = policyCommit
        self.key = key
        self.environment = environment
        self.release = release
        self.result = result
        self.evidence = evidence
        self.by = by
        self.at = at
    }
}

/// A release as the desired state of an environment, from when to when.
public struct Deployment: Hashable, Sendable, Codable {
    public let release: ReleaseID
    /// Nil where no promotion brought it: it was found there, and accepted.
    public let promotion: Int?
    /// The commit of the environment's branch from which on it is there.
    public let commit: CommitID
    public let since: Timestamp
    public internal(set) var until: Timestamp?
    /// Whether it ended without a promotion: something else was found there, and accepted.
    public internal(set) var isDisplaced = false
    /// What Git had when promotions began there, where this is that.
    public let baseline: FoundContent?

    init(release: ReleaseID, promotion: Int?, commit: CommitID, since: Timestamp, baseline: FoundContent? = nil) {
        self.baseline = baseline
        self.release = release
        self.promotion = promotion
        self.commit = commit
        self.since = since
    }

    /// Whether that runs which Git had when promotions began, where it named no digest.
    public func isContent(_ occurrence: ImageOccurrence) -> Bool {
        baseline?.images?.contains {
            $0.name == occurrence.image && $0.digest == nil && $0.text == occurrence.text
        } ?? false
    }

    /// Whether Git has what it had when promotions began, which need not name digests.
    public func isContent(_ found: FoundContent) -> Bool { baseline != nil && baseline?.images == found.images }
}
