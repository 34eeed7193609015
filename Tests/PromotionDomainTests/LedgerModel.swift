import GitOpsTypes

@testable import PromotionDomain

/// What a ledger of an application may say, told once more and in the simplest way: what a test holds the domain against.
struct LedgerModel {
    private(set) var releases: Set<ReleaseID>
    private(set) var open: [EnvironmentName: Int] = [:]
    /// Promotions that are decided, as they were then.
    private(set) var ended: [Int: Promotion] = [:]
    private(set) var count = 0
    /// What only ran somewhere when promotions began.
    private var baselines: Set<ReleaseID> = []
    private var withPullRequest: Set<Int> = []
    private var yanked: Set<ReleaseID> = []
    private var held: Set<EnvironmentName> = []
    private var ran: [EnvironmentName: Set<ReleaseID>] = [:]
    private var violations: [EnvironmentName: Set<CommitID>] = [:]
    private(set) var problems: [String] = []

    init(_ releases: [Release]) {
        self.releases = Set(releases.map(\.id))
    }

    private mutating func require(_ condition: Bool, _ problem: String) {
        if !condition { problems.append(problem) }
    }

    /// Takes what was admitted, and that `state` is what it led to.
    mutating func take(_ payload: Event.Payload, leadingTo state: ApplicationState) {
        problems = []
        if let number = payload.subject.promotion, payload.type != .promotionRequested {
            require(open.values.contains(number), "promotion \(number) is not open, and takes \(payload.type)")
        }
        switch payload {
        case .releaseRegistered(let event):
            let isNew = releases.insert(event.release).inserted
            require(baselines.remove(event.release) != nil || isNew, "\(event.release) is registered twice")
        case .baselineRecorded(let event):
            require(ran[event.environment] == nil, "\(event.environment) ran something, and has a baseline")
            if releases.insert(event.release).inserted { baselines.insert(event.release) }
            ran[event.environment] = [event.release]
            require(state.deployment(in: event.environment)?.release == event.release, "the baseline does not run")
            require(
                releases.allSatisfy { baselines.contains($0) || !state.isRelease($0, olderThan: event.release) }
                    || !baselines.contains(event.release), "the baseline is not older than what was built")
        case .promotionRequested(let event): request(event)
        case .pullRequestOpened(let event):
            require(withPullRequest.insert(event.promotion).inserted, "\(event.promotion) has two pull requests")
        case .promotionMerged(let event):
            ran[event.environment, default: []].insert(event.release)
            require(!held.contains(event.environment) || isRollback(event.promotion, state), "\(event.environment) is held")
            require(!yanked.contains(event.release), "\(event.release) is yanked")
            end(event.promotion, state)
        case .promotionClosed(let event): end(event.promotion, state)
        case .promotionSuperseded(let event):
            require(event.by == count + 1, "\(event.promotion) is superseded by \(event.by)")
            end(event.promotion, state)
        case .holdPlaced(let event): require(held.insert(event.environment).inserted, "\(event.environment) is held twice")
        case .holdLifted(let event):
            require(held.remove(event.environment) != nil, "\(event.environment) is not held, and goes on")
        case .releaseYanked(let event):
            require(releases.contains(event.release), "\(event.release) is not registered, and yanked")
            require(yanked.insert(event.release).inserted, "\(event.release) is yanked twice")
        case .verificationRecorded(let event):
            require(
                ran[event.environment, default: []].contains(event.release), "\(event.release) never ran in \(event.environment)")
        case .violationDetected(let event):
            require(violations[event.environment, default: []].insert(event.commit).inserted, "\(event.commit) is found twice")
        case .violationAccepted(let event):
            require(violations[event.environment, default: []].isSuperset(of: event.commits), "what is accepted was not found")
            if let found = state.deployment(in: event.environment) { ran[event.environment, default: []].insert(found.release) }
        default: break
        }
        compare(state)
    }

    private mutating func request(_ event: Event.PromotionRequested) {
        count += 1
        require(event.promotion == count, "number \(event.promotion) comes after \(count - 1)")
        require(open[event.environment] == nil, "a second promotion into \(event.environment)")
        require(releases.contains(event.release), "\(event.release) is not registered")
        require(!yanked.contains(event.release), "\(event.release) is yanked")
        require(
            !held.contains(event.environment) || event.from.isRollback(into: event.environment), "\(event.environment) is held")
        open[event.environment] = event.promotion
    }

    private func isRollback(_ number: Int, _ state: ApplicationState) -> Bool {
        state.promotion(number)?.isRollback == true
    }

    private mutating func end(_ number: Int, _ state: ApplicationState) {
        open = open.filter { $0.value != number }
        ended[number] = state.promotion(number)
        require(ended[number]?.isOpen == false, "\(number) is decided, and open")
    }

    /// What the state answers is what the model has.
    private mutating func compare(_ state: ApplicationState) {
        require(state.promotions.map(\.number) == Array(1..<count + 1), "the promotions are \(state.promotions.map(\.number))")
        require(state.nextPromotionNumber == count + 1, "the next number is \(state.nextPromotionNumber)")
        require(state.releases.count == releases.count && Set(state.releases.map(\.id)) == releases, "other releases")
        require(Set(state.holds.keys) == held, "other holds")
        require(Set(state.yanks.keys) == yanked, "other yanks")
        let found = Dictionary(grouping: state.promotions.filter(\.isOpen), by: \.environment)
        require(found.values.allSatisfy { $0.count == 1 }, "two open promotions into one environment")
        require(found.compactMapValues { $0.first?.number } == open, "other open promotions")
        for environment in Set(state.promotions.map(\.environment)) {
            require(
                state.openPromotion(into: environment)?.number == open[environment], "the open promotion into \(environment)")
        }
        for (number, promotion) in ended {
            require(state.promotion(number) == promotion, "\(number) was decided, and changed")
        }
        for promotion in state.promotions {
            let people = promotion.approvals.map(\.by) + promotion.rejections.map(\.by)
            require(Set(people).count == people.count, "two words of one principal on \(promotion.number)")
        }
        for (environment, history) in state.deployments {
            require(history.dropLast().allSatisfy { $0.until != nil }, "two releases are in \(environment)")
        }
    }
}
