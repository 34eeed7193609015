public import GitOpsTypes

public struct ForgeAccount: Hashable, Sendable {
    public let login: String
    public let isBot: Bool

    public init(login: String, isBot: Bool) {
        self.login = login
        self.isBot = isBot
    }
}

/// A pull request as the forge tells of it.
public struct ForgePullRequest: Hashable, Sendable {
    public let number: Int
    public let url: String
    public let title: String
    public let body: String
    public let author: ForgeAccount
    public let state: State
    /// The commit that it proposes; nil where the forge does not say.
    public let head: CommitID?
    /// The branch it proposes; nil when that is of another repository.
    public let branch: String?
    public let target: String
    public let isDraft: Bool
    /// When anything of it changed, in the forge's own words: compared, never understood.
    public let updated: String

    public enum State: Hashable, Sendable {
        case open
        case closed
        case merged(Merge)
    }

    public struct Merge: Hashable, Sendable {
        /// What it made of the target branch; nil where the forge does not say.
        public let commit: CommitID?
        /// Who pressed the button; nil where the forge does not say.
        public let login: String?
        public let at: Timestamp?

        public init(commit: CommitID?, login: String?, at: Timestamp?) {
            self.commit = commit
            self.login = login
            self.at = at
        }
    }

    public init(
        number: Int, url: String, title: String, body: String, author: ForgeAccount, state: State, head: CommitID?,
        branch: String?, target: String, isDraft: Bool, updated: String
    ) {
        self.number = number
        self.url = url
        self.title = title
        self.body = body
        self.author = author
        self.state = state
        self.head = head
        self.branch = branch
        self.target = target
        self.isDraft = isDraft
        self.updated = updated
    }

    public var merge: Merge? {
        if case .merged(let merge) = state { merge } else { nil }
    }
}

public struct NewPullRequest: Hashable, Sendable {
    public let branch: BranchName
    public let target: BranchName
    public let title: String
    /// Markdown.
    public let body: String

    public init(branch: BranchName, target: BranchName, title: String, body: String) {
        self.branch = branch
        self.target = target
        self.title = title
        self.body = body
    }
}

public struct MergeMessage: Hashable, Sendable {
    public let title: String
    public let body: String

    public init(title: String, body: String) {
        self.title = title
        self.body = body
    }
}

/// What became of an attempt to merge. Each wants something else of the caller.
public enum ForgeMergeOutcome: Hashable, Sendable {
    /// The forge says so; what it made of the target branch is to be read.
    case merged
    /// Another head is there than the one that was judged.
    case headMoved(String)
    case conflict(String)
    /// The forge's own rules stand against it, or it is still thinking.
    case notNow(String)
    /// These credentials may not merge.
    case notPermitted(String)
    case isClosed
    /// It will be merged some time, which is not what was asked for.
    case scheduled
}

/// The latest word of one person on a pull request.
public struct ForgeReview: Hashable, Sendable {
    public enum Verdict: Hashable, Sendable {
        case approved
        case changesRequested
    }

    /// What names it on the forge.
    public let id: String
    public let reviewer: ForgeAccount
    public let verdict: Verdict
    /// The commit it is of; nil where that cannot be told.
    public let commit: CommitID?
    /// Why the forge itself does not count it; nil when it does.
    public let problem: String?
    public let at: Timestamp?

    public init(
        id: String, reviewer: ForgeAccount, verdict: Verdict, commit: CommitID?, problem: String?, at: Timestamp?
    ) {
        self.id = id
        self.reviewer = reviewer
        self.verdict = verdict
        self.commit = commit
        self.problem = problem
        self.at = at
    }
}

public struct ForgeStatus: Hashable, Sendable {
    public enum State: String, Hashable, Sendable {
        case pending
        case success
        case failure
    }

    public let name: String
    public let state: State
    /// A sentence.
    public let detail: String
    public let url: String?
    /// The whole story in Markdown, for forges that show one beside a commit; nil where there is none.
    public let report: String?

    public init(name: String, state: State, detail: String, url: String?, report: String? = nil) {
        self.report = report
        self.name = name
        self.state = state
        self.detail = detail
        self.url = url
    }
}

/// What a forge enforces on a branch.
public enum BranchProtection: Hashable, Sendable {
    case protected(Rules)
    case unprotected
    /// Not to be read as unprotected.
    case unknown(String)

    public struct Rules: Hashable, Sendable {
        /// Nil where the forge does not tell.
        public let requiredStatuses: [String]?
        public let forbidsForcePush: Bool?
        public let dismissesStaleApprovals: Bool?

        public init(requiredStatuses: [String]?, forbidsForcePush: Bool?, dismissesStaleApprovals: Bool?) {
            self.requiredStatuses = requiredStatuses
            self.forbidsForcePush = forbidsForcePush
            self.dismissesStaleApprovals = dismissesStaleApprovals
        }
    }
}

public struct ForgeRepository: Hashable, Sendable {
    public let name: String
    public let defaultBranch: String?
    public let isArchived: Bool
    /// What the forge's clock says; nil where it does not tell.
    public let time: Timestamp?
    /// What the token may, in the forge's words; empty where it does not tell.
    public let scopes: [String]

    public init(name: String, defaultBranch: String?, isArchived: Bool, time: Timestamp?, scopes: [String]) {
        self.name = name
        self.defaultBranch = defaultBranch
        self.isArchived = isArchived
        self.time = time
        self.scopes = scopes
    }
}

/// What an account may do in a repository, from nothing to everything.
public enum ForgePermission: Int, Hashable, Sendable, Comparable {
    case none
    case read
    case write
    case administration

    public static func < (one: ForgePermission, other: ForgePermission) -> Bool { one.rawValue < other.rawValue }
}
