import GitOpsTypes
import PromotionDomain
import PromotionForge

/// What people said of a promotion on its forge.
struct ReviewFindings: Sendable {
    /// Approvals that the ledger does not have yet, and those that are no more.
    let events: [Event.Payload]
    let reading: PromotionFacts.ReviewReading
}

/// The reviews of a pull request, as far as they can be read.
enum ReadReviews: Sendable {
    case read([ForgeReview])
    case unreadable(String)
}

/// Reads what was said of a pull request, and what of it counts.
struct ForgeReviews: Sendable {
    let session: Session
    let forge: any Forge

    /// - Throws: `ForgeError` where asking again later may help.
    func readReviews(of pullRequest: ForgePullRequest) async throws(ForgeError) -> ReadReviews {
        do throws(ForgeError) {
            return .read(try await forge.reviews(of: pullRequest))
        } catch {
            switch error {
            case .unauthorized(let reason), .notFound(let reason), .malformed(let reason), .rejected(_, let reason):
                return .unreadable(reason)
            case .unavailable, .rateLimited, .alreadyOpen: throw error
            }
        }
    }

    /// Compares the reviews on the forge with what the ledger has of them.
    ///
    /// Only consent to the very head that is proposed counts, by an account that the policy gives to a principal, who is neither
    /// a machine nor the pull request's author.
    func findings(
        _ promotion: Promotion, of application: ApplicationName, _ pullRequest: ForgePullRequest, _ reviews: ReadReviews,
        _ policy: Policy
    ) -> ReviewFindings {
        guard let settings = policy.forge.settings, let environment = policy.environment(promotion.environment) else {
            return ReviewFindings(events: [], reading: .notAsked)
        }
        guard case .read(let reviews) = reviews else {
            let reason = if case .unreadable(let reason) = reviews { reason } else { "" }
            return ReviewFindings(events: [], reading: .unreadable(reason))
        }
        let approvers = environment.approvals(ofRollback: promotion.isRollback).from
        var events: [Event.Payload] = []
        var objections: [PromotionFacts.Objection] = []
        var consenting: Set<Principal> = []
        for review in reviews {
            guard let principal = settings.principal(of: review.reviewer.login) else { continue }
            let isApprover = approvers.includes(principal)
            switch review.verdict {
            case .changesRequested:
                guard isApprover else { continue }
                objections.append(.init(by: principal, text: "\(principal) requests changes on \(settings.kind.name)"))
            case .approved:
                let isOwn = review.reviewer.login.lowercased() == pullRequest.author.login.lowercased()
                guard isApprover, review.problem == nil, review.commit == promotion.content.head, !review.reviewer.isBot, !isOwn
                else { continue }
                consenting.insert(principal)
                let word = ForgeWord(
                    forge: settings.kind, pullRequest: pullRequest.number, principal: principal, login: review.reviewer.login,
                    review: review.id, at: review.at)
                let present = promotion.approvals.first { $0.by == principal && $0.head == promotion.content.head }
                // A signed one is worth more than the forge's word, and the same review is not recorded twice.
                if let present, present.review == nil || present.review?.review == review.id { continue }
                guard promotion.isLatestWord(word) else { continue }
                events.append(
                    .promotionApproved(
                        .init(
                            application: application, promotion: promotion.number, environment: promotion.environment,
                            release: promotion.release, head: promotion.content.head, rendered: promotion.content.rendered,
                            review: word)))
            }
        }
        for approval in promotion.approvals {
            guard let word = approval.review, !consenting.contains(approval.by) else { continue }
            events.append(.approvalRevoked(.init(promotion: promotion.number, review: word)))
        }
        return ReviewFindings(events: events, reading: .objections(objections))
    }

    /// A report on an open promotion as it would be with what people said on the forge until now.
    func report(
        _ id: PromotionID, _ number: Int, in view: ApplicationView, _ action: PromotionReport.Action
    ) async throws -> PromotionReport {
        let snapshot = view.snapshot
        var state = view.state
        var promotion = try requirePromotion(id, in: state)
        var reading: PromotionFacts.ReviewReading
        do throws(ForgeError) {
            let pullRequest = try await forge.pullRequest(number)
            let reviews = try await readReviews(of: pullRequest)
            let findings = findings(promotion, of: id.application, pullRequest, reviews, snapshot.policy)
            for payload in findings.events {
                state.apply(session.event(payload, of: state.application, snapshot), key: nil)
            }
            reading = findings.reading
        } catch {
            // Looking goes on without the forge, and says so.
            reading = .unreadable(error.reason)
        }
        promotion = try requirePromotion(id, in: state)
        let checks = try await PromotionChecks(session: session).checks(
            of: promotion, in: ApplicationView(view.application, state, snapshot), .init(reviews: reading))
        return try PromotionChecks.report(promotion, in: state, checks, action)
    }
}
