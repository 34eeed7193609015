public import GitOpsTypes

/// What is asked: may this release move into this environment, as far as it has come?
///
/// Plan, promote, explain, merge and the reading of the ledger all ask here, so that they give the same answer.
public struct PromotionQuestion: Sendable {
    public var policy: Policy
    public var state: ApplicationState
    public var environment: Environment
    public var release: ReleaseID
    public var origin: PromotionOrigin
    /// The promotion that is judged; nil while it is only planned.
    public var promotion: Promotion?
    public var time: Timestamp
    /// What may freeze the environment.
    public var freezes: [Freeze]
    /// Why what only delays is passed over; nil in ordinary times.
    public var emergency: String?
    /// What was read of the reviews on a forge.
    public var reviews = ReviewReading.notAsked
    /// Whether what is asked of keys today is asked; false for what programs wrote that knew no better.
    public var isStrict = true
    /// Since when keys behind the evidence are revoked, by their fingerprints; what is missing is not known.
    public var revocations: [String: Revocation] = [:]

    /// What is known of those who object on a forge. Their consent is in the ledger.
    public enum ReviewReading: Hashable, Sendable {
        case notAsked
        case objections([Objection])
        /// Nobody knows whether somebody objects; a sentence says why.
        case unreadable(String)
    }

    /// An approver who asks for changes on a forge.
    public struct Objection: Hashable, Sendable {
        public let by: Principal
        /// A sentence for people.
        public let text: String

        public init(by: Principal, text: String) {
            self.by = by
            self.text = text
        }
    }

    /// Whether it goes back to what the environment ran before.
    var isRollback: Bool { origin.isRollback(into: environment.name) }

    /// Whose consent is needed.
    var approvals: ApprovalPolicy { environment.approvals(ofRollback: isRollback) }

    public init(
        policy: Policy, state: ApplicationState, environment: Environment, release: ReleaseID, origin: PromotionOrigin,
        promotion: Promotion?, time: Timestamp, freezes: [Freeze], emergency: String? = nil
    ) {
        self.freezes = freezes
        self.emergency = promotion == nil ? emergency : promotion?.emergency
        self.policy = policy
        self.state = state
        self.environment = environment
        self.release = release
        self.origin = origin
        self.promotion = promotion
        self.time = time
    }
}

/// What Git's trees say about a promotion: the part of the evidence that is not in the ledger.
public struct ContentEvidence: Sendable {
    /// Every image of the application in the rendered environment; nil where there is nothing that may be rendered.
    public var images: [ImageOccurrence]?
    public var scope: Scope
    public var merge: MergeEvidence
    /// What external gates said, by their names; what is missing was not asked.
    public var verdicts: [String: ExternalVerdict] = [:]
    /// Whether where the images are from is proven; nil where nobody looked.
    public var provenance: ExternalVerdict?

    public enum Scope: Hashable, Sendable {
        /// The promotion changes what the plan says and nothing else.
        case exact(paths: [String])
        /// It changes something else; a sentence says what.
        case violated(String)
    }

    public enum MergeEvidence: Hashable, Sendable {
        /// Merged now, the environment renders to what was proposed.
        case rendersAsProposed
        /// The target branch moved so that the merge would render something else.
        case rendersDifferently
        case conflict(paths: [String])
        /// The overlay cannot be rendered; a sentence says why.
        case doesNotRender(String)
    }

    public init(images: [ImageOccurrence]?, scope: Scope, merge: MergeEvidence) {
        self.images = images
        self.scope = scope
        self.merge = merge
    }
}

/// One place that runs an image: of rendered manifests, or a value that is marked.
public struct ImageOccurrence: Hashable, Sendable {
    /// How it is known that what stands there runs.
    public enum Evidence: Hashable, Sendable {
        /// A container, an image volume, or a field that a configuration names, in what is rendered.
        case rendered
        /// A value that is marked. What is made of it is rendered elsewhere.
        case marked
    }

    /// `Deployment storefront-prod/web`
    public let object: String
    public let container: String
    /// The application's image that belongs there.
    public let image: ImageName
    /// The digest that is there; nil when the image is by tag or bare.
    public let digest: String?
    /// The whole text, for people.
    public let text: String
    public let evidence: Evidence

    public init(
        object: String, container: String, image: ImageName, digest: String?, text: String, evidence: Evidence = .rendered
    ) {
        self.evidence = evidence
        self.object = object
        self.container = container
        self.image = image
        self.digest = digest
        self.text = text
    }
}

/// Judges promotions, purely: the same question and evidence always give the same checks.
public struct PromotionJudgement {
    private let question: PromotionQuestion

    public init(_ question: PromotionQuestion) {
        self.question = question
    }

    /// The checks that the ledger and the policy alone decide, cheapest first, those that ask people last.
    public func ledgerChecks() -> [Check] {
        releaseChecks()
            + [
                OneOpenPromotionGate.check(question), SoakGate.check(question), WindowsGate.check(question),
                ApprovalGate.check(question, contentIsCurrent: true),
            ].compactMap(\.self).map(inEmergency)
    }

    /// What is asked of the release and of the environments on its way.
    private func releaseChecks() -> [Check] {
        [
            BuiltOnceGate.check(question), NotYankedGate.check(question), NotHeldGate.check(question),
            VerifiedUpstreamGate.check(question), NotTaintedGate.check(question), NoSilentDowngradeGate.check(question),
        ].map(inEmergency)
    }

    /// All checks.
    ///
    /// - Parameter merger: who is about to merge; nil while nobody is.
    public func checks(_ evidence: ContentEvidence, merger: Actor? = nil) -> [Check] {
        releaseChecks()
            + [
                OneOpenPromotionGate.check(question), ScopeGate.check(evidence), MergeableGate.check(question, evidence),
                DigestExactGate.check(question, evidence),
                ProvenanceGate.check(question, evidence),
            ].compactMap(\.self).map(inEmergency) + ExternalGateCheck.checks(question, evidence).map(inEmergency)
            + [
                SoakGate.check(question), WindowsGate.check(question),
                ApprovalGate.check(question, contentIsCurrent: evidence.merge != .rendersDifferently),
                merger.flatMap { AuthorizedMergeGate.check(question, merger: $0) },
            ].compactMap(\.self).map(inEmergency)
    }

    private func inEmergency(_ check: Check) -> Check {
        question.emergency.map { Emergency.pass(check, because: $0) } ?? check
    }
}

extension [Check] {
    public var failed: [Check] { filter { $0.status == .fail } }
    public var pending: [Check] { filter { $0.status == .pending } }

    /// The refusal that these checks amount to: a failed one before a pending one, in their order; nil when all pass.
    public func refusal(of action: String, allowPending: Bool) -> Refusal? {
        if let first = failed.first {
            return Refusal(
                first.rule, "\(action): \(first.detail)", hint: Self.hint(for: first), checks: self, role: Self.role(for: first))
        }
        guard !allowPending, let first = pending.first else { return nil }
        return Refusal(first.rule, "\(action): \(first.detail)", hint: Self.hint(for: first), checks: self, isPending: true)
    }

    /// Who may merge, where that is why it is refused: then a key alone does not help.
    private static func role(for check: Check) -> Role {
        guard check.rule == .authorizedMerge, !check.clearedBy.isEmpty else { return .anyone }
        return .listing(check.clearedBy.compactMap { Principal($0) })
    }

    private static func hint(for check: Check) -> String? {
        check.clearedBy.isEmpty ? nil : "can be cleared by \(check.clearedBy.joined(separator: ", "))"
    }
}
