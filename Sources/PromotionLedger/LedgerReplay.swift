public import GitOpsTypes
public import PromotionDomain

/// What judging a ledger needs to know of the target branches.
public struct LedgerFacts {
    /// The policy that counts at a commit of the target branch's history, given what this ledger said so far; nil for none.
    public let policy: (CommitID, ApplicationState) throws -> Policy?
    /// Whether the first commit is the second or follows from it.
    public let follows: (CommitID, CommitID) throws -> Bool
    /// Why a commit is not a merge of what was proposed that is on the environment's branch; nil when it is.
    public let mergeProblem: (_ commit: CommitID, PromotionContent, Environment) throws -> String?
    /// Why the application of that name did not have in an environment what is said was found there; nil when it had.
    public let contentProblem: (FoundClaim, ApplicationName, Policy) throws -> String?
    /// What froze the environment that an event changed, when it changed it.
    public let freezes: (Event) throws -> [Freeze]
    /// Who made a commit, and when.
    public let observed: (CommitID) throws -> ObservedMerge?
    /// What time it is for the reader.
    public let now: Timestamp
    /// The policy that counts at the tip of the target branch, given what this ledger said so far; nil for none.
    public let present: (ApplicationState) throws -> Policy?
    /// Whether the events only arrive: then no program's age excuses what a rule of today refuses.
    public let isArriving: Bool

    public init(
        policy: @escaping (CommitID, ApplicationState) throws -> Policy?,
        present: @escaping (ApplicationState) throws -> Policy?, now: Timestamp, isArriving: Bool = false,
        freezes: @escaping (Event) throws -> [Freeze],
        observed: @escaping (CommitID) throws -> ObservedMerge?,
        follows: @escaping (CommitID, CommitID) throws -> Bool,
        mergeProblem: @escaping (CommitID, PromotionContent, Environment) throws -> String?,
        contentProblem: @escaping (FoundClaim, ApplicationName, Policy) throws -> String?
    ) {
        self.contentProblem = contentProblem
        self.isArriving = isArriving
        self.now = now
        self.freezes = freezes
        self.observed = observed
        self.present = present
        self.policy = policy
        self.follows = follows
        self.mergeProblem = mergeProblem
    }
}

/// What an event says that an environment had.
public struct FoundClaim: Sendable {
    public let environment: EnvironmentName
    public let found: FoundContent
    /// It was there with these commits, or after them.
    public let commits: [CommitID]
    /// The tip of the target branch when it was said; nil where what was there earlier may be meant.
    public let tip: CommitID?
}

/// An event that would count if it were not for its time, which is ahead of the reader's clock.
///
/// It counts for every reader once that time has come, and nothing can be written behind it before: or else what was written would
/// be taken for older than it, and refused. So a reader stops in front of it.
public struct FutureDatedEvent: Error, Hashable, Sendable {
    public let commit: CommitID
    public let event: Event

    public init(commit: CommitID, event: Event) {
        self.commit = commit
        self.event = event
    }
}

/// Folds records into the state of an application, judging each as it was when it was written.
public struct LedgerReplay {
    /// So far may clocks differ.
    public static let toleranceSeconds = EventAdmission.toleranceSeconds

    public private(set) var state: ApplicationState
    /// Time and policy commit of the last event that was applied.
    public private(set) var lastTime: Timestamp?
    public private(set) var lastPolicy: CommitID?
    /// Whether an event that names its ledger was applied.
    public private(set) var hasNamedEvents: Bool
    private var seenIDs: Set<String>
    private let facts: LedgerFacts
    private let words: SkippingWords
    /// The words by which an event was passed over.
    public private(set) var standing: Set<CommitID>

    /// - Parameters:
    ///   - state: where earlier records led.
    ///   - position: how far they went; nil when there are none.
    ///   - seenIDs: the ids of events before these, at least where these have the same.
    ///   - words: the records, of all that follow, that say of another event that it does not count.
    ///   - standing: those of them by which an event was passed over before these records.
    public init(
        state: ApplicationState, after position: LedgerPosition?, seenIDs: Set<String>, facts: LedgerFacts,
        words: SkippingWords = SkippingWords([]), standing: Set<CommitID> = []
    ) {
        self.standing = standing
        self.words = words
        self.state = state
        lastTime = position?.lastTime
        lastPolicy = position?.lastPolicy
        hasNamedEvents = position?.hasNamedEvents ?? false
        self.seenIDs = seenIDs
        self.facts = facts
    }

    /// Judges `record` and applies it when it passes.
    ///
    /// - Throws: `FutureDatedEvent`, and what the facts throw; nothing was added then.
    public mutating func add(_ record: LedgerRecord) throws -> JudgedRecord {
        guard case .event(let event, let actor) = record.content else {
            return JudgedRecord(
                commit: record.commit, content: record.content, release: nil, environment: nil,
                rejection: try unread(record.content))
        }
        var rejection = try judge(event, actor, record.commit)
        if rejection == nil, let word = try standingWord(on: record.commit, event) {
            standing.insert(word.commit)
            rejection = .init(reason: word.reason, isPassedOver: true)
        }
        if rejection == nil, event.time.seconds > facts.now.seconds + Self.toleranceSeconds {
            throw FutureDatedEvent(commit: record.commit, event: event)
        }
        if let rejection {
            state.disregard(event, because: rejection.reason)
        } else {
            if case .violationAccepted(let acceptance) = event.payload { state.void(try voided(by: acceptance)) }
            state.apply(event, key: actor.keyFingerprint)
            lastTime = event.time
            lastPolicy = event.policyCommit
            hasNamedEvents = hasNamedEvents || event.application != nil
        }
        seenIDs.insert(event.id)
        let subject = event.payload.subject
        let promotion = subject.promotion.flatMap(state.promotion)
        return JudgedRecord(
            commit: record.commit, content: record.content, release: subject.release ?? promotion?.release,
            environment: subject.environment ?? promotion?.environment, rejection: rejection)
    }

    private func unread(_ content: LedgerRecord.Content) throws -> JudgedRecord.Rejection? {
        switch content {
        case .event: return nil
        case .damaged(let reason): return .init(reason: reason)
        case .newer(let reason, let actor):
            let present = try facts.present(state)
            return .init(
                reason: reason,
                isOfNewerProgram: present.map { Authorization(actor, under: $0, at: facts.now).isProven } ?? false)
        }
    }

    /// The first word on an event that counts: by an operator, further on in the ledger, and dated so long before the event that the
    /// event was ahead of the clock when it was said. What it is now does not matter, so that every reader finds the same.
    private func standingWord(on commit: CommitID, _ event: Event) throws -> (commit: CommitID, reason: String)? {
        for word in words.on(commit) {
            guard word.event.time.seconds + Self.toleranceSeconds < event.time.seconds,
                word.event.time.seconds <= facts.now.seconds + Self.toleranceSeconds,
                try judge(word.event, word.actor) == nil
            else { continue }
            return (
                word.commit, "dated \(event.time), and \(word.event.actor) says that it does not count: \(word.skip.reason)"
            )
        }
        return nil
    }

    private func judge(_ event: Event, _ actor: Actor, _ commit: CommitID) throws -> JudgedRecord.Rejection? {
        if case .eventSkipped(let payload) = event.payload, !standing.contains(commit) {
            return .init(
                reason:
                    "\(payload.commit.short) is not an event before it that is dated ahead of it, and that would count otherwise")
        }
        return try judge(event, actor)
    }

    private func judge(_ event: Event, _ actor: Actor) throws -> JudgedRecord.Rejection? {
        func refused(_ reason: String, isUnsettled: Bool = false) -> JudgedRecord.Rejection {
            .init(reason: reason, isUnsettled: isUnsettled)
        }
        if seenIDs.contains(event.id) { return refused("the event \(event.id) is in the ledger already") }
        if let lastTime, event.time < lastTime { return refused("its time is before that of the event before it") }
        guard let policy = try facts.policy(event.policyCommit, state) else {
            return refused(
                "its policy commit \(event.policyCommit.short) is none of the target branch's history", isUnsettled: true)
        }
        if let lastPolicy, try !facts.follows(event.policyCommit, lastPolicy) {
            return refused("its policy commit \(event.policyCommit.short) is older than that of the event before it")
        }
        do {
            var observed: ObservedMerge?
            if case .promotionMerged(let merge) = event.payload, merge.merger != nil {
                observed = try facts.observed(merge.commit)
                let promotion = state.promotion(merge.promotion)
                observed?.late = try late(promotion?.approvals.map(\.policyCommit) ?? [], merge.commit)
            }
            // What a program wrote that knew no better stands as it was; once one that does has written, all are held to it.
            let isStrict = facts.isArriving || hasNamedEvents || event.application != nil
            try EventAdmission(state: state, policy: policy, freezes: facts.freezes(event), isStrict: isStrict).admit(
                event, by: actor, observed: observed)
        } catch let error as Refusal {
            return refused("\(error.rule): \(error.message)")
        }
        if let application = event.application, application != state.application {
            return refused("it was written for the ledger of \(application)")
        }
        if case .promotionMerged(let merge) = event.payload, let content = state.promotion(merge.promotion)?.content,
            let environment = policy.environment(merge.environment),
            let problem = try facts.mergeProblem(merge.commit, content, environment)
        {
            return refused("authorized-merge: \(problem)", isUnsettled: true)
        }
        if let claim = Self.claim(of: event), let problem = try facts.contentProblem(claim, state.application, policy) {
            return refused("authorized-merge: \(problem)", isUnsettled: true)
        }
        return nil
    }

    /// What an event says was found in an environment; nil where it says nothing of that.
    private static func claim(of event: Event) -> FoundClaim? {
        if case .violationAccepted(let acceptance) = event.payload, let found = acceptance.found {
            return FoundClaim(environment: acceptance.environment, found: found, commits: acceptance.commits, tip: nil)
        }
        if case .baselineRecorded(let baseline) = event.payload {
            return FoundClaim(environment: baseline.environment, found: baseline.found, commits: [], tip: event.policyCommit)
        }
        return nil
    }

    /// The verifications that an acceptance takes away: of those it casts doubt on, all that were not recorded before what is
    /// accepted was there, as Git's own order tells.
    private func voided(by acceptance: Event.ViolationAccepted) throws -> [Int] {
        try state.doubted(by: acceptance).filter { place in
            guard let tip = state.verifications[place].policyCommit else { return true }
            return try !acceptance.commits.allSatisfy { try $0 != tip && facts.follows($0, tip) }
        }
    }

    /// Those of `tips` that have `merge` already.
    private func late(_ tips: [CommitID], _ merge: CommitID) throws -> Set<CommitID> {
        try Set(Set(tips).filter { try facts.follows($0, merge) })
    }
}
