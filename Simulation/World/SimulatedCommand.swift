import FaultInjection
import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// A command line, as participants type it.
enum SimulatedCommand: Hashable, CustomStringConvertible {
    /// Build `number` of an application; some of them are rebuilds of what another number is.
    case register(String, build: Int)
    case promote(String, from: String, to: String)
    case verify(String, environment: String, passes: Bool)
    case approve(String, Int)
    case revoke(String, Int)
    case reject(String, Int)
    case merge(String, Int)
    case close(String, Int)
    case status
    case reconcile
    case plan(String, from: String, to: String)
    case rollback(String, String)
    case hold(String, String)
    case resume(String, String)
    case yank(String, build: Int)
    case sync
    case accept(String, String)

    /// Something that somebody like `person` would do now.
    static func any(by person: String, in world: World) -> SimulatedCommand {
        let application = world.chance(80) ? "web" : "api"
        let promotion = world.promotions(of: application)
        // Mostly the newest, sometimes an older one, sometimes one that does not exist.
        let number = world.chance(70) ? promotion : max(1, promotion + 1 - world.random(below: 3))
        let toProd = world.chance(50)
        if person == "ci", world.chance(60) {
            switch world.random(below: 3) {
            case 0: return .register(application, build: world.random(below: 5))
            default: return .verify(application, environment: world.chance(85) ? "dev" : "prod", passes: world.chance(85))
            }
        }
        switch world.random(below: 100) {
        case 0..<35:
            return toProd ? .promote(application, from: "dev", to: "prod") : .promote(application, from: "build", to: "dev")
        case 35..<53: return .approve(application, number)
        case 53..<56:
            let environment = toProd ? "prod" : "dev"
            switch world.random(below: 8) {
            case 0: return .hold(application, environment)
            case 1..<4: return .resume(application, environment)
            case 4..<7: return .rollback(application, environment)
            default: return .yank(application, build: world.random(below: 5))
            }
        case 56..<82: return .merge(application, number)
        case 82..<87: return .close(application, number)
        case 87..<90: return .revoke(application, number)
        case 90: return .reject(application, number)
        case 91..<93: return .reconcile
        case 93..<96: return .plan(application, from: "dev", to: "prod")
        default: return .status
        }
    }

    var description: String {
        switch self {
        case .register(let application, let build): "register \(application) build \(build)"
        case .promote(let application, let from, let to): "\(from) \(to) --app \(application)"
        case .verify(let application, let environment, let passes):
            "verify \(environment) --app \(application) --result \(passes ? "passed" : "failed")"
        case .approve(let application, let number): "approve \(application)-\(number)"
        case .revoke(let application, let number): "revoke \(application)-\(number)"
        case .reject(let application, let number): "reject \(application)-\(number) --reason …"
        case .merge(let application, let number): "merge \(application)-\(number)"
        case .close(let application, let number): "close \(application)-\(number)"
        case .status: "status"
        case .reconcile: "reconcile"
        case .sync: "sync"
        case .accept(let application, let environment): "accept \(environment) --app \(application) --reason …"
        case .rollback(let application, let environment): "rollback \(environment) --app \(application) --reason …"
        case .hold(let application, let environment): "hold \(environment) --app \(application) --reason …"
        case .resume(let application, let environment): "resume \(environment) --app \(application)"
        case .yank(let application, let build): "yank build \(build) of \(application)"
        case .plan(let application, let from, let to): "plan \(from) \(to) --app \(application)"
        }
    }

    static func digest(_ build: Int) -> String { "sha256:" + String(repeating: String(build + 1), count: 64) }

    func run(_ engine: PromotionEngine) async throws -> CommandOutcome {
        func expect(_ application: String, _ type: EventType, _ promotion: Int) -> CommandOutcome {
            .done([Expectation(application: application, type: type, promotion: promotion)])
        }
        defer { engine.reach(.answered) }
        switch self {
        case .register(let application, let build):
            guard let image = ImageReference("registry.example/\(application):v\(build)@\(Self.digest(build))"),
                // Builds 0 and 3, and 1 and 4, are of the same source commit.
                let commit = SourceCommit(String(repeating: String(build % 3 + 1), count: 40))
            else { return .broken("the simulation names no image") }
            let report = try await engine.register(
                RegistrationRequest(images: [image], application: application, commit: commit, source: nil, run: nil, tag: nil))
            return .done([Expectation(application: application, type: .releaseRegistered, release: report.release.id.text)])
        case .promote(let application, let from, let to):
            let report = try await engine.promote(
                PromotionRequest(from: from, to: to, application: application, release: nil))
            guard let promotion = report.promotion else { return .done([]) }
            return .done(
                [EventType.promotionRequested, .pullRequestOpened].map {
                    Expectation(application: application, type: $0, promotion: promotion.number)
                })
        case .verify(let application, let environment, let passes):
            let report = try await engine.verify(
                VerificationRequest(
                    environment: environment, application: application, result: passes ? .passed : .failed, release: nil,
                    evidence: nil))
            return .done([
                Expectation(
                    application: application, type: .verificationRecorded, release: report.verification.release.text)
            ])
        case .approve(let application, let number):
            _ = try await engine.approve("\(application)-\(number)", head: nil)
            return expect(application, .promotionApproved, number)
        case .revoke(let application, let number):
            let report = try await engine.revoke("\(application)-\(number)")
            return switch report.action {
            case .revoked: expect(application, .approvalRevoked, number)
            case .withdrawn: expect(application, .rejectionWithdrawn, number)
            default: .done([])
            }
        case .reject(let application, let number):
            let report = try await engine.reject("\(application)-\(number)", reason: "not yet")
            return report.action == .rejected ? expect(application, .promotionRejected, number) : .done([])
        case .merge(let application, let number):
            _ = try await engine.merge("\(application)-\(number)")
            return expect(application, .promotionMerged, number)
        case .close(let application, let number):
            let report = try await engine.close("\(application)-\(number)", reason: "not needed")
            return report.action == .closed ? expect(application, .promotionClosed, number) : .done([])
        case .status:
            _ = try await engine.status(application: nil, environment: nil)
            return .done([])
        case .reconcile:
            let steps = try await engine.reconcile(application: nil)
            return .done(
                steps.filter { $0.action == .merged }.map {
                    Expectation(
                        application: $0.application?.text ?? "", type: .promotionMerged, promotion: $0.promotion?.number)
                })
        case .sync:
            _ = try await engine.sync()
            return .done([])
        case .accept(let application, let environment):
            let report = try await engine.accept(environment, application: application, reason: "seen")
            return .done(report.isNew ? [Expectation(application: application, type: .violationAccepted)] : [])
        case .rollback(let application, let environment):
            let report = try await engine.rollback(
                RollbackRequest(environment: environment, application: application, release: nil, reason: "it failed"))
            guard let promotion = report.promotion else { return .done([]) }
            return .done(
                [EventType.promotionRequested, .pullRequestOpened].map {
                    Expectation(application: application, type: $0, promotion: promotion.number)
                } + [Expectation(application: application, type: .holdPlaced)])
        case .hold(let application, let environment):
            _ = try await engine.hold(environment, application: application, reason: "wait")
            return .done([Expectation(application: application, type: .holdPlaced)])
        case .resume(let application, let environment):
            let report = try await engine.resume(environment, application: application)
            return .done(report.isNew ? [Expectation(application: application, type: .holdLifted)] : [])
        case .yank(let application, let build):
            guard let name = ApplicationName(application), let image = ImageName("registry.example/\(application)"),
                let digest = ImageDigest(Self.digest(build))
            else { return .broken("the simulation names no release") }
            let release = ReleaseID(name, images: [ReleaseImage(name: image, digest: digest, tag: nil)])
            _ = try await engine.yank(release.text, reason: "it is broken")
            return .done([Expectation(application: application, type: .releaseYanked, release: release.text)])
        case .plan(let application, let from, let to):
            _ = try await engine.plan(PromotionRequest(from: from, to: to, application: application, release: nil))
            return .done([])
        }
    }
}
