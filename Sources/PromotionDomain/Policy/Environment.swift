public import GitOpsTypes

/// A place where applications run, with a policy of its own.
public struct Environment: Hashable, Sendable {
    public let name: EnvironmentName
    public private(set) var source: PromotionSource
    /// Environments that it takes releases from and the application at hand has not; the source is what those take theirs from.
    public private(set) var passedOver: [EnvironmentName] = []
    /// The branch that holds the environment's desired state.
    public let branch: BranchName?
    /// Seconds since the release was first verified upstream.
    public let soak: Int64
    public let approvals: ApprovalPolicy
    /// Whose consent a rollback needs.
    public let rollbackApprovals: ApprovalPolicy
    /// When it may be changed.
    public let windows: WindowSchedule
    /// Programs that judge what it would render to.
    public let gates: [ExternalGate]
    /// Who may bypass rules that only delay, with a reason; empty unless the policy names them.
    public let emergency: Role
    public let promoters: Role
    public let mergers: Role
    public let operators: Role
    public let verifiers: Role
    /// What `reconcile` does here without being asked.
    public let automation: Automation
    /// Whether it is proven again, for every promotion, where the images are from.
    public let asksProvenance: Bool
    /// What becomes of objects that are not rendered here.
    public let unrendered: UnrenderedPolicy

    public init(
        name: EnvironmentName, source: PromotionSource, branch: BranchName?, soak: Int64, approvals: ApprovalPolicy,
        rollbackApprovals: ApprovalPolicy? = nil, windows: WindowSchedule = WindowSchedule([]), gates: [ExternalGate] = [],
        emergency: Role = .empty,
        promoters: Role, mergers: Role, operators: Role, verifiers: Role,
        automation: Automation = Automation(), asksProvenance: Bool = false,
        unrendered: UnrenderedPolicy = .allow
    ) {
        self.asksProvenance = asksProvenance
        self.unrendered = unrendered
        self.name = name
        self.source = source
        self.branch = branch
        self.soak = soak
        self.approvals = approvals
        self.rollbackApprovals = rollbackApprovals ?? approvals
        self.windows = windows
        self.gates = gates
        self.emergency = emergency
        self.promoters = promoters
        self.mergers = mergers
        self.operators = operators
        self.verifiers = verifiers
        self.automation = automation
    }

    /// The same, with its releases from elsewhere.
    func taking(from source: PromotionSource, past passedOver: [EnvironmentName]) -> Environment {
        var other = self
        other.source = source
        other.passedOver = passedOver
        return other
    }

    /// Whose consent a promotion or a rollback into it needs.
    public func approvals(ofRollback isRollback: Bool) -> ApprovalPolicy { isRollback ? rollbackApprovals : approvals }

    /// Whether the builder of a release does not count among its approvers here.
    public var excludesBuilder: Bool {
        [approvals, rollbackApprovals].contains { $0.required > 0 && $0.fourEyes.contains(.builder) }
    }

    /// Who may say no to a promotion or a rollback into it: its operators, and those whose consent it needs.
    public func rejecters(ofRollback isRollback: Bool) -> [(role: Role, noun: String)] {
        [(operators, "operators of \(name)"), (approvals(ofRollback: isRollback).from, "approvers of \(name)")]
    }
}

/// What `promote reconcile` does in an environment as soon as it may be done. No check is bypassed for it.
public struct Automation: Hashable, Sendable {
    /// Whether a release that is verified upstream, or the newest build, is promoted.
    public let promotes: Bool
    /// Whether a promotion whose checks all pass is merged.
    public let merges: Bool

    public init(promotes: Bool = false, merges: Bool = false) {
        self.promotes = promotes
        self.merges = merges
    }
}

/// Where an environment's releases come from.
public enum PromotionSource: Hashable, Sendable {
    /// From the build itself: an entry environment.
    case build
    /// From other environments, where the release must have been verified.
    case environments([EnvironmentName], require: Requirement)

    public enum Requirement: String, Hashable, Sendable {
        case all
        case any
    }

    public var environments: [EnvironmentName] {
        if case .environments(let names, _) = self { names } else { [] }
    }
}

/// What a promotion moves from, as people type it: `build` or an environment.
public enum PromotionOrigin: Hashable, Sendable, CustomStringConvertible {
    case build
    case environment(EnvironmentName)

    /// A rollback takes a release from what the environment itself ran before.
    public func isRollback(into target: EnvironmentName) -> Bool { self == .environment(target) }

    public var description: String {
        switch self {
        case .build: "build"
        case .environment(let name): name.text
        }
    }
}

extension PromotionOrigin: ValidatedText {
    public var text: String { description }
    public static var noun: String { "build or an environment" }

    public init?(_ text: String) {
        if text == "build" {
            self = .build
        } else if let name = EnvironmentName(text) {
            self = .environment(name)
        } else {
            return nil
        }
    }
}

/// Whose consent a promotion into an environment needs.
public struct ApprovalPolicy: Hashable, Sendable {
    public let required: Int
    public let from: Role
    /// Who does not count, though listed.
    public let fourEyes: Set<FourEyes>
    /// Who must be among those that approve.
    public let include: Set<Principal>
    /// Seconds after which an approval counts no more; nil for never.
    public let expiry: Int64?

    public enum FourEyes: String, Hashable, Sendable, CaseIterable {
        case requester
        case builder
        /// Who made the last commit of what is approved: of a promotion, its requester; of another change, its author.
        case committer
    }

    /// The same, with so many approvals at least.
    public func requiring(atLeast least: Int) -> ApprovalPolicy {
        ApprovalPolicy(
            required: max(required, least), from: from, fourEyes: fourEyes, include: include, expiry: expiry)
    }

    /// Whether the author, who asks for the approval, does not count.
    public var excludesAuthor: Bool { !fourEyes.isDisjoint(with: [.requester, .committer]) }

    /// Those of `include` who are not among `counted`, sorted.
    public func missing(from counted: [Principal]) -> [Principal] { include.subtracting(counted).sorted() }

    /// Why an approval of `time` counts no more at `now`; nil while it does.
    public func expiryProblem(_ time: Timestamp, at now: Timestamp) -> String? {
        guard let expiry, now > time.adding(seconds: expiry) else { return nil }
        return "given at \(time), and expired"
    }

    public init(
        required: Int, from: Role, fourEyes: Set<FourEyes>, include: Set<Principal> = [], expiry: Int64? = nil
    ) {
        self.include = include
        self.expiry = expiry
        self.required = required
        self.from = from
        self.fourEyes = fourEyes
    }
}

/// Who may do something.
public enum Role: Hashable, Sendable {
    /// Everyone who can write to the repository.
    case anyone
    /// The listed principals and the members of the listed teams.
    case members(Members)

    public struct Members: Hashable, Sendable {
        /// As the configuration lists them, for people.
        public let names: [String]
        /// With teams resolved.
        public let principals: Set<Principal>

        public init(names: [String], principals: Set<Principal>) {
            self.names = names
            self.principals = principals
        }
    }

    /// Whether the principal is meant, proven or not.
    public func includes(_ principal: Principal) -> Bool {
        switch self {
        case .anyone: true
        case .members(let members): members.principals.contains(principal)
        }
    }

    /// A list of principals, without teams.
    public static func listing(_ principals: [Principal]) -> Role {
        .members(Members(names: principals.map(\.text), principals: Set(principals)))
    }

    /// A role that no principal has.
    public static let empty = Role.listing([])

    /// Who to ask, sorted; empty for "anyone".
    public var principals: [Principal] {
        switch self {
        case .anyone: []
        case .members(let members): members.principals.sorted()
        }
    }

    /// Who can clear what stands in the way, for people, also where no list says it.
    var clearers: [String] {
        switch self {
        case .anyone: ["everyone who can push"]
        case .members: principals.map(\.text)
        }
    }

    /// For people: the listed names, or "anyone who can write to the repository".
    public var description: String {
        switch self {
        case .anyone: "anyone who can write to the repository"
        case .members(let members): members.names.isEmpty ? "an empty list" : members.names.joined(separator: ", ")
        }
    }
}
