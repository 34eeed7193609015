public import GitOpsTypes

/// Provider-neutral API for pull requests, reviews and commit statuses.
///
/// Everything is read anew where it matters: a listing is a hint, a number is a fact.
public protocol Forge: Sendable {
    var kind: ForgeKind { get }
    var capabilities: ForgeCapabilities { get }

    /// Whose credentials are used.
    func account() async throws(ForgeError) -> ForgeAccount

    // MARK: Pull requests

    /// The ref under which the forge keeps what a pull request proposes, of other repositories, too.
    func headRef(of number: Int) -> String

    /// The open pull request from one branch of the repository into another; nil when there is none.
    func openPullRequest(from branch: BranchName, into target: BranchName) async throws(ForgeError) -> ForgePullRequest?

    /// - Throws: `ForgeError.notFound` where there is none of that number.
    func pullRequest(_ number: Int) async throws(ForgeError) -> ForgePullRequest

    /// Those that changed, open or not, newest change first.
    ///
    /// - Parameter watermark: the newest `updated` that was seen before: reading stops behind it. Nil for the first page only.
    func pullRequests(changedSince watermark: String?) async throws(ForgeError) -> [ForgePullRequest]

    /// The pull requests that brought a commit, as the forge remembers.
    func pullRequests(of commit: CommitID) async throws(ForgeError) -> [ForgePullRequest]

    /// - Throws: `ForgeError.alreadyOpen` where there is one between the branches.
    func open(_ request: NewPullRequest) async throws(ForgeError) -> ForgePullRequest

    func update(_ number: Int, title: String, body: String) async throws(ForgeError)

    /// Closed already is closed.
    func close(_ number: Int) async throws(ForgeError)

    /// Merges exactly `head`, or nothing.
    ///
    /// - Throws: `ForgeError` where it is not known what became of it: read the pull request again before anything else.
    func merge(_ number: Int, pinnedTo head: CommitID, _ message: MergeMessage) async throws(ForgeError) -> ForgeMergeOutcome

    // MARK: Talk

    /// Writes the comment that begins with `marker`, or edits it where it is there.
    func comment(on number: Int, marker: String, text: String) async throws(ForgeError)
    /// Adds labels, and asks people to look, as far as the forge can.
    func decorate(_ number: Int, labels: [String], reviewers: [String]) async throws(ForgeError)

    // MARK: Evidence

    /// Who said what of a pull request: the latest word of each person.
    func reviews(of pullRequest: ForgePullRequest) async throws(ForgeError) -> [ForgeReview]
    /// What was reported of a commit: the latest of each name.
    func statuses(of commit: CommitID) async throws(ForgeError) -> [ForgeStatus]
    func report(_ status: ForgeStatus, on commit: CommitID, of branch: BranchName) async throws(ForgeError)
    func protection(of branch: BranchName) async throws(ForgeError) -> BranchProtection
    func repository() async throws(ForgeError) -> ForgeRepository
    /// What an account may do in the repository.
    func permission(of login: String) async throws(ForgeError) -> ForgePermission
}

/// What a forge can and cannot do, known before it is used in production.
public struct ForgeCapabilities: Hashable, Sendable {
    /// How a title marks a draft; nil where a title cannot.
    public let draftPrefix: String?

    public init(draftPrefix: String?) {
        self.draftPrefix = draftPrefix
    }
}

/// Why a forge did not do what it was asked.
public enum ForgeError: Error, Hashable, Sendable {
    /// No answer, or one that says nothing. Where `isUncertain`, the request may have been carried out.
    case unavailable(String, isUncertain: Bool)
    /// Too many requests; the forge wants to be left alone for so many seconds.
    case rateLimited(seconds: Int)
    /// The credentials are missing, wrong, or not enough.
    case unauthorized(String)
    case notFound(String)
    /// There is an open pull request between the branches.
    case alreadyOpen(String)
    /// It understood, and will not.
    case rejected(status: Int, String)
    /// The answer is not what the forge's documentation promises.
    case malformed(String)

    /// In words.
    public var reason: String {
        switch self {
        case .unavailable(let reason, _), .unauthorized(let reason), .notFound(let reason), .alreadyOpen(let reason),
            .malformed(let reason):
            reason
        case .rejected(let status, let reason): "\(reason) (\(status))"
        case .rateLimited(let seconds): "the forge wants no more requests for \(seconds) seconds"
        }
    }
}
